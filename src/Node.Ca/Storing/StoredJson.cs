using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Ca.Registering;

namespace Node.Ca.Storing;

/// <summary>The values of the store: JSON texts with the members of docs/formats.md, "CA store".</summary>
internal static partial class StoredJson
{
    public static byte[] Write(IdentityRecord identity) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredIdentity(
            identity.Type,
            identity.Affiliation,
            [.. identity.Attributes.Select(one => new StoredAttribute(one.Name, one.Value, one.Ecert))],
            identity.MaxEnrollments,
            identity.Enrollments,
            new StoredSecret(identity.Secret.Iterations, identity.Secret.Salt, identity.Secret.Hash),
            identity.Revoked,
            identity.Registered,
            identity.Registrar),
        Text.Default.StoredIdentity);

    public static byte[] Write(CertificateRecord certificate) => JsonSerializer.SerializeToUtf8Bytes(
        new StoredCertificate(
            certificate.Id, certificate.Certificate.Der.ToArray(), certificate.Revoked, certificate.ReasonCode),
        Text.Default.StoredCertificate);

    /// <exception cref="JsonException">The bytes are not what <see cref="Write(IdentityRecord)"/> wrote.</exception>
    public static IdentityRecord ReadIdentity(string id, ReadOnlySpan<byte> json)
    {
        StoredIdentity stored = JsonSerializer.Deserialize(json, Text.Default.StoredIdentity)
            ?? throw new JsonException("the value is null");
        return new IdentityRecord
        {
            Id = id,
            Type = stored.Type,
            Affiliation = stored.Affiliation,
            Attributes = [.. stored.Attributes.Select(one => new AttributeRecord(one.Name, one.Value, one.Ecert))],
            MaxEnrollments = stored.MaxEnrollments,
            Enrollments = stored.Enrollments,
            Secret = new SecretHash(stored.Secret.Iterations, stored.Secret.Salt, stored.Secret.Hash),
            Revoked = stored.Revoked,
            Registered = stored.Registered,
            Registrar = stored.Registrar,
        };
    }

    /// <exception cref="JsonException">As <see cref="ReadIdentity"/>.</exception>
    public static CertificateRecord ReadCertificate(ReadOnlySpan<byte> json)
    {
        StoredCertificate stored = JsonSerializer.Deserialize(json, Text.Default.StoredCertificate)
            ?? throw new JsonException("the value is null");
        return Membership.Issuing.PresentedCertificate.TryReadDer(
            stored.Der, out Membership.Issuing.PresentedCertificate? certificate, out string? fault)
            ? new CertificateRecord(stored.Id, certificate, stored.Revoked, stored.Reason)
            : throw new JsonException(fault);
    }

    internal sealed record StoredAttribute(string Name, string Value, bool Ecert);

    internal sealed record StoredSecret(int Iterations, byte[] Salt, byte[] Hash);

    internal sealed record StoredIdentity(
        string Type,
        string Affiliation,
        StoredAttribute[] Attributes,
        int MaxEnrollments,
        int Enrollments,
        StoredSecret Secret,
        DateTimeOffset? Revoked,
        DateTimeOffset Registered,
        string Registrar);

    internal sealed record StoredCertificate(string Id, byte[] Der, DateTimeOffset? Revoked, byte Reason);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(StoredIdentity))]
    [JsonSerializable(typeof(StoredCertificate))]
    private sealed partial class Text : JsonSerializerContext;
}
