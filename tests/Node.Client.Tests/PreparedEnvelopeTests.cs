using Google.Protobuf;
using Node.Client.Proposing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Client.Tests;

public class PreparedEnvelopeTests
{
    [Fact]
    public void The_answer_to_a_proposal_yields_the_contracts_result()
    {
        Proposal proposal = NewProposal("get");

        bool read = PreparedEnvelope.TryRead(
            EnvelopeFor(proposal, "result"), Bytes(proposal), out ReadOnlyMemory<byte> result, out string? fault);

        Assert.True(read, fault);
        Assert.True(result.Span.SequenceEqual("result"u8));
    }

    [Fact]
    public void An_answer_to_another_proposal_is_not_signed()
    {
        bool read = PreparedEnvelope.TryRead(
            EnvelopeFor(NewProposal("get"), "result"), Bytes(NewProposal("get")), out _, out string? fault);

        Assert.False(read);
        Assert.Contains("header", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_swapped_by_the_gateway_are_not_signed()
    {
        Proposal proposal = NewProposal("get");
        Envelope envelope = EnvelopeFor(proposal, "result", inputOf: NewProposal("steal"));

        bool read = PreparedEnvelope.TryRead(envelope, Bytes(proposal), out _, out string? fault);

        Assert.False(read);
        Assert.Contains("another function", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_without_endorsements_is_not_signed()
    {
        Proposal proposal = NewProposal("get");

        Assert.False(PreparedEnvelope.TryRead(
            EnvelopeFor(proposal, "result", endorsements: 0), Bytes(proposal), out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ff")]
    public void Bytes_that_are_no_payload_are_not_signed(string hex)
    {
        var envelope = new Envelope { Payload = ByteString.CopyFrom(Convert.FromHexString(hex)) };

        Assert.False(PreparedEnvelope.TryRead(envelope, Bytes(NewProposal("get")), out _, out _));
    }

    private static Proposal NewProposal(string function)
    {
        using Gateway gateway = TestClients.Offline(TestClients.DigestSigner);
        return gateway.GetNetwork(TestClients.Channel).GetContract("hyperprov").NewProposal(function, "key");
    }

    private static ByteString Bytes(Proposal proposal) => ByteString.CopyFrom(proposal.MessageToSign.Span);

    private static Envelope EnvelopeFor(
        Proposal proposal, string result, Proposal? inputOf = null, int endorsements = 1)
    {
        var wire = Protocol.Wire.Peer.Proposal.Parser.ParseFrom(proposal.MessageToSign.Span);
        var called = Protocol.Wire.Peer.Proposal.Parser.ParseFrom((inputOf ?? proposal).MessageToSign.Span);
        var response = new Response { Status = 200, Payload = ByteString.CopyFromUtf8(result) };
        var action = new ChaincodeAction { Response = response };
        var endorsed = new ChaincodeEndorsedAction
        {
            ProposalResponsePayload = new ProposalResponsePayload { Extension = action.ToByteString() }.ToByteString(),
        };
        for (int index = 0; index < endorsements; index++)
            endorsed.Endorsements.Add(new Endorsement { Endorser = ByteString.CopyFromUtf8("peer") });

        Header header = Header.Parser.ParseFrom(wire.Header);
        var payload = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = new ChaincodeProposalPayload
            {
                Input = ChaincodeProposalPayload.Parser.ParseFrom(called.Payload).Input,
            }.ToByteString(),
            Action = endorsed,
        };
        var transaction = new Protocol.Wire.Peer.Transaction();
        transaction.Actions.Add(
            new TransactionAction { Header = header.SignatureHeader, Payload = payload.ToByteString() });
        var signed = new Payload { Header = header, Data = transaction.ToByteString() };
        return new Envelope { Payload = signed.ToByteString() };
    }
}
