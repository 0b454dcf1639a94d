using System.Text.Json.Serialization;

namespace Node.Client.Recording;

internal sealed class PageJson
{
    public List<RecordJson> Records { get; set; } = [];

    public string Bookmark { get; set; } = "";
}

/// <summary>The seventh argument of set; what is null is left out.</summary>
internal sealed class SetOptionsJson
{
    public string? Type { get; set; }

    public string? ChecksumAlgorithm { get; set; }

    public bool Strict { get; set; }

    public string? ExpectedTxid { get; set; }
}

/// <summary>The roots of getimpact when they are somebody's records.</summary>
internal sealed class WriterJson
{
    public string? MspId { get; set; }

    public string? Writer { get; set; }

    public string? Since { get; set; }
}

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(RecordJson))]
[JsonSerializable(typeof(PageJson))]
internal sealed partial class AnswerJson : JsonSerializerContext;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SetOptionsJson))]
[JsonSerializable(typeof(WriterJson))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ArgumentJson : JsonSerializerContext;
