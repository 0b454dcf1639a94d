using System.Text;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;

namespace Node.Client.Tests;

public class ProposalTests
{
    private static readonly ProposalOptions s_options = new()
    {
        Arguments = [Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes("välue"), ReadOnlyMemory<byte>.Empty],
        Transient = new Dictionary<string, ReadOnlyMemory<byte>> { ["secret"] = new byte[] { 1, 2 } },
        EndorsingOrganizations = ["Org2MSP"],
    };

    [Fact]
    public void Names_channel_contract_function_and_arguments()
    {
        Parts parts = Decode(NewProposal());

        Assert.Equal("mychannel", parts.ChannelHeader.ChannelId);
        Assert.Equal((int)HeaderType.EndorserTransaction, parts.ChannelHeader.Type);
        Assert.Equal(0UL, parts.ChannelHeader.Epoch);
        Assert.Equal(
            "hyperprov", ChaincodeHeaderExtension.Parser.ParseFrom(parts.ChannelHeader.Extension).ChaincodeId.Name);
        Assert.Equal("hyperprov", parts.Specification.ChaincodeId.Name);
        Assert.Equal(
            ["set", "key", "välue", ""], parts.Specification.Input.Args.Select(argument => argument.ToStringUtf8()));
    }

    [Fact]
    public void Carries_the_time_in_whole_milliseconds()
    {
        Parts parts = Decode(NewProposal());

        Assert.Equal(
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), parts.ChannelHeader.Timestamp.ToDateTimeOffset(
                ));
    }

    [Fact]
    public void The_transaction_id_is_the_digest_of_nonce_and_creator()
    {
        Proposal proposal = NewProposal();
        Parts parts = Decode(proposal);

        Assert.Equal(24, parts.SignatureHeader.Nonce.Length);
        Assert.Equal("0a074f7267314d5350120463657274", Convert.ToHexStringLower(parts.SignatureHeader.Creator.Span));
        Assert.Equal(
            TxId.Compute(parts.SignatureHeader.Nonce.Span, parts.SignatureHeader.Creator.Span), proposal.TransactionId);
        Assert.Equal(proposal.TransactionId.Value, parts.ChannelHeader.TxId);
    }

    [Fact]
    public void Two_proposals_of_the_same_call_have_ids_of_their_own() =>
        Assert.NotEqual(NewProposal().TransactionId, NewProposal().TransactionId);

    [Fact]
    public void Transient_values_travel_in_the_payload_and_nowhere_else()
    {
        Parts parts = Decode(NewProposal());

        Assert.Equal(ByteString.CopyFrom(1, 2), parts.Payload.TransientMap["secret"]);
        Assert.Equal(-1, parts.Payload.Input.Span.IndexOf("secret"u8));
    }

    [Fact]
    public void A_proposal_signed_elsewhere_is_the_same_proposal_with_that_signature()
    {
        using Gateway gateway = TestClients.Offline(signer: null);
        Proposal unsigned = gateway.GetNetwork(TestClients.Channel).GetContract("hyperprov").NewProposal(
            "set", s_options);
        byte[] signature = TestClients.DigestSigner(unsigned.MessageToSign.Span);

        Proposal signed = gateway.NewSignedProposal(unsigned.ToBytes(), signature);

        ProposedTransaction container = ProposedTransaction.Parser.ParseFrom(signed.ToBytes());
        Assert.Equal(unsigned.TransactionId, signed.TransactionId);
        Assert.True(unsigned.MessageToSign.Span.SequenceEqual(signed.MessageToSign.Span));
        Assert.Equal(signature, container.Proposal.Signature.ToByteArray());
        Assert.Equal(signature, unsigned.Digest.ToArray());
        Assert.Equal(["Org2MSP"], container.EndorsingOrganizations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ff")]
    [InlineData("0a0161")]
    public void Bytes_that_are_no_proposal_are_refused(string hex)
    {
        using Gateway gateway = TestClients.Offline(signer: null);

        Assert.Throws<ArgumentException>(() => gateway.NewSignedProposal(Convert.FromHexString(hex), default));
    }

    [Fact]
    public async Task Without_a_signer_nothing_is_sent_unsigned()
    {
        using Gateway gateway = TestClients.Offline(signer: null);
        Proposal proposal = gateway.GetNetwork(TestClients.Channel).GetContract("hyperprov").NewProposal("get", "key");

        await Assert.ThrowsAsync<InvalidOperationException>(() => proposal.EvaluateAsync(CancellationToken.None));
    }

    private static Proposal NewProposal()
    {
        using Gateway gateway = TestClients.Offline(TestClients.DigestSigner);
        return gateway.GetNetwork(TestClients.Channel).GetContract("hyperprov").NewProposal("set", s_options);
    }

    private static Parts Decode(Proposal proposal)
    {
        var wire = Protocol.Wire.Peer.Proposal.Parser.ParseFrom(proposal.MessageToSign.Span);
        Header header = Header.Parser.ParseFrom(wire.Header);
        var payload = ChaincodeProposalPayload.Parser.ParseFrom(wire.Payload);
        return new Parts(
            ChannelHeader.Parser.ParseFrom(header.ChannelHeader),
            SignatureHeader.Parser.ParseFrom(header.SignatureHeader),
            payload,
            ChaincodeInvocationSpec.Parser.ParseFrom(payload.Input).ChaincodeSpec);
    }

    private sealed record Parts(
        ChannelHeader ChannelHeader, SignatureHeader SignatureHeader, ChaincodeProposalPayload Payload,
        ChaincodeSpec Specification);
}
