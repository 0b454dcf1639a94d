using System.Text.Json;
using Node.Ca.Registering;
using Node.Ca.Storing;

namespace Node.Ca.Answering;

/// <summary>Identities and affiliations as Fabric CA's clients read them.</summary>
internal static class IdentityJson
{
    /// <summary>The members of an identity, without the braces around them.</summary>
    public static void WriteMembers(Utf8JsonWriter json, IdentityRecord identity)
    {
        json.WriteString("id", identity.Id);
        json.WriteString("type", identity.Type);
        json.WriteString("affiliation", identity.Affiliation);
        json.WriteStartArray("attrs");
        foreach (AttributeRecord attribute in identity.AllAttributes())
        {
            json.WriteStartObject();
            json.WriteString("name", attribute.Name);
            json.WriteString("value", attribute.Value);
            json.WriteBoolean("ecert", attribute.Ecert);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("max_enrollments", identity.MaxEnrollments);
    }

    /// <param name="secret">Empty where it is not told.</param>
    public static void WriteWithSecret(Utf8JsonWriter json, IdentityRecord identity, string secret, string caName)
    {
        json.WriteStartObject();
        WriteMembers(json, identity);
        json.WriteString("secret", secret);
        json.WriteString("caname", caName);
        json.WriteEndObject();
    }

    public static void WriteOne(Utf8JsonWriter json, IdentityRecord identity, string caName)
    {
        json.WriteStartObject();
        WriteMembers(json, identity);
        json.WriteString("caname", caName);
        json.WriteEndObject();
    }

    public static void WriteAll(Utf8JsonWriter json, IEnumerable<IdentityRecord> identities, string caName)
    {
        json.WriteStartObject();
        WriteList(json, identities);
        json.WriteString("caname", caName);
        json.WriteEndObject();
    }

    public static void WriteAffiliation(Utf8JsonWriter json, AffiliationNode node, string caName)
    {
        json.WriteStartObject();
        WriteNode(json, node);
        json.WriteString("caname", caName);
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, AffiliationNode node)
    {
        json.WriteString("name", node.Name);
        json.WriteStartArray("affiliations");
        foreach (AffiliationNode below in node.Below)
        {
            json.WriteStartObject();
            WriteNode(json, below);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteList(json, node.Identities);
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable<IdentityRecord> identities)
    {
        json.WriteStartArray("identities");
        foreach (IdentityRecord identity in identities)
        {
            json.WriteStartObject();
            WriteMembers(json, identity);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
