namespace Node.Contracts.Tests;

public class CompositeKeyTests
{
    [Fact]
    public void Has_the_layout_of_the_shims() =>
        Assert.Equal("\0txID~key\0T1\0a\0", CompositeKey.Create("txID~key", "T1", "a"));

    [Theory]
    [InlineData("type")]
    [InlineData("type", "one")]
    [InlineData("", "")]
    [InlineData("type", "", "é😀", "three")]
    public void Splits_into_what_it_was_made_of(string type, params string[] attributes)
    {
        string key = CompositeKey.Create(type, attributes);

        Assert.True(CompositeKey.TrySplit(key, out string? foundType, out string[]? found));
        Assert.Equal(type, foundType);
        Assert.Equal(attributes, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("simple")]
    [InlineData("\0")]
    [InlineData("\0unclosed")]
    public void A_simple_or_broken_key_does_not_split(string key) =>
        Assert.False(CompositeKey.TrySplit(key, out _, out _));

    [Fact]
    public void A_part_that_would_break_the_order_is_refused()
    {
        // Not a table: lone surrogates do not survive in an attribute.
        foreach (string part in (string[])["a\0b", "a\U0010FFFF", "lone \uD800", "\uDC00\uD800"])
            Assert.Throws<ArgumentException>(() => CompositeKey.Create("type", part));
    }

    [Theory]
    [InlineData("a", "b", -1)]
    [InlineData("a", "a", 0)]
    [InlineData("key10", "key2", -1)]
    [InlineData("a", "ab", -1)]
    [InlineData("\uFFFD", "\U00010000", -1)]   // Ordinal comparison of .NET says the opposite.
    [InlineData("\uE000", "\U0010FFFE", -1)]
    [InlineData("\uD7FF", "\uE000", -1)]
    public void Keys_are_ordered_by_their_utf8_bytes(string left, string right, int expected)
    {
        int byBytes = System.Text.Encoding.UTF8.GetBytes(left).AsSpan()
            .SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));

        Assert.Equal(expected, int.Sign(Utf8Order.Compare(left, right)));
        Assert.Equal(expected, int.Sign(byBytes));
    }
}
