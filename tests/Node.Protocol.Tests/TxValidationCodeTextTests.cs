using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Tests;

public sealed class TxValidationCodeTextTests
{
    [Fact]
    public void Every_code_has_its_own_words()
    {
        TxValidationCode[] codes = Enum.GetValues<TxValidationCode>();

        string[] words = [.. codes.Select(code => TxValidationCodeText.Of(code).Words)];

        Assert.Equal(28, codes.Length);
        Assert.Equal(codes.Length, words.Distinct().Count());
        Assert.DoesNotContain(words, text => text.Contains("unknown validation code", StringComparison.Ordinal));
        string[] steps = [.. codes.Select(code => TxValidationCodeText.Of(code).NextStep)];
        Assert.All(steps, step => Assert.EndsWith(".", step, StringComparison.Ordinal));
    }

    [Fact]
    public void A_number_nobody_defined_is_named() =>
        Assert.Contains("99", TxValidationCodeText.Of((TxValidationCode)99).Words, StringComparison.Ordinal);
}
