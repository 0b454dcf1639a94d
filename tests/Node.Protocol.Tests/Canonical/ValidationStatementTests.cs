using Node.Protocol.Canonical;

namespace Node.Protocol.Tests.Canonical;

public class ValidationStatementTests
{
    private static readonly byte[] s_peer = [0x0a, 0x01, 0x4f];

    private static ValidationStatement Statement => new()
    {
        Channel = ChannelId.Of("ch"),
        BlockNumber = 7,
        BlockHash = Hash32.Of("block"u8),
        Index = 1,
        Count = 3,
        TransactionId = TxId.Of(Hash32.Of("tx"u8)),
        Code = 11,
        CommitHash = Hash32.Of("commit"u8),
        Policies = [new PolicyInForce("cc", new byte[] { 1, 2, 3 })],
    };

    [Fact]
    public void Its_bytes_are_those_of_the_formats_page()
    {
        string expected = string.Concat(
            Convert.ToHexStringLower("hyperprov validation statement 1\n"u8),
            "0000000000000002", "6368",
            "0000000000000007", Hash32.Of("block"u8),
            "0000000000000001", "0000000000000003",
            Hash32.Of("tx"u8), "0b", Hash32.Of("commit"u8),
            "0000000000000001", "0000000000000002", "6363", "0000000000000003", "010203",
            "0000000000000064", "0000000000000003", "0a014f");

        Assert.Equal(expected, Convert.ToHexStringLower(Statement.ToBytes(s_peer, signedAt: 100)));
    }

    [Fact]
    public void No_two_statements_share_their_bytes()
    {
        ValidationStatement[] others =
        [
            Statement with { Channel = ChannelId.Of("cg") },
            Statement with { BlockNumber = 8 },
            Statement with { BlockHash = Hash32.Of("other"u8) },
            Statement with { Index = 2 },
            Statement with { Count = 4 },
            Statement with { TransactionId = TxId.Of(Hash32.Of("other"u8)) },
            Statement with { Code = 0 },
            Statement with { CommitHash = Hash32.Of("other"u8) },
            Statement with { Policies = [] },
            Statement with { Policies = [new PolicyInForce("cd", new byte[] { 1, 2, 3 })] },
            Statement with { Policies = [new PolicyInForce("cc", new byte[] { 1, 2 })] },
            Statement with { Policies = [new PolicyInForce("cc\u0001", new byte[] { 2, 3 })] },
        ];
        IEnumerable<string> all = others.Select(other => other.ToBytes(s_peer, 100))
            .Append(Statement.ToBytes(s_peer, 100))
            .Append(Statement.ToBytes(s_peer, 101))
            .Append(Statement.ToBytes([0x0a, 0x01], 100))
            .Select(bytes => Convert.ToHexString(bytes));

        Assert.Equal(others.Length + 3, all.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_signed_request_is_no_other_message()
    {
        byte[] request = [1, 2, 3];

        Assert.Equal(
            [.. "hyperprov proving request 1\n"u8, 1, 2, 3], ProvingRequestBytes.ToSign(request));
    }
}
