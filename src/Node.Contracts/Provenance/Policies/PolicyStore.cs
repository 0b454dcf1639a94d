using System.Text;
using System.Text.Json;

namespace Node.Contracts.Provenance.Policies;

/// <summary>Where write policies lie in world state.</summary>
/// <remarks>
/// <para>Of a key: composite <c>writers</c> (key) → policy. An entry of its own, so that a set reads this and not the
/// record: two writers of an open key never conflict.</para>
/// <para>Of a prefix: composite <c>policy</c> (prefix) → policy.</para>
/// <para>Which prefixes there are: composite <c>policies</c> () → JSON array of texts, in the order of UTF-8. Every set
/// reads it, so that a prefix that gets its first policy, ordered before the set, invalidates it.</para>
/// </remarks>
internal static class PolicyStore
{
    public const string KeyType = "writers";
    public const string PrefixType = "policy";

    private static readonly string s_prefixesKey = CompositeKey.Create("policies");

    public static string EntryOf(PolicyScope scope) =>
        CompositeKey.Create(scope.IsPrefix ? PrefixType : KeyType, scope.Name);

    /// <summary>Null when there is none.</summary>
    public static WritePolicy? Find(IContractState state, PolicyScope scope) =>
        state.TryGet(EntryOf(scope), out StateEntry entry) ? WritePolicy.Read(entry.Value) : null;

    /// <summary>The prefixes with a policy that a text begins with, shortest first.</summary>
    public static List<string> PrefixesOf(IContractState state, string text)
    {
        List<string> prefixes = [];
        if (!state.TryGet(s_prefixesKey, out StateEntry entry))
            return prefixes;

        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(entry.Value.Span);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
                continue;

            // Nearly all prefixes are told from their raw bytes.
            bool begins = reader.ValueIsEscaped
                ? text.StartsWith(reader.GetString() ?? "", StringComparison.Ordinal)
                : utf8.AsSpan().StartsWith(reader.ValueSpan);
            if (begins)
                prefixes.Add(reader.GetString() ?? "");
        }

        return prefixes;
    }

    /// <summary>All prefixes with a policy, in the order of UTF-8.</summary>
    public static List<string> AllPrefixes(IContractState state)
    {
        List<string> prefixes = [];
        if (!state.TryGet(s_prefixesKey, out StateEntry entry))
            return prefixes;

        var reader = new Utf8JsonReader(entry.Value.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                prefixes.Add(reader.GetString() ?? "");
        }

        return prefixes;
    }

    public static void Write(IContractState state, PolicyScope scope, WritePolicy policy)
    {
        state.Put(EntryOf(scope), policy.Encode());
        if (!scope.IsPrefix)
            return;

        List<string> prefixes = AllPrefixes(state);
        if (prefixes.Contains(scope.Name))
            return;
        prefixes.Add(scope.Name);
        WritePrefixes(state, prefixes);
    }

    public static void Remove(IContractState state, PolicyScope scope)
    {
        state.Delete(EntryOf(scope));
        if (!scope.IsPrefix)
            return;

        List<string> prefixes = AllPrefixes(state);
        prefixes.Remove(scope.Name);
        WritePrefixes(state, prefixes);
    }

    private static void WritePrefixes(IContractState state, List<string> prefixes)
    {
        if (prefixes.Count == 0)
        {
            state.Delete(s_prefixesKey);
            return;
        }

        const int BytesUsual = 1024;
        prefixes.Sort(Utf8Order.Comparer);
        var json = new JsonText(BytesUsual);
        json.BeginArray();
        foreach (string prefix in prefixes)
            json.Text(prefix);
        json.EndArray();
        state.Put(s_prefixesKey, json.Written);
    }
}
