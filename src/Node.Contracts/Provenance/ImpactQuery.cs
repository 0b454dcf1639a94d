using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>getimpact roots [, depth [, nodes [, height [, form]]]]: all that came of several records.</summary>
/// <remarks>
/// Roots are a JSON array of ids and keys, or the records of a writer:
/// <c>{"mspId":"Org1MSP","writer":"alice","since":"2026-01-31T12:00:00Z"}</c>.
/// </remarks>
internal static class ImpactQuery
{
    private const string Direction = "down";

    public static ContractResponse GetImpact(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting = "roots, and potentially depth, most nodes, height and form";
        if (!arguments.TryCount(min: 1, max: 5, Expecting, out ContractResponse? refusal)
            || !LineageArguments.TryRead(
                arguments, depthIndex: 1, depthAbsent: -1, out LineageArguments asked, out refusal))
            return refusal;
        if (context.Arguments[0].Length > ProvenanceLimits.BatchBytesMax)
            return CallArguments.TooLarge("list of roots", context.Arguments[0].Length, ProvenanceLimits.BatchBytesMax);
        if (!TryReadRoots(context.Arguments[0].Span, out List<string> names, out Writer? writer, out string? fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, fault);

        var records = new RecordsAt(context.State, asked.Height);
        var walk = new LineageWalk(records, asked.Bounds, asked.Form);
        if (writer is not null)
            AddAllOf(writer, context.State, records, walk);
        foreach (string name in names)
        {
            if (!LineageQuery.TryFindRoot(records, name, out LocatedRecord? root))
                return RecordQueries.NoSuchKey(name);
            walk.TryAddRoot(root);
        }

        walk.Down();
        return ContractResponse.Success(asked.Form.Write(walk, Direction, hasManyRoots: true));
    }

    private static void AddAllOf(Writer writer, IContractState state, RecordsAt records, LineageWalk walk)
    {
        foreach (StateEntry entry in WriterIndex.Entries(state, writer, afterKey: ""))
        {
            foreach (TxId id in WriterIndex.RecordsOf(entry))
            {
                // What was recorded behind the height is not there.
                if (records.TryFind(id.ToHash(), out LocatedRecord? root) && !walk.TryAddRoot(root))
                    return;
            }
        }
    }

    private static bool TryReadRoots(
        ReadOnlySpan<byte> json, out List<string> names, out Writer? writer, [NotNullWhen(false)] out string? fault)
    {
        names = [];
        writer = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            fault = reader.TokenType switch
            {
                JsonTokenType.StartArray => FaultOfNames(ref reader, names),
                JsonTokenType.StartObject => FaultOfWriter(ref reader, out writer),
                _ => "Roots are a JSON array of ids and keys, or an object with mspId and writer.",
            };

            // Reading on throws when anything follows.
            if (fault is null)
                reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A lone surrogate in an escape is the second kind.
            fault = "The roots are not valid JSON, or hold text that is no Unicode.";
        }

        return fault is null;
    }

    private static string? FaultOfNames(ref Utf8JsonReader reader, List<string> names)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            string name = reader.GetString() ?? "";
            if (CallArguments.RefusalOfKey(name) is { } refusal)
                return refusal.Message;
            if (names.Count == ProvenanceLimits.RootsMax)
                return $"At most {ProvenanceLimits.RootsMax} roots are taken at once. Ask in several calls.";
            names.Add(name);
        }

        if (reader.TokenType != JsonTokenType.EndArray)
            return "A root is a text: a record's id, or a key.";
        return names.Count == 0 ? "There are no roots." : null;
    }

    private static string? FaultOfWriter(ref Utf8JsonReader reader, out Writer? writer)
    {
        writer = null;
        (string mspId, string who, string since) = ("", "", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString() ?? "";
            reader.Read();
            string? text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            switch (name)
            {
                case "mspId" when text is not null: mspId = text; break;
                case "writer" when text is not null: who = text; break;
                case "since" when text is not null: since = text; break;
                default: return $"A writer has the texts mspId, writer and since, not {Quoted.Text(name)}.";
            }
        }

        return WriterQuery.TryCreate(mspId, who, since, out writer, out string? fault) ? null : fault;
    }
}
