using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Node.Client.Exporting;

/// <summary>A JSON value that knows where it stands, so that a fault can name its line.</summary>
/// <remarks>
/// Numbers keep their spelling. An object keeps its order; a member named twice refuses the document.
/// </remarks>
internal sealed class LocatedJson
{
    private static readonly Dictionary<string, LocatedJson> s_noMembers = [];

    private LocatedJson(JsonValueKind kind, int start) => (Kind, Start) = (kind, start);

    public JsonValueKind Kind { get; }

    /// <summary>The offset of its first byte, and of the first after it.</summary>
    public int Start { get; }

    public int End { get; private set; }

    /// <summary>From 1. Set by the parser.</summary>
    public int Line { get; private set; }

    /// <summary>A string's value, a number's spelling, "true" or "false"; else empty.</summary>
    public string Text { get; private set; } = "";

    public IReadOnlyList<LocatedJson> Items { get; private set; } = [];

    public IReadOnlyDictionary<string, LocatedJson> Members { get; private set; } = s_noMembers;

    /// <summary>The members in the document's order.</summary>
    public IReadOnlyList<KeyValuePair<string, LocatedJson>> Ordered { get; private set; } = [];

    public LocatedJson? this[string member] => Members.GetValueOrDefault(member);

    /// <summary>The value of a member that is a string; else null.</summary>
    public string? TextOf(string member) =>
        Members.TryGetValue(member, out LocatedJson? value) && value.Kind == JsonValueKind.String ? value.Text : null;

    /// <param name="fault">Starts with the line.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out LocatedJson? root, [NotNullWhen(false)] out string? fault) =>
        TryParse(utf8, firstLine: 1, out root, out fault);

    /// <param name="firstLine">The number of the first line, for a document that stands within another.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8, int firstLine,
        [NotNullWhen(true)] out LocatedJson? root, [NotNullWhen(false)] out string? fault)
    {
        root = null;
        if (utf8.Length > ImportLimits.DocumentBytesMax)
        {
            fault = $"the document has {utf8.Length} bytes, the limit is {ImportLimits.DocumentBytesMax}";
            return false;
        }

        ReadOnlySpan<byte> bytes = utf8.Span;
        int mark = bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        var parsing = new Parsing(bytes, mark, firstLine);
        try
        {
            root = parsing.ReadDocument();
            fault = null;
            return true;
        }
        catch (JsonException e)
        {
            long line = e is LineException ? (e.LineNumber ?? 0) : firstLine + (e.LineNumber ?? 0);
            fault = $"line {line}: {WhatIsWrong(e)}";
        }
        catch (InvalidOperationException)
        {
            // The reader says so of text that is not Unicode: an unpaired surrogate, or bytes that are not UTF-8.
            fault = $"line {parsing.Line}: a string is not Unicode text";
        }

        return false;
    }

    // The framework's sentence ends with its own spelling of the place.
    private static string WhatIsWrong(JsonException e)
    {
        string message = e.Message;
        int place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? message : "not JSON: " + message[..place].TrimEnd('.');
    }

    private sealed class LineException(string message, int line)
        : JsonException(message, path: null, lineNumber: line, bytePositionInLine: null);

    private ref struct Parsing
    {
        private readonly ReadOnlySpan<byte> _bytes;
        private readonly int _offset;
        private Utf8JsonReader _reader;
        private int _values;
        private int _counted;   // Lines are counted up to here.

        public Parsing(ReadOnlySpan<byte> bytes, int offset, int firstLine)
        {
            _bytes = bytes;
            _offset = offset;
            _counted = offset;
            Line = firstLine;
            _reader = new Utf8JsonReader(
                bytes[offset..],
                new JsonReaderOptions { MaxDepth = ImportLimits.DepthMax });
        }

        public int Line { get; private set; }

        public LocatedJson ReadDocument()
        {
            _reader.Read();
            LocatedJson root = ReadValue();
            _reader.Read();   // Anything behind the value throws.
            return root;
        }

        // Recursive: the reader ends it at DepthMax.
        private LocatedJson ReadValue()
        {
            if (++_values > ImportLimits.ValuesMax)
                throw new LineException($"more than {ImportLimits.ValuesMax} values, the limit", Line);

            int start = _offset + (int)_reader.TokenStartIndex;
            CountLinesTo(start);
            JsonTokenType token = _reader.TokenType;
            var value = new LocatedJson(KindOf(token), start) { Line = Line };
            switch (token)
            {
                case JsonTokenType.StartObject:
                    ReadMembers(value);
                    break;
                case JsonTokenType.StartArray:
                    ReadItems(value);
                    break;
                case JsonTokenType.String:
                    value.Text = _reader.GetString()!;   // A string token has a value.
                    break;
                default:
                    value.Text = System.Text.Encoding.ASCII.GetString(_reader.ValueSpan);
                    break;
            }

            value.End = _offset + (int)_reader.BytesConsumed;
            return value;
        }

        private void ReadMembers(LocatedJson value)
        {
            var members = new Dictionary<string, LocatedJson>(StringComparer.Ordinal);
            var ordered = new List<KeyValuePair<string, LocatedJson>>();
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
            {
                CountLinesTo(_offset + (int)_reader.TokenStartIndex);
                string name = _reader.GetString()!;   // A name token has a value.
                int line = Line;
                _reader.Read();
                LocatedJson member = ReadValue();
                if (!members.TryAdd(name, member))
                    throw new LineException($"the member \"{Quoted.Short(name)}\" stands twice in one object", line);

                ordered.Add(new KeyValuePair<string, LocatedJson>(name, member));
            }

            value.Members = members;
            value.Ordered = ordered;
        }

        private void ReadItems(LocatedJson value)
        {
            var items = new List<LocatedJson>();
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                items.Add(ReadValue());

            value.Items = items;
        }

        private void CountLinesTo(int offset)
        {
            Line += _bytes[_counted..offset].Count((byte)'\n');
            _counted = offset;
        }

        private static JsonValueKind KindOf(JsonTokenType token) => token switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        };
    }
}
