using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Node.Rest.Describing;

/// <summary>Gathers JSON Schemas of the types that travel, each once under its name. One thread.</summary>
internal sealed class Schemas
{
    private const string Suffix = "View";

    private readonly SortedDictionary<string, JsonNode> _byName = new(StringComparer.Ordinal);

    /// <summary>The schema's place; arrays are spelled out.</summary>
    public JsonObject Reference(Type type)
    {
        if (type.IsArray)
            return new JsonObject { ["type"] = "array", ["items"] = Reference(type.GetElementType()!) };   // An array.

        string name = NameOf(type);
        if (!_byName.ContainsKey(name))
        {
            _byName[name] = new JsonObject();   // Taken before its members are looked at: they may refer back.
            _byName[name] = SchemaOf(type);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach ((string name, JsonNode schema) in _byName)
            json[name] = schema;

        return json;
    }

    private JsonNode SchemaOf(Type type) => RestJson.Api.Options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) =>
        {
            bool isMember = !context.Path.IsEmpty && context.TypeInfo.Kind == JsonTypeInfoKind.Object
                && context.TypeInfo.Type.Assembly == typeof(Schemas).Assembly;
            return isMember ? Reference(context.TypeInfo.Type) : schema;
        },
    });

    private static string NameOf(Type type) =>
        type.Name.EndsWith(Suffix, StringComparison.Ordinal) ? type.Name[..^Suffix.Length] : type.Name;
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class JsonNodeJson : JsonSerializerContext;
