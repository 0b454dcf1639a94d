using System.Text.Json.Serialization;

namespace Node.Client.Recording;

internal sealed class PageJson
{
    public List<RecordJson> Records { get; set; } = [];

    public string Bookmark { get; set; } = "";
}

/// <summary>The answer of getlineage.</summary>
internal sealed class LineageJson
{
    public string? Root { get; set; }

    public List<RecordJson> Nodes { get; set; } = [];

    /// <summary>Pairs of child and parent.</summary>
    public List<List<string>> Edges { get; set; } = [];

    public bool Truncated { get; set; }

    public List<string> Missing { get; set; } = [];
}

/// <summary>The seventh argument of set; what is null is left out.</summary>
internal sealed class SetOptionsJson
{
    public string? Type { get; set; }

    public string? ChecksumAlgorithm { get; set; }

    public bool Strict { get; set; }

    public string? ExpectedTxid { get; set; }
}

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(RecordJson))]
[JsonSerializable(typeof(PageJson))]
[JsonSerializable(typeof(LineageJson))]
internal sealed partial class AnswerJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SetOptionsJson))]
internal sealed partial class ArgumentJson : JsonSerializerContext;
