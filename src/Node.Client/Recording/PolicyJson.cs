using System.Text.Json.Serialization;

namespace Node.Client.Recording;

/// <summary>A write policy as the contract answers it.</summary>
internal sealed class PolicyJson
{
    public string Scope { get; set; } = "";

    public string Name { get; set; } = "";

    public List<string> Writers { get; set; } = [];

    public List<string> Admins { get; set; } = [];

    public string? MspId { get; set; }

    public string? Certificate { get; set; }

    public string? Time { get; set; }

    public static string Text(PolicyScope scope) => scope == PolicyScope.Key ? "key" : "prefix";

    public WritePolicy ToPolicy() => new()
    {
        Scope = Scope == Text(PolicyScope.Key) ? PolicyScope.Key : PolicyScope.Prefix,
        Name = Name,
        Writers = Writers,
        Admins = Admins,
        MspId = MspId ?? "",
        EnrollmentId = Certificate ?? "",
        Time = Time ?? "",
    };
}

internal sealed class PolicyPageJson
{
    public List<PolicyJson> Records { get; set; } = [];

    public string Bookmark { get; set; } = "";
}

/// <summary>The answer of getpolicy for a key.</summary>
internal sealed class KeyPoliciesJson
{
    public string Key { get; set; } = "";

    public bool MayWrite { get; set; }

    public List<PolicyJson> Policies { get; set; } = [];
}

/// <summary>The third argument of setpolicy; what is null is left out.</summary>
internal sealed class PolicyArgumentJson
{
    public IReadOnlyList<string>? Writers { get; set; }

    public IReadOnlyList<string>? Admins { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PolicyJson))]
[JsonSerializable(typeof(PolicyPageJson))]
[JsonSerializable(typeof(KeyPoliciesJson))]
[JsonSerializable(typeof(PolicyArgumentJson))]
internal sealed partial class PolicyJsonContext : JsonSerializerContext;
