using Google.Protobuf;
using Node.Membership;
using Node.Peer.Endorsing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Channels;

namespace Node.Peer.Tests.Endorsing;

public class ProposalAdmissionTests(EndorsingNetwork network) : IClassFixture<EndorsingNetwork>
{
    private static readonly DateTimeOffset s_now = EndorsingNetwork.Now;

    private EndorseOutcome Endorse(SignedProposal signed) =>
        network.Peer1.Endorser.Endorse(signed, CancellationToken.None);

    private ProposalBuilder Changing(
        Action<ChannelHeader>? channelHeader = null,
        Action<SignatureHeader>? signatureHeader = null,
        Action<ChaincodeProposalPayload>? payload = null,
        Action<Proposal>? proposal = null,
        Action<SignedProposal>? signed = null) =>
        new(network.Channel.Client1, s_now, "set", "k", "h", "l", "p")
        {
            ChangeChannelHeader = channelHeader,
            ChangeSignatureHeader = signatureHeader,
            ChangePayload = payload,
            ChangeProposal = proposal,
            ChangeSigned = signed,
        };

    private void AssertRejected(string because, ProposalBuilder proposal)
    {
        EndorseOutcome outcome = Endorse(proposal.Build());
        Assert.Null(outcome.Response);
        Assert.Contains(because, outcome.Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_malformed_is_rejected()
    {
        ByteString garbage = ByteString.CopyFrom(0xFF, 0xFF, 0xFF);

        AssertRejected("no proposal", Changing(signed: signed => signed.ProposalBytes = ByteString.Empty));
        AssertRejected("no protobuf message", Changing(signed: signed => signed.ProposalBytes = garbage));
        AssertRejected("header cannot be decoded", Changing(proposal: proposal => proposal.Header = garbage));
        AssertRejected("payload cannot be decoded", Changing(proposal: proposal => proposal.Payload = garbage));
        AssertRejected("invocation spec", Changing(payload: payload => payload.Input = garbage));
        AssertRejected("no arguments", Changing(payload: payload => payload.Input = ByteString.Empty));
        AssertRejected("extension cannot be decoded", Changing(channelHeader: header => header.Extension = garbage));
        AssertRejected("ChaincodeId.Name", Changing(channelHeader: header => header.Extension = ByteString.Empty));
        AssertRejected("a channel name", Changing(channelHeader: header => header.ChannelId = "My Channel"));
    }

    [Fact]
    public void What_the_headers_must_say_is_checked()
    {
        AssertRejected(
            "invalid header type 0", Changing(channelHeader: header => header.Type = (int)HeaderType.Message));
        AssertRejected("epoch is non-zero: 1", Changing(channelHeader: header => header.Epoch = 1));
        AssertRejected("nonce is empty", Changing(signatureHeader: header => header.Nonce = ByteString.Empty));
        AssertRejected("creator is empty", Changing(signatureHeader: header => header.Creator = ByteString.Empty));
        AssertRejected(
            "incorrectly computed txid", Changing(channelHeader: header => header.TxId = new string('0', 64)));
        AssertRejected(
            "incorrectly computed txid",
            Changing(channelHeader: header => header.TxId = header.TxId.ToUpperInvariant()));
        Assert.NotNull(Endorse(
            Changing(channelHeader: header => header.Type = (int)HeaderType.Config).Build()).Response?.Endorsement);
    }

    [Fact]
    public void An_unknown_channel_is_said_before_what_is_wrong_with_the_headers()
    {
        EndorseOutcome outcome = Endorse(Changing(channelHeader: header =>
        {
            header.ChannelId = "elsewhere";
            header.Epoch = 1;
        }).Build());

        Assert.Equal("channel 'elsewhere' not found", outcome.Response?.Response.Message);
    }

    [Theory]
    [InlineData(-15, 0, true)]
    [InlineData(15, 0, true)]
    [InlineData(-15, -1, false)]
    [InlineData(15, 1, false)]
    [InlineData(-60 * 24 * 365, 0, false)]
    public void A_proposal_is_at_most_fifteen_minutes_from_this_peers_clock(int minutes, int seconds, bool isAdmitted)
    {
        var builder = new ProposalBuilder(network.Channel.Client1, s_now, "set", "k", "h", "l", "p")
        {
            Timestamp = s_now.AddMinutes(minutes).AddSeconds(seconds),
        };

        EndorseOutcome outcome = Endorse(builder.Build());
        if (isAdmitted)
            Assert.NotNull(outcome.Response?.Endorsement);
        else
            Assert.Contains("incorrect timestamp", outcome.Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timestamp_that_is_no_time_is_rejected() => AssertRejected(
        "timestamp is not a time",
        Changing(channelHeader: header => header.Timestamp.Seconds = long.MaxValue));

    [Fact]
    public void A_signature_must_be_the_creators_over_these_bytes()
    {
        AssertRejected("1 to 512 bytes", Changing(signed: signed => signed.Signature = ByteString.Empty));
        AssertRejected(
            "not that of the creator",
            Changing(signed: signed => signed.Signature = ByteString.CopyFrom(
                network.Channel.Client2.Sign(signed.ProposalBytes.Span))));
        AssertRejected(
            "not that of the creator",
            Changing(signed: signed => signed.Signature = ByteString.CopyFrom(
                network.Channel.Client1.Sign("another message"u8))));
    }

    [Fact]
    public void Only_members_of_the_channel_may_propose()
    {
        using var stranger = new TestIssuer("Stranger", "Org1MSP");
        using SigningIdentity impostor = stranger.Issue("User1@org1.example.com", "client");
        using var unknown = new TestIssuer("Org9", "Org9MSP");
        using SigningIdentity foreigner = unknown.Issue("User1@org9.example.com", "client");

        AssertRejected("access denied: channel [mychannel]", new ProposalBuilder(impostor, s_now, "get", "k"));
        AssertRejected("access denied: channel [mychannel]", new ProposalBuilder(foreigner, s_now, "get", "k"));
    }

    [Fact]
    public void An_expired_certificate_may_not_propose()
    {
        using SigningIdentity expired = network.Channel.Org1.Issue(
            "Past@org1.example.com", "client", TestIssuer.Epoch, s_now.AddSeconds(-1));

        AssertRejected("identity expired", new ProposalBuilder(expired, s_now, "get", "k"));
    }

    [Fact]
    public void The_channels_policy_for_proposals_decides() =>
        // A peer is a member, but no Writer of its organisation.
        AssertRejected(
            "access denied for [peer/Propose][mychannel]",
            new ProposalBuilder(network.Channel.Peer2, s_now, "get", "k"));

    // Whatever one flips, cuts or repeats in a signed proposal: nothing throws, and nothing is endorsed.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_mutated_proposal_is_never_endorsed(int seed)
    {
        var dice = new Random(seed);
        SignedProposal signed = network.Proposal("set", "k", "h", "l", "p").Build();
        byte[] original = signed.ProposalBytes.ToByteArray();
        for (int round = 0; round < 2_500; round++)
        {
            byte[] mutated = Mutate(original, dice);
            if (mutated.AsSpan().SequenceEqual(original))
                continue;

            EndorseOutcome outcome = Endorse(new SignedProposal
            {
                ProposalBytes = ByteString.CopyFrom(mutated),
                Signature = signed.Signature,
            });
            Assert.Null(outcome.Response?.Endorsement);
        }
    }

    [Fact]
    public void Arguments_beyond_the_limit_are_refused()
    {
        string[] many = [.. Enumerable.Repeat("x", Limits.ArgumentsMax)];

        AssertRejected(
            $"more than the {Limits.ArgumentsMax} arguments",
            new ProposalBuilder(network.Channel.Client1, s_now, "get", many));
    }

    private static byte[] Mutate(byte[] original, Random dice)
    {
        byte[] bytes = [.. original];
        for (int change = dice.Next(1, 4); change > 0; change--)
        {
            int at = dice.Next(bytes.Length);
            switch (dice.Next(4))
            {
                case 0: bytes[at] ^= (byte)(1 << dice.Next(8)); break;
                case 1: bytes[at] = (byte)dice.Next(256); break;
                case 2: bytes = [.. bytes[..at], .. bytes[int.Min(bytes.Length, at + dice.Next(1, 8))..], 0]; break;
                default: bytes = [.. bytes[..at], .. bytes[at..int.Min(bytes.Length, at + 8)], .. bytes[at..]]; break;
            }
        }

        return bytes;
    }
}
