namespace Node.Contracts;

/// <summary>The order of keys: by their bytes of UTF-8, which is the order of code points.</summary>
/// <remarks>
/// Ordinal comparison of .NET texts goes by UTF-16 units and puts U+E000..U+FFFF above everything beyond them.
/// </remarks>
public static class Utf8Order
{
    public static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    public static int Compare(string left, string right)
    {
        int length = int.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            char a = left[i];
            char b = right[i];
            if (a != b)
                return Rank(a).CompareTo(Rank(b));
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Surrogates stand for code points above all others, so they rank above U+E000..U+FFFF.</summary>
    private static int Rank(char c) => char.IsSurrogate(c) ? c + (char.MaxValue + 1) : c;
}
