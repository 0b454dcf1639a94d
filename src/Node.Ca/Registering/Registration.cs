using Node.Ca.Answering;
using Node.Ca.Storing;

namespace Node.Ca.Registering;

/// <summary>What a registrar says about an identity; null is what it says nothing about.</summary>
internal sealed record Registration(
    string Id,
    string? Type,
    string? Affiliation,
    string Secret,
    int? MaxEnrollments,
    IReadOnlyList<AttributeRecord> Attributes)
{
    public static Registration Read(JsonBody body) => new(
        body.Text("id"),
        body.Has("type") ? body.Text("type") : null,
        body.Has("affiliation") ? body.Text("affiliation") : null,
        body.Text("secret"),
        body.Number("max_enrollments"),
        body.Objects("attrs", attribute => new AttributeRecord(
            attribute.Text("name"), attribute.Text("value"), attribute.Flag("ecert"))));

    /// <summary>What is wrong with the words themselves, whoever says them.</summary>
    public CaRefusal? Fault() => FaultOfId(Id) ?? FaultOfType(Type) ?? FaultOfSecret() ?? FaultOfAttributes();

    public static CaRefusal? FaultOfId(string id)
    {
        int bytes = System.Text.Encoding.UTF8.GetByteCount(id);
        if (bytes is 0 or > CaLimits.IdBytesMax)
            return Refuse($"an id has 1 to {CaLimits.IdBytesMax} bytes of UTF-8, not {bytes}");
        if (id.Any(char.IsControl) || id.Contains('\ufffd', StringComparison.Ordinal))
            return Refuse("an id holds no control characters");
        if (id.Trim() != id)
            return Refuse("an id neither begins nor ends with a blank");

        // HTTP Basic ends the id at the first colon.
        return id.Contains(':', StringComparison.Ordinal) ? Refuse("an id holds no colon") : null;
    }

    private static CaRefusal? FaultOfType(string? type) =>
        type is null or "" || (type.Length <= CaLimits.TypeCharsMax && type.All(IsTypeChar))
            ? null
            : Refuse($"a type has at most {CaLimits.TypeCharsMax} letters, digits, '-', '_' and '.'");

    private CaRefusal? FaultOfSecret()
    {
        if (Secret.Length == 0)
            return null;
        if (Secret.Length is < CaLimits.SecretCharsMin or > CaLimits.SecretCharsMax)
            return Refuse(
                $"a secret has {CaLimits.SecretCharsMin} to {CaLimits.SecretCharsMax} characters, not " +
                $"{Secret.Length}; leave it out and one is made");

        return Secret == Id ? Refuse("a secret must differ from the id") : null;
    }

    private CaRefusal? FaultOfAttributes()
    {
        if (Attributes.Count > CaLimits.AttributesMax)
            return Refuse($"an identity has at most {CaLimits.AttributesMax} attributes, not {Attributes.Count}");
        if (Attributes.FirstOrDefault(one => one.Name.Length == 0 || one.Name.Any(char.IsControl)) is not null)
            return Refuse("an attribute has a name without control characters");

        return Attributes.DistinctBy(one => one.Name).Count() == Attributes.Count
            ? null
            : Refuse("an attribute is named twice");
    }

    private static CaRefusal Refuse(string message) => new(400, CaRefusal.IdentityInvalid, message);

    private static bool IsTypeChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
