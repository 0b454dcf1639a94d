using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Node.Membership.Issuing;

namespace Node.Client.Enrolling;

/// <summary>What a certificate authority's answers and requests look like.</summary>
internal static class AuthorityJson
{
    /// <summary>Reads an answer whose members nobody has vouched for.</summary>
    /// <exception cref="CertificateAuthorityException">A member is missing or of another type.</exception>
    public static T Read<T>(CertificateAuthorityOptions options, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw CertificateAuthorityException.NotAnAuthority(options.Address.ToString(), 200, e.Message);
        }
    }

    /// <summary>Text that travels as base64.</summary>
    public static string TextOf(JsonElement base64) => Encoding.UTF8.GetString(base64.GetBytesFromBase64());

    public static JsonObject Write(Registration registration, string caName)
    {
        var body = new JsonObject
        {
            ["id"] = registration.Id,
            ["type"] = registration.Type,
            ["max_enrollments"] = registration.MaxEnrollments,
            ["attrs"] = new JsonArray([.. registration.Attributes.Select(one => new JsonObject
            {
                ["name"] = one.Name,
                ["value"] = one.Value,
                ["ecert"] = one.Ecert,
            })]),
            ["caname"] = caName,
        };
        if (registration.Affiliation is not null)
            body["affiliation"] = registration.Affiliation;
        if (registration.Secret.Length > 0)
            body["secret"] = registration.Secret;

        return body;
    }

    public static IReadOnlyList<RegisteredIdentity> IdentitiesOf(JsonElement result) =>
        [.. result.GetProperty("identities").EnumerateArray().Select(IdentityOf)];

    public static RegisteredIdentity IdentityOf(JsonElement one) => new(
        one.GetProperty("id").GetString() ?? "",
        one.GetProperty("type").GetString() ?? "",
        one.GetProperty("affiliation").GetString() ?? "",
        one.GetProperty("max_enrollments").GetInt32(),
        [
            .. one.GetProperty("attrs").EnumerateArray().Select(attribute => new IdentityAttribute(
                attribute.GetProperty("name").GetString() ?? "",
                attribute.GetProperty("value").GetString() ?? "",
                attribute.TryGetProperty("ecert", out JsonElement ecert) && ecert.GetBoolean())),
        ]);

    public static Affiliation AffiliationOf(JsonElement node) => new(
        node.GetProperty("name").GetString() ?? "",
        [.. ListOf(node, "affiliations").Select(AffiliationOf)],
        [.. ListOf(node, "identities").Select(IdentityOf)]);

    public static IReadOnlyList<PresentedCertificate> CertificatesOf(JsonElement result) =>
    [
        .. result.GetProperty("certs").EnumerateArray().Select(one =>
            PresentedCertificate.TryReadPem(
                Encoding.UTF8.GetBytes(one.GetProperty("PEM").GetString() ?? ""),
                out PresentedCertificate? certificate, out string? fault)
                ? certificate
                : throw new JsonException(fault)),
    ];

    // Go writes null for an empty list.
    private static JsonElement[] ListOf(JsonElement node, string name) =>
        node.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray()]
            : [];
}
