using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Node.Ca.Answering;

/// <summary>
/// The JSON object in a request's body. Members are found whatever their case, as Go finds them; unknown ones are
/// passed over, null and missing are the same.
/// </summary>
/// <remarks>A member of another type than asked for is remembered in <see cref="Fault"/>; ask it after
/// reading.</remarks>
internal sealed class JsonBody
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = CaLimits.JsonDepthMax };
    private readonly Dictionary<string, JsonElement> _members;

    private JsonBody(Dictionary<string, JsonElement> members) => _members = members;

    /// <summary>The first member that has another type than it must have.</summary>
    public CaRefusal? Fault { get; private set; }

    public static JsonBody Empty => new([]);

    public static bool TryParse(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out JsonBody? body,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        body = null;
        refusal = null;
        if (bytes.IsEmpty)
        {
            refusal = new CaRefusal(400, CaRefusal.BodyEmpty, "Empty request body");
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, s_options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                body = new JsonBody(MembersOf(document.RootElement));
                return true;
            }

            refusal = CaRefusal.Malformed("The request body is no JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is how the reader answers text that is no Unicode.
            refusal = CaRefusal.Malformed("The request body is no JSON");
        }

        return false;
    }

    public bool Has(string name) => Find(name) is not null;

    /// <summary>Empty when it is missing.</summary>
    public string Text(string name)
    {
        if (Find(name) is not { } value)
            return "";
        if (value.ValueKind != JsonValueKind.String)
            return Refuse(name, "text", "");

        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped: JSON allows to write it, no text holds it.
            return Refuse(name, "Unicode text", "");
        }
    }

    public int? Number(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => number,
        _ => Refuse<int?>(name, "a whole number", null),
    };

    public bool Flag(string name) => Find(name) switch
    {
        null or { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.True } => true,
        _ => Refuse(name, "true or false", false),
    };

    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array
            || !list.EnumerateArray().All(element => element.ValueKind == JsonValueKind.String))
            return Refuse<IReadOnlyList<string>>(name, "a list of texts", []);

        try
        {
            return [.. list.EnumerateArray().Select(element => element.GetString() ?? "")];
        }
        catch (InvalidOperationException)
        {
            return Refuse<IReadOnlyList<string>>(name, "a list of Unicode texts", []);
        }
    }

    /// <summary>Each element of a list of objects. Faults in them are this body's.</summary>
    public IReadOnlyList<T> Objects<T>(string name, Func<JsonBody, T> read)
    {
        if (Find(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array
            || !list.EnumerateArray().All(element => element.ValueKind == JsonValueKind.Object))
            return Refuse<IReadOnlyList<T>>(name, "a list of objects", []);

        var objects = new List<T>();
        foreach (JsonElement element in list.EnumerateArray())
        {
            var inner = new JsonBody(MembersOf(element));
            objects.Add(read(inner));
            Fault ??= inner.Fault;
        }

        return objects;
    }

    /// <summary>An object within this one; null when it is missing.</summary>
    public JsonBody? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonBody(MembersOf(value)),
        _ => Refuse<JsonBody?>(name, "an object", null),
    };

    // The last member of a name counts, as in Go.
    private static Dictionary<string, JsonElement> MembersOf(JsonElement element)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in element.EnumerateObject())
            members[property.Name] = property.Value.Clone();

        return members;
    }

    private JsonElement? Find(string name) =>
        _members.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private T Refuse<T>(string name, string expected, T instead)
    {
        Fault ??= CaRefusal.Malformed($"The member {name} of the request body must be {expected}");
        return instead;
    }
}
