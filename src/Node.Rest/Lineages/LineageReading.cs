using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Identities;
using Node.Rest.Problems;
using Node.Rest.Records;

namespace Node.Rest.Lineages;

/// <summary>Operations that answer what records were derived from, and what was derived from them.</summary>
internal sealed class LineageReading(RestChannel channel)
{
    private const string Tag = "Lineage";

    private static readonly ChoiceParameter s_direction = new(
        "direction", "up: what it was derived from; down: what was derived from it", ["up", "down"], "up");

    private static readonly NumberParameter s_depth = new(
        "depth", ParameterPlace.Query, "Levels beyond the record; -1: all, as far as the contract's limits go",
        (-1, 100_000), absent: -1);

    private static readonly NumberParameter s_asOf = new(
        "asOf", ParameterPlace.Query, "As it was when the chain had so many blocks; absent: as it is",
        (0, long.MaxValue), absent: -1);

    private static readonly TextsParameter s_roots =
        new("root", "A bad source: an id, or a key (its newest record); may be repeated");

    private static readonly TextParameter s_mspId = new(
        "mspId", ParameterPlace.Query, "Instead of roots: all that this organisation, or its writer, recorded");

    private static readonly TextParameter s_from =
        new("from", ParameterPlace.Query, "A key (its newest record) or an id");

    private static readonly TextParameter s_to =
        new("to", ParameterPlace.Query, "Another one; either may have come of the other");

    public IEnumerable<Operation> Operations() =>
    [
        .. RecordSelector.Twice(new("GET", "/lineage", "getLineage", "The lineage of the newest record", LineageAsync)
        {
            Tag = Tag,
            Parameters = [s_direction, s_depth, s_asOf, LineageForms.Format],
            Answers = [LineageForms.Answer],
        }),
        new("GET", "/api/v1/impact", "getImpact", "All that bad sources tainted", ImpactAsync)
        {
            Tag = Tag,
            Description = "What was derived from the roots, or from all that somebody recorded; the sources included.",
            Parameters = [s_roots, s_mspId, .. RecordReading.WriterParameters, s_asOf, LineageForms.Format],
            Answers = [LineageForms.Answer],
        },
        new("GET", "/api/v1/path", "getPath", "How one record came of another: all that lies between them", PathAsync)
        {
            Tag = Tag,
            Parameters = [s_from, s_to, s_asOf, LineageForms.Format],
            Answers = [LineageForms.Answer],
        },
    ];

    private async Task LineageAsync(Call call)
    {
        LineageDirection direction = call.Get(s_direction) == "up" ? LineageDirection.Up : LineageDirection.Down;
        LineageGraph graph = await new RecordGraphs(call.Session.Provenance).OfAsync(
            await RecordSelector.NameAsync(call), direction, (int)call.Get(s_depth), HeightOf(call), call.Cancellation);
        await LineageForms.WriteAsync(call, graph, channel);
    }

    private async Task ImpactAsync(Call call)
    {
        IReadOnlyList<string> roots = call.Get(s_roots);
        Writer? writer = RecordReading.WriterOf(call, call.Get(s_mspId));
        if (roots.Count > RestLimits.ImpactRootsMax || (roots.Count == 0) == (writer is null))
            throw new RequestFault(new Problem(
                ProblemKind.InvalidParameter, "An impact begins at roots, or at what somebody recorded.")
            {
                Subject = s_roots.Name,
                Value = FormattableString.Invariant($"{roots.Count} roots"),
                Limit = FormattableString.Invariant($"1 to {RestLimits.ImpactRootsMax} roots, or mspId"),
                Next = "Give root=KEY one or more times, or mspId=ORG with writer=WHO.",
            });

        var graphs = new RecordGraphs(call.Session.Provenance);
        LineageGraph graph = writer is null
            ? await graphs.ImpactAsync(roots, HeightOf(call), call.Cancellation)
            : await graphs.ImpactAsync(writer, HeightOf(call), call.Cancellation);
        await LineageForms.WriteAsync(call, graph, channel);
    }

    private async Task PathAsync(Call call)
    {
        string from = Required(call, s_from);
        string to = Required(call, s_to);
        (TxId Child, TxId Ancestor, LineageGraph Graph) path =
            await new RecordGraphs(call.Session.Provenance).BetweenAsync(from, to, HeightOf(call), call.Cancellation)
            ?? throw new RequestFault(new Problem(
                ProblemKind.NotDerived, "Neither of the two records was derived from the other.")
            {
                Subject = s_to.Name,
                Value = to,
                Next = "A key means its newest record; name an older one by its id: GET /api/v1/records/KEY/versions",
            });
        await LineageForms.WriteAsync(call, path.Graph, channel);
    }

    private static ulong? HeightOf(Call call) => call.Get(s_asOf) is >= 0 and var height ? (ulong)height : null;

    private static string Required(Call call, TextParameter parameter) =>
        call.Get(parameter) is { Length: > 0 } text
            ? text
            : throw Call.Wrong(parameter, "", "it must be there");
}
