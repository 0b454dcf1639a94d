using System.Globalization;
using System.Text;

namespace Node.Client.Exporting.Prov;

/// <summary>The names of our documents: those of PROV, and the ones that records need beside them.</summary>
/// <remarks>The mapping is told in docs/standards.md.</remarks>
internal static class ProvWords
{
    public const string RecordNamespace = "urn:hyperprov:record:";
    public const string TransactionNamespace = "urn:hyperprov:transaction:";
    public const string AgentNamespace = "urn:hyperprov:identity:";
    public const string OrganizationNamespace = "urn:hyperprov:organization:";
    public const string OwnNamespace = "urn:hyperprov:terms:";

    public static ProvName Type { get; } = Prov("type");

    public static ProvName Label { get; } = Prov("label");

    public static ProvName Location { get; } = Prov("location");

    public static ProvName Revision { get; } = Prov("Revision");

    public static ProvName Key { get; } = Own("key");

    public static ProvName Checksum { get; } = Own("checksum");

    public static ProvName ChecksumAlgorithm { get; } = Own("checksumAlgorithm");

    public static ProvName Pointer { get; } = Own("pointer");

    public static ProvName Description { get; } = Own("description");

    public static ProvName RecordType { get; } = Own("recordType");

    public static ProvName Block { get; } = Own("block");

    public static ProvName Transaction { get; } = Own("transaction");

    public static ProvName Outdated { get; } = Own("outdated");

    public static ProvName Newest { get; } = Own("newest");

    public static ProvName Fingerprint { get; } = Own("certificate");

    /// <summary>Type of an entity that a record names as its parent and that nobody recorded.</summary>
    public static ProvName Missing { get; } = Own("Missing");

    /// <summary>Type of an entity that is recorded, and that a limit left out of the document.</summary>
    public static ProvName LeftOut { get; } = Own("LeftOut");

    public static ProvName Record { get; } = Own("Record");

    public static ProvName TransactionType { get; } = Own("Transaction");

    /// <summary>Type of a text that is percent-encoded.</summary>
    public static ProvName Encoded { get; } = Own("percentEncoded");

    public static ProvName Prov(string local) => new("prov", local, ProvNamespaces.Prov);

    public static ProvName Own(string local) => new("hp", local, OwnNamespace);

    /// <summary>
    /// A text as a value. Backslashes and control characters are percent-encoded, under a type of their own: the Python
    /// library writes them into PROV-N as they are, which nobody could read back.
    /// </summary>
    public static ProvValue Text(string text)
    {
        if (!text.Any(NeedsEncoding))
            return ProvValue.Of(text);

        var encoded = new StringBuilder(text.Length + 16);
        foreach (char c in text.EnumerateRunes().SelectMany(rune => rune.ToString()))
        {
            if (NeedsEncoding(c) || c == '%')
                encoded.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else
                encoded.Append(c);
        }

        return new ProvValue(encoded.ToString(), Encoded, Language: null, Name: null);
    }

    /// <summary>What <see cref="Text"/> was given.</summary>
    public static string TextOf(ProvValue value) =>
        value.Type == Encoded ? Uri.UnescapeDataString(value.Text) : value.Text;

    /// <summary>Any text as the local part of a name that every format can spell.</summary>
    public static string Local(string text)
    {
        var local = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        int index = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Dots and dashes are plain within a name, not at its ends.
            bool isEnd = index == 0 || index == text.Length - 1;
            index += rune.Utf16SequenceLength;
            bool isPlain = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value)
                || rune.Value is '@' or '_' or '/'
                || (!isEnd && (rune.Value is '.' or '-')));
            if (isPlain)
            {
                local.Append((char)rune.Value);
                continue;
            }

            int count = rune.EncodeToUtf8(bytes);
            foreach (byte one in bytes[..count])
                local.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return local.ToString();
    }

    // All below U+0080, so two hex digits name each; U+FFFF and its like pass, as JSON and PROV-N hold them.
    private static bool NeedsEncoding(char c) => c is '\\' or < ' ' or '\x7f' && c != '\n';
}
