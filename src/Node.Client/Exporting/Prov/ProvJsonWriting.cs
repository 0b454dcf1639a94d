using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Node.Client.Exporting.Prov;

internal static class ProvJsonWriting
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.Default,   // What a browser or a terminal might act on is escaped.
    };

    public static byte[] Write(ProvDocument document)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            WriteContent(json, document.Main);
            if (document.Bundles.Count > 0)
            {
                json.WriteStartObject("bundle");
                foreach (ProvBundle bundle in document.Bundles)
                {
                    json.WriteStartObject(bundle.Id?.ToString() ?? "");
                    WriteContent(json, bundle);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static void WriteContent(Utf8JsonWriter json, ProvBundle bundle)
    {
        if (bundle.Namespaces.Declared.Count > 0 || bundle.Namespaces.Default is not null)
        {
            json.WriteStartObject("prefix");
            if (bundle.Namespaces.Default is { } uri)
                json.WriteString("default", uri);
            foreach ((string prefix, string declared) in bundle.Namespaces.Declared)
                json.WriteString(prefix, declared);

            json.WriteEndObject();
        }

        int unnamed = 0;
        foreach (ProvKind kind in ProvKind.All)
        {
            List<ProvStatement> ofKind = [.. bundle.Statements.Where(statement => statement.Kind == kind)];
            if (ofKind.Count == 0)
                continue;

            json.WriteStartObject(kind.Name);
            string NameOf(ProvStatement statement) => statement.Id?.ToString()
                ?? string.Create(CultureInfo.InvariantCulture, $"_:r{++unnamed}");
            foreach (IGrouping<string, ProvStatement> same in ofKind.GroupBy(NameOf, StringComparer.Ordinal))
                WriteNamed(json, same.Key, [.. same]);

            json.WriteEndObject();
        }
    }

    private static void WriteNamed(Utf8JsonWriter json, string name, List<ProvStatement> statements)
    {
        json.WritePropertyName(name);
        if (statements.Count > 1)
            json.WriteStartArray();
        foreach (ProvStatement statement in statements)
            WriteStatement(json, statement);
        if (statements.Count > 1)
            json.WriteEndArray();
    }

    private static void WriteStatement(Utf8JsonWriter json, ProvStatement statement)
    {
        json.WriteStartObject();
        for (int index = 0; index < statement.Names.Count; index++)
        {
            string? value = statement.Kind.IsTime(index) ? statement.Times[index] : statement.Names[index]?.ToString();
            if (value is not null)
                json.WriteString("prov:" + statement.Kind.Formals[index], value);
        }

        foreach (IGrouping<string, ProvValue> attribute in statement.Attributes
            .GroupBy(pair => pair.Key.ToString(), pair => pair.Value, StringComparer.Ordinal))
        {
            ProvValue[] values = [.. attribute];
            json.WritePropertyName(attribute.Key);
            if (values.Length > 1)
                json.WriteStartArray();
            foreach (ProvValue value in values)
                WriteValue(json, value);
            if (values.Length > 1)
                json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, ProvValue value)
    {
        if (value.Type is null && value.Language is null)
        {
            json.WriteStringValue(value.Text);
            return;
        }

        json.WriteStartObject();
        json.WriteString("$", value.Name?.ToString() ?? value.Text);
        if (value.Language is { } language)
            json.WriteString("lang", language);
        else
            json.WriteString("type", value.Type?.ToString());

        json.WriteEndObject();
    }
}
