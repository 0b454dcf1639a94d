using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Node.Client.Recording;

/// <summary>Drafts as the contract's arguments.</summary>
internal static class DraftJson
{
    // Refuses lone surrogates: silently replaced ones would be another key.
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonWriterOptions s_options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The arguments of set.</summary>
    /// <exception cref="ArgumentException">A text is no Unicode.</exception>
    public static ReadOnlyMemory<byte>[] SetArguments(RecordDraft draft) =>
    [
        Utf8(draft.Key),
        Utf8(draft.Hash),
        Utf8(draft.Location),
        Utf8(draft.Pointer),
        Utf8(draft.Description),
        Utf8(string.Join(':', draft.Parents)),
        Written(json => WriteOptions(json, draft)),
    ];

    /// <summary>One entry of the argument of setbatch.</summary>
    /// <inheritdoc cref="SetArguments"/>
    public static byte[] Entry(RecordDraft draft, IReadOnlyList<string> parents) => Written(json =>
    {
        json.WriteString("key"u8, Utf8(draft.Key));
        json.WriteString("hash"u8, Utf8(draft.Hash));
        json.WriteString("location"u8, Utf8(draft.Location));
        json.WriteString("pointer"u8, Utf8(draft.Pointer));
        if (draft.Description.Length > 0)
            json.WriteString("description"u8, Utf8(draft.Description));
        if (parents.Count > 0)
            WriteArray(json, "dependencies", parents);
        WriteOptions(json, draft);
    });

    private static void WriteOptions(Utf8JsonWriter json, RecordDraft draft)
    {
        if (draft.Type is { } type)
            json.WriteString("type"u8, Utf8(type));
        if (draft.ChecksumAlgorithm is { } algorithm)
            json.WriteString("checksumAlgorithm"u8, Utf8(algorithm));
        if (draft.Strict && draft.Parents.Count > 0)
            json.WriteBoolean("strict"u8, value: true);
        if (draft.ExpectedTransactionId is { } expected)
            json.WriteString("expectedTxid"u8, Utf8(expected));
        if (draft.Writers is { } writers)
            WriteArray(json, "writers", writers);
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(Utf8(text));
        json.WriteEndArray();
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException(
                "A text of a record holds a lone surrogate, which is no character: it cannot be recorded.", e);
        }
    }
}
