using Node.Peer.Gateways;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Gateways;

public class StateLagTests
{
    // One word per peer: what it answered (ok, refused by the contract, failed itself, unreachable, denied), and at
    // which height; ? where it told none.
    [Theory]
    [InlineData("ok5 refused4", true)]
    [InlineData("ok5 refused?", true)]
    [InlineData("ok4 refused5", false)]           // The newest state refuses: the other will read the same.
    [InlineData("ok? refused5", true)]            // ...but here nobody knows which is newer.
    [InlineData("ok5 refused5", false)]           // Equal states: the contract is to blame.
    [InlineData("ok5 ok5", false)]
    [InlineData("ok5 ok6", true)]
    [InlineData("ok? ok?", true)]
    [InlineData("refused4 refused5", false)]
    [InlineData("refused? refused?", false)]
    [InlineData("failed4 ok5", true)]             // It may lack the contract's definition.
    [InlineData("failed5 ok5", false)]
    [InlineData("failed5 ok4", true)]
    [InlineData("ok5 unreachable?", false)]
    [InlineData("ok5 denied?", false)]
    [InlineData("ok5 unreachable? refused4", true)]
    [InlineData("ok5 ok5 refused4", true)]
    [InlineData("ok4 ok5 refused5", false)]
    [InlineData("ok5", false)]
    public void Lag_is_suspected_only_where_a_newer_state_may_bring_agreement(string peers, bool expected)
    {
        Assert.Equal(expected, StateLag.MayExplain(Answers(peers)));
    }

    [Theory]
    [InlineData("ok5 refused7 ok?", 3, 7)]
    [InlineData("ok5 refused?", 9, 9)]
    [InlineData("ok?", 0, 0)]
    public void The_newest_height_is_at_least_our_own(string peers, ulong floor, ulong expected)
    {
        Assert.Equal(expected, StateLag.NewestOf(Answers(peers), floor));
    }

    [Theory]
    [InlineData("ok5 refused?", true)]
    [InlineData("ok5 unreachable?", false)]
    [InlineData("ok5 failed4", false)]
    public void Unknown_is_only_who_looked_at_a_state_and_did_not_tell_which(string peers, bool expected)
    {
        Assert.Equal(expected, StateLag.IsUnknown(Answers(peers)));
    }

    private static EndorserAnswer[] Answers(string peers) => [.. peers.Split(' ').Select(Answer)];

    private static EndorserAnswer Answer(string peer)
    {
        string word = peer.TrimEnd("?0123456789".ToCharArray());
        string height = peer[word.Length..];
        bool looked = word is "ok" or "refused" or "failed";
        return new EndorserAnswer(
            null!,   // Nobody asks who answered.
            looked ? new ProposalResponse() : null,
            word == "ok" ? null : word,
            Retriable: word is "failed" or "unreachable")
        {
            Height = height == "?" ? null : ulong.Parse(height, System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
