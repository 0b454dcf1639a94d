using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Node.Contracts.Provenance;

/// <summary>
/// Which organisations may write a key. A key without an entry is open to every member of the channel.
/// </summary>
/// <remarks>
/// Composite <c>writers</c> (key) → JSON array of MSP ids. An entry of its own, so that a set reads this and not the
/// record: two writers of an open key never conflict.
/// </remarks>
internal static class KeyWriters
{
    private const string ObjectType = "writers";

    /// <summary>Null when the key is open.</summary>
    public static string[]? Find(IContractState state, string key)
    {
        if (!state.TryGet(CompositeKey.Create(ObjectType, key), out StateEntry entry))
            return null;

        List<string> writers = [];
        var reader = new Utf8JsonReader(entry.Value.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                writers.Add(reader.GetString() ?? "");
        }

        return [.. writers];
    }

    /// <summary>Asks whether the client may write the key, and changes the entry when the options say so.</summary>
    /// <param name="requested">The option writers: null leaves the entry, an empty list opens the key.</param>
    public static bool TryEnter(
        IContractContext context,
        string key,
        IReadOnlyList<string>? requested,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        string client = context.Client.MspId.Value;
        string[]? writers = Find(context.State, key);
        refusal = writers is not null && Array.IndexOf(writers, client) < 0
            ? Forbidden(
                $"The key {Quoted.Text(key)} may be written by {string.Join(", ", writers)} only, not by {client}.")
            : null;
        if (refusal is not null || requested is null)
            return refusal is null;

        // Whoever comes second must not be able to shut out whoever came first.
        bool isOwn = writers is not null
            || !RecordsAt.Present(context.State).TryFindNewest(key, out LocatedRecord? newest)
            || newest.Record.MspId.SequenceEqual(Encoding.UTF8.GetBytes(client));
        if (!isOwn)
            refusal = Forbidden(
                $"The key {Quoted.Text(key)} was last written by another organisation; {client} cannot restrict it.");
        else
            Write(context.State, key, requested);
        return refusal is null;
    }

    private static void Write(IContractState state, string key, IReadOnlyList<string> writers)
    {
        string entry = CompositeKey.Create(ObjectType, key);
        if (writers.Count == 0)
        {
            state.Delete(entry);
            return;
        }

        const int BytesUsual = 64;
        var json = new JsonText(BytesUsual);
        json.BeginArray();
        foreach (string writer in writers)
            json.Text(writer);
        json.EndArray();
        state.Put(entry, json.Written);
    }

    private static ContractResponse Forbidden(string message) =>
        ContractResponse.Refusal(ContractResponse.Forbidden, message);
}
