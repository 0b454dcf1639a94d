using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Client.Exporting.Prov;

/// <summary>PROV-N, the notation for people. Source: W3C Recommendation PROV-N (2013).</summary>
public static class ProvN
{
    /// <summary>UTF-8; the same document gives the same bytes.</summary>
    public static byte[] Write(ProvDocument document) => Encoding.UTF8.GetBytes(ProvNWriting.Write(document));

    /// <param name="fault">What is wrong, beginning with the line.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out ProvDocument? document,
        [NotNullWhen(false)] out string? fault)
    {
        document = null;
        if (utf8.Length > ImportLimits.DocumentBytesMax)
        {
            fault = $"the document has {utf8.Length} bytes, the limit is {ImportLimits.DocumentBytesMax}";
            return false;
        }

        ReadOnlySpan<byte> bytes = utf8.Span;
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        int wrong = System.Text.Unicode.Utf8.IsValid(bytes) ? -1 : FirstInvalid(bytes);
        if (wrong >= 0)
        {
            fault = $"line {1 + bytes[..wrong].Count((byte)'\n')}: the text is not UTF-8";
            return false;
        }

        try
        {
            document = new ProvNReading(new ProvNScanner(Encoding.UTF8.GetString(bytes))).ReadDocument();
            fault = null;
        }
        catch (ProvSyntaxException e)
        {
            fault = e.Message;
        }

        return document is not null;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) != System.Buffers.OperationStatus.Done)
                return at;

            at += consumed;
        }

        return bytes.Length;
    }
}

/// <summary>Ends the reading of a text at its first fault. Never leaves <see cref="ProvN"/>.</summary>
internal sealed class ProvSyntaxException(string fault, int line) : Exception($"line {line}: {fault}");
