using System.Diagnostics.CodeAnalysis;
using Node.Ca.Registering;

namespace Node.Ca.Storing;

/// <summary>One attribute of an identity.</summary>
/// <param name="Ecert">Goes into enrolment certificates without being asked for.</param>
internal sealed record AttributeRecord(string Name, string Value, bool Ecert);

/// <summary>A registered identity as it is stored.</summary>
internal sealed record IdentityRecord
{
    public required string Id { get; init; }

    /// <summary>The role: client, peer, admin, orderer, or a name of the organisation's own.</summary>
    public required string Type { get; init; }

    /// <summary>Path as "org1.department1"; empty for the root.</summary>
    public required string Affiliation { get; init; }

    /// <summary>
    /// Without the three that follow from id, type and affiliation, unless a member was taken in whose enrolment id is
    /// not its id.
    /// </summary>
    public required IReadOnlyList<AttributeRecord> Attributes { get; init; }

    /// <summary>How often the secret can be used; -1 for any number.</summary>
    public required int MaxEnrollments { get; init; }

    /// <summary>How often it was.</summary>
    public required int Enrollments { get; init; }

    public required SecretHash Secret { get; init; }

    /// <summary>Null while it is in good standing.</summary>
    public DateTimeOffset? Revoked { get; init; }

    public required DateTimeOffset Registered { get; init; }

    /// <summary>Who registered it; empty for the first registrar.</summary>
    public required string Registrar { get; init; }

    public bool TryGetAttribute(string name, [NotNullWhen(true)] out string? value)
    {
        value = Attributes.FirstOrDefault(attribute => attribute.Name == name)?.Value ?? name switch
        {
            AttributeNames.EnrollmentId => Id,
            AttributeNames.Type => Type,
            AttributeNames.Affiliation => Affiliation,
            _ => null,
        };
        return value is not null;
    }

    /// <summary>All of them, sorted by name as Go writes maps.</summary>
    public IReadOnlyList<AttributeRecord> AllAttributes() =>
    [
        .. Attributes
            .Append(new AttributeRecord(AttributeNames.EnrollmentId, Id, Ecert: true))
            .Append(new AttributeRecord(AttributeNames.Type, Type, Ecert: true))
            .Append(new AttributeRecord(AttributeNames.Affiliation, Affiliation, Ecert: true))
            .DistinctBy(attribute => attribute.Name)
            .OrderBy(attribute => attribute.Name, StringComparer.Ordinal),
    ];
}
