namespace Node.Ledger.Simulating;

/// <summary>Orders texts by their bytes of UTF-8: by code points, where ordinal order goes by UTF-16 units.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x;
        ReadOnlySpan<char> right = y;
        int same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);

        return Rank(left[same]).CompareTo(Rank(right[same]));
    }

    // A surrogate stands for a code point beyond all that one unit can hold.
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + char.MaxValue + 1 : unit;
}
