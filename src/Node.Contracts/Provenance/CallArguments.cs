using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Node.Contracts.Provenance;

/// <summary>
/// The arguments of one call as checked text. Every refusal names the argument, what was given and the limit.
/// </summary>
internal sealed class CallArguments(IReadOnlyList<ReadOnlyMemory<byte>> arguments)
{
    public int Count => arguments.Count;

    /// <summary>
    /// The 2019 client hands a bare string where the SDK expects an array, and the SDK then sends one argument per
    /// UTF-16
    /// unit. Several arguments that are each one character can only be that: they are one text again.
    /// </summary>
    public static CallArguments Rejoined(IReadOnlyList<ReadOnlyMemory<byte>> arguments)
    {
        if (arguments.Count < 2)
            return new CallArguments(arguments);

        var joined = new byte[arguments.Count * 3];   // One UTF-16 unit has at most three bytes of UTF-8.
        int bytes = 0;
        foreach (ReadOnlyMemory<byte> argument in arguments)
        {
            if (!IsOneUnit(argument.Span))
                return new CallArguments(arguments);
            argument.Span.CopyTo(joined.AsSpan(bytes));
            bytes += argument.Length;
        }

        return new CallArguments([joined.AsMemory(0, bytes)]);
    }

    /// <summary>An argument as text; a missing one is empty.</summary>
    /// <param name="what">Its name in the refusal: "location".</param>
    public bool TryText(
        int index, string what, int bytesMax, out string text, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        text = "";
        refusal = null;
        if (index >= Count)
            return true;

        ReadOnlySpan<byte> utf8 = arguments[index].Span;
        if (utf8.Length > bytesMax)
            refusal = TooLarge(what, utf8.Length, bytesMax);
        else if (!Utf8.IsValid(utf8))
            refusal = ContractResponse.Refusal(ContractResponse.BadRequest, $"The {what} is not valid UTF-8.");
        else
            text = Encoding.UTF8.GetString(utf8);
        return refusal is null;
    }

    /// <summary>A key: not empty, no U+0000, no U+10FFFF.</summary>
    public bool TryKey(int index, out string key, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        if (TryText(index, "key", ProvenanceLimits.KeyBytesMax, out key, out refusal))
            refusal = RefusalOfKey(key);
        return refusal is null;
    }

    /// <summary>Null for a text that a key may be.</summary>
    public static ContractResponse? RefusalOfKey(string key)
    {
        int bytes = Encoding.UTF8.GetByteCount(key);
        if (bytes > ProvenanceLimits.KeyBytesMax)
            return TooLarge("key", bytes, ProvenanceLimits.KeyBytesMax);
        if (key.Length == 0)
            return ContractResponse.Refusal(ContractResponse.BadRequest, "Incorrect arguments. Expecting a key");
        return CompositeKey.IsValidPart(key)
            ? null
            : ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The key {Quoted.Text(key)} holds U+0000 or U+10FFFF, which no key may.");
    }

    /// <summary>A whole number; <paramref name="absent"/> when the argument is missing or empty.</summary>
    public bool TryNumber(
        int index, string what, int absent, out int number, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int DigitsMax = 11;
        number = absent;
        if (!TryText(index, what, DigitsMax, out string text, out refusal))
            return false;

        bool parsed = text.Length == 0
            || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        refusal = parsed
            ? null
            : ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The {what} is a whole number, {Quoted.Text(text)} is not.");
        return parsed;
    }

    /// <summary>"true" or "false"; false when the argument is missing or empty.</summary>
    public bool TryFlag(int index, string what, out bool flag, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int CharsMax = 5;
        flag = false;
        if (!TryText(index, what, CharsMax, out string text, out refusal))
            return false;

        flag = text == "true";
        refusal = text is "true" or "false" or ""
            ? null
            : ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The {what} flag is true or false, not {Quoted.Text(text)}.");
        return refusal is null;
    }

    /// <summary>A refusal when there are fewer or more arguments than the function takes.</summary>
    public bool TryCount(int min, int max, string expecting, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        refusal = Count >= min && Count <= max
            ? null
            : ContractResponse.Refusal(
                ContractResponse.BadRequest,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Incorrect arguments. Expecting {expecting}. Arguments given: {Count}"));
        return refusal is null;
    }

    public static ContractResponse TooLarge(string what, int bytes, int bytesMax) =>
        ContractResponse.Refusal(
            ContractResponse.TooLarge,
            string.Create(
                CultureInfo.InvariantCulture, $"The {what} has {bytes} bytes; at most {bytesMax} are accepted."));

    private static bool IsOneUnit(ReadOnlySpan<byte> utf8)
    {
        bool decoded = Rune.DecodeFromUtf8(utf8, out Rune rune, out int bytes) == System.Buffers.OperationStatus.Done;
        return decoded && bytes == utf8.Length && rune.IsBmp;
    }
}
