using System.Security.Cryptography;
using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Endorsing;

/// <summary>Builds one signed proposal: valid by default, and each property changes one thing.</summary>
internal sealed class ProposalBuilder(
    SigningIdentity creator, DateTimeOffset now, string function, params string[] arguments)
{
    public string Channel { get; init; } = "mychannel";

    public string Contract { get; init; } = "hyperprov";

    public DateTimeOffset Timestamp { get; init; } = now;

    public bool IsInit { get; init; }

    /// <summary>Sent after the function, in place of the texts.</summary>
    public IReadOnlyList<byte[]>? RawArguments { get; init; }

    public Action<ChannelHeader>? ChangeChannelHeader { get; init; }

    public Action<SignatureHeader>? ChangeSignatureHeader { get; init; }

    public Action<ChaincodeProposalPayload>? ChangePayload { get; init; }

    public Action<Proposal>? ChangeProposal { get; init; }

    public Action<SignedProposal>? ChangeSigned { get; init; }

    public TxId TxId { get; private set; }

    public SignedProposal Build()
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(24);
        var signatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(creator.Serialized.Span),
            Nonce = ByteString.CopyFrom(nonce),
        };
        ChangeSignatureHeader?.Invoke(signatureHeader);
        TxId = TxId.Compute(signatureHeader.Nonce.Span, signatureHeader.Creator.Span);

        var extension = new ChaincodeHeaderExtension { ChaincodeId = new ChaincodeID { Name = Contract } };
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = Channel,
            TxId = TxId.Value,
            Timestamp = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Timestamp),
            Extension = extension.ToByteString(),
        };
        ChangeChannelHeader?.Invoke(channelHeader);

        var payload = new ChaincodeProposalPayload { Input = Invocation().ToByteString() };
        ChangePayload?.Invoke(payload);
        var header = new Header
        {
            ChannelHeader = channelHeader.ToByteString(),
            SignatureHeader = signatureHeader.ToByteString(),
        };
        var proposal = new Proposal { Header = header.ToByteString(), Payload = payload.ToByteString() };
        ChangeProposal?.Invoke(proposal);

        ByteString bytes = proposal.ToByteString();
        var signed = new SignedProposal
        {
            ProposalBytes = bytes,
            Signature = ByteString.CopyFrom(creator.Sign(bytes.Span)),
        };
        ChangeSigned?.Invoke(signed);
        return signed;
    }

    private ChaincodeInvocationSpec Invocation()
    {
        var input = new ChaincodeInput { Args = { ByteString.CopyFromUtf8(function) }, IsInit = IsInit };
        if (RawArguments is { } raw)
            input.Args.Add(raw.Select(bytes => ByteString.CopyFrom(bytes)));
        else
            input.Args.Add(arguments.Select(ByteString.CopyFromUtf8));

        return new ChaincodeInvocationSpec
        {
            ChaincodeSpec = new ChaincodeSpec
            {
                Type = ChaincodeSpec.Types.Type.Node,
                ChaincodeId = new ChaincodeID { Name = Contract },
                Input = input,
            },
        };
    }
}
