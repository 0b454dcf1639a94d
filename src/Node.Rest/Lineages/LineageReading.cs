using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Rest.Calls;
using Node.Rest.Records;

namespace Node.Rest.Lineages;

/// <summary>Operations that answer what records were derived from, and what was derived from them.</summary>
internal static class LineageReading
{
    private const string Tag = "Lineage";

    private static readonly ChoiceParameter s_direction = new(
        "direction", "up: what it was derived from; down: what was derived from it", ["up", "down"], "up");

    private static readonly NumberParameter s_depth = new(
        "depth", ParameterPlace.Query, "Levels beyond the record; -1: all, as far as the contract's limits go",
        (-1, 100_000), absent: -1);

    public static IEnumerable<Operation> Operations() =>
    [
        .. RecordSelector.Twice(new("GET", "/lineage", "getLineage", "The lineage of the newest record", LineageAsync)
        {
            Tag = Tag,
            Parameters = [s_direction, s_depth, LineageForms.Format],
            Answers = [LineageForms.Answer],
        }),
    ];

    private static async Task LineageAsync(Call call)
    {
        LineageDirection direction = call.Get(s_direction) == "up" ? LineageDirection.Up : LineageDirection.Down;
        Lineage lineage = await call.Session.Provenance.LineageAsync(
            RecordSelector.NameOf(call), direction, (int)call.Get(s_depth), call.Cancellation);
        await LineageForms.WriteAsync(call, LineageGraph.Of(lineage));
    }
}
