using System.Collections.ObjectModel;
using System.Text.Json;

namespace Node.Membership;

/// <summary>The attributes that Fabric CA puts into a certificate: {"attrs":{"name":"value"}}, raw JSON text.</summary>
internal static class IdentityAttributes
{
    public const string EnrollmentId = "hf.EnrollmentID";
    public const string Type = "hf.Type";
    public const string Affiliation = "hf.Affiliation";

    /// <summary>
    /// Whatever is not such a text has no attributes: an issuer's mistake there must not lock its members out.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return ReadOnlyDictionary<string, string>.Empty;

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("attrs", out JsonElement list)
                || list.ValueKind != JsonValueKind.Object)
                return ReadOnlyDictionary<string, string>.Empty;

            foreach (JsonProperty property in list.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.String)
                    attributes[property.Name] = property.Value.GetString() ?? "";
            }

            return attributes;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ReadOnlyDictionary<string, string>.Empty;
        }
    }

    public static byte[] Write(string enrollmentId, string type) =>
        Write([new(Affiliation, ""), new(EnrollmentId, enrollmentId), new(Type, type)]);

    /// <param name="attributes">Written in this order; Go writes them sorted by name.</param>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> attributes)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("attrs");
            foreach ((string name, string value) in attributes)
                json.WriteString(name, value);

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
