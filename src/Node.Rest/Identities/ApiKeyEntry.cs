using System.Text.Json.Serialization;

namespace Node.Rest.Identities;

/// <summary>What is kept of an API key.</summary>
/// <param name="Id">Public: names the key in lists and logs.</param>
/// <param name="Sha256">Of the whole key, in hex.</param>
/// <param name="Note">What its maker wrote beside it.</param>
/// <param name="Revoked">When; null while it is good.</param>
public sealed record ApiKeyEntry(
    string Id,
    string Sha256,
    string MspId,
    string User,
    string Note,
    DateTimeOffset Created,
    DateTimeOffset? Revoked)
{
    [JsonIgnore]
    public IdentityName Identity => new(MspId, User);
}

internal sealed record ApiKeyDocument(int Format, IReadOnlyList<ApiKeyEntry> Keys)
{
    public const int CurrentFormat = 1;
}

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ApiKeyDocument))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
