using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Node.Client.Exporting.Prov;

/// <summary>What a record can say of an entity that other programs described.</summary>
internal static class ProvForeign
{
    private static readonly (string Attribute, string Algorithm, int HexChars)[] s_checksums =
    [
        ("sha256", "SHA-256", 64), ("sha384", "SHA-384", 96), ("sha512", "SHA-512", 128), ("sha1", "SHA-1", 40),
        ("md5", "MD5", 32),
    ];

    private static readonly JsonWriterOptions s_options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// A checksum that an attribute carries, whatever its namespace; else the digest of what the document says of the
    /// entity, marked as no checksum of any content.
    /// </summary>
    public static (string Hash, string Algorithm) ChecksumOf(ProvEntity entity)
    {
        foreach ((ProvName name, ProvValue value) in entity.Attributes)
        {
            string attribute = name.Local.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
            foreach ((string known, string algorithm, int chars) in s_checksums)
            {
                bool fits = attribute == known && value.Text.Length == chars && value.Text.All(char.IsAsciiHexDigit);
                if (fits)
                    return (value.Text.ToLowerInvariant(), algorithm);
            }
        }

        ProvStatement statement = ProvStatement.Element(ProvKind.Entity, entity.Name, entity.Attributes);
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(ProvDocument.LineOf(statement)));
        return (Convert.ToHexStringLower(digest), "unspecified");
    }

    public static string LocationOf(ProvEntity entity)
    {
        string location = entity.TextOf(ProvWords.Location) is { Length: > 0 } text
            ? text
            : entity.TextOf(ProvWords.Prov("atLocation"));
        return Encoding.UTF8.GetByteCount(location) <= ImportLimits.LocationBytesMax ? location : "";
    }

    public static string? TypeOf(ProvEntity entity)
    {
        ProvValue? value = entity.Find(ProvWords.Type);
        string type = value?.Name?.Local ?? value?.Text ?? "";
        bool fits = type is not ("" or "Init") && Encoding.UTF8.GetByteCount(type) <= ImportLimits.TypeBytesMax
            && !type.Any(char.IsControl);
        return fits ? type : null;
    }

    /// <summary>One JSON object: {"prov":{…}} with name, attributes, activities and agents.</summary>
    public static string Describe(ProvEntity entity, ProvGraph graph)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            json.WriteStartObject("prov");
            json.WriteString("id", entity.Name.ToString());
            json.WriteString("uri", entity.Name.Uri);
            WriteAttributes(json, entity.Attributes);
            WriteGenerations(json, entity, graph);
            WriteNames(json, "attributedTo", entity.Attributions);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteGenerations(Utf8JsonWriter json, ProvEntity entity, ProvGraph graph)
    {
        if (entity.Generations.Count == 0)
            return;

        json.WriteStartArray("generatedBy");
        foreach (ProvStatement generation in entity.Generations)
        {
            json.WriteStartObject();
            ProvActivity? activity = generation["activity"] is { } name ? graph.FindActivity(name) : null;
            WriteText(json, "activity", activity?.Name.Uri);
            WriteText(json, "time", generation.TimeOf("time"));
            WriteText(json, "started", activity?.Start);
            WriteText(json, "ended", activity?.End);
            if (activity is not null)
            {
                WriteAttributes(json, activity.Attributes);
                WriteNames(json, "agents", activity.Agents);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter json, List<KeyValuePair<ProvName, ProvValue>> attributes)
    {
        if (attributes.Count == 0)
            return;

        json.WriteStartObject("attributes");
        foreach (IGrouping<string, ProvValue> named in attributes
            .GroupBy(pair => pair.Key.ToString(), pair => pair.Value, StringComparer.Ordinal))
        {
            string[] values = [.. named.Select(value => value.Text).Distinct(StringComparer.Ordinal)];
            json.WritePropertyName(named.Key);
            if (values.Length > 1)
                json.WriteStartArray();
            foreach (string value in values)
                json.WriteStringValue(value);
            if (values.Length > 1)
                json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string member, List<ProvName> names)
    {
        if (names.Count == 0)
            return;

        json.WriteStartArray(member);
        foreach (ProvName name in names)
            json.WriteStringValue(name.Uri);

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string member, string? text)
    {
        if (text is not null)
            json.WriteString(member, text);
    }
}
