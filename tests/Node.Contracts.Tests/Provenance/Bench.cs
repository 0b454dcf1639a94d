using System.Text.Json;
using Node.Contracts.Provenance;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

/// <summary>The provenance contract on an empty namespace, and its answers as parsed JSON.</summary>
internal static class Bench
{
    // A tree of dependencies nests two levels per generation.
    private static readonly JsonSerializerOptions s_deep = new() { MaxDepth = 10_000 };

    public static ContractBench New() => new(new ProvenanceContract());

    public static JsonElement Json(this ContractBench bench, string function, params string[] arguments) =>
        JsonSerializer.Deserialize<JsonElement>(bench.Ask(function, arguments), s_deep);

    public static TxId Set(this ContractBench bench, string key, params TxId[] parents) =>
        bench.Submit("set", key, "h-" + key, "file://s", "p", "", string.Join(':', parents));

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    public static string[] Names(this JsonElement element) =>
        [.. element.EnumerateObject().Select(member => member.Name)];

    public static string[] Texts(this JsonElement array) =>
        [.. array.EnumerateArray().Select(item => item.GetString()!)];

    /// <summary>One member of each element of an array.</summary>
    public static string[] Each(this JsonElement array, string member) =>
        [.. array.EnumerateArray().Select(item => item.Text(member))];
}
