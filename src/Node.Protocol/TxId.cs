using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Protocol;

/// <summary>Names a transaction: the digest of its nonce and creator, as 64 lower-case hex digits.</summary>
/// <remarks>
/// Anybody recomputes it, so nobody can take another's. The default value is no transaction, the empty text.
/// </remarks>
public readonly record struct TxId : IComparable<TxId>
{
    public const int Chars = 2 * Hash32.Bytes;

    private static readonly SearchValues<char> s_lowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _value;

    private TxId(string value) => _value = value;

    public string Value => _value ?? "";

    public bool IsNone => _value is null;

    /// <param name="creator">The encoded SerializedIdentity, exactly as it travels.</param>
    public static TxId Compute(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> creator) => Of(Hash32.Of(nonce, creator));

    public static TxId Of(Hash32 digest) => new(digest.ToString());

    /// <summary>False for anything but 64 digits of lower-case hex: upper case is another, invalid spelling.</summary>
    public static bool TryParse(string? text, out TxId id, [NotNullWhen(false)] out string? fault)
    {
        bool valid = text?.Length == Chars && IsLowerHex(text);
        id = valid ? new TxId(text!) : default;   // A null text has no length, so it is not valid.
        fault = valid ? null : $"a transaction id has {Chars} lower-case hex digits, this text has {text?.Length ?? 0}";
        return valid;
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out TxId id, [NotNullWhen(false)] out string? fault) =>
        TryParse(utf8.Length == Chars ? Encoding.Latin1.GetString(utf8) : null, out id, out fault);

    /// <summary>True when this is the id that <paramref name="nonce"/> and <paramref name="creator"/> give.</summary>
    public static bool Matches(
        ReadOnlySpan<byte> idUtf8, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> creator)
    {
        if (idUtf8.Length != Chars)
            return false;

        Hash32 digest = Hash32.Of(nonce, creator);
        Span<byte> expected = stackalloc byte[Chars];
        bool written = Convert.TryToHexStringLower(digest.AsSpan(), expected, out _);
        return written && idUtf8.SequenceEqual(expected);
    }

    public Hash32 ToHash()
    {
        bool parsed = Hash32.TryParseHex(Value, out Hash32 digest);
        Invariant.Require(parsed, "only the default TxId is not a digest");
        return digest;
    }

    public int CompareTo(TxId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;

    public static bool operator <(TxId left, TxId right) => left.CompareTo(right) < 0;

    public static bool operator <=(TxId left, TxId right) => left.CompareTo(right) <= 0;

    public static bool operator >(TxId left, TxId right) => left.CompareTo(right) > 0;

    public static bool operator >=(TxId left, TxId right) => left.CompareTo(right) >= 0;

    private static bool IsLowerHex(string text) => !text.AsSpan().ContainsAnyExcept(s_lowerHex);
}
