using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Wire = Node.Protocol.Wire.Peer;

namespace Node.Client.Proposing;

/// <summary>Builds the bytes of proposals from one client to one contract. Immutable, any thread.</summary>
/// <remarks>
/// What does not change between proposals is encoded once. Layout: spec of Fabric's wire format, B2 and B11.
/// </remarks>
internal sealed class ProposalTemplate
{
    /// <summary>As Fabric's own SDKs draw them.</summary>
    private const int NonceBytes = 24;

    private readonly ClientIdentity _identity;
    private readonly ChannelId _channel;
    private readonly Wire.ChaincodeID _contract;
    private readonly ByteString _extension;
    private readonly TimeProvider _clock;

    public ProposalTemplate(ClientIdentity identity, ChannelId channel, string contract, TimeProvider clock)
    {
        _identity = identity;
        _channel = channel;
        _contract = new Wire.ChaincodeID { Name = contract };
        _extension = new Wire.ChaincodeHeaderExtension { ChaincodeId = _contract }.ToByteString();
        _clock = clock;
    }

    /// <summary>A proposal with a fresh nonce, hence a transaction id of its own.</summary>
    public (TxId TransactionId, ByteString ProposalBytes) Build(string function, ProposalOptions options)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var id = TxId.Compute(nonce, _identity.Serialized.Span);
        var proposal = new Wire.Proposal
        {
            Header = HeaderOf(id, nonce).ToByteString(),
            Payload = PayloadOf(function, options).ToByteString(),
        };
        return (id, proposal.ToByteString());
    }

    private Header HeaderOf(TxId id, byte[] nonce)
    {
        long milliseconds = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            Timestamp = new Timestamp
            {
                Seconds = milliseconds / 1000,
                Nanos = (int)(milliseconds % 1000) * 1_000_000,
            },
            ChannelId = _channel.Value,
            TxId = id.Value,
            Extension = _extension,
        };
        var signatureHeader = new SignatureHeader
        {
            Creator = _identity.Creator,
            Nonce = UnsafeByteOperations.UnsafeWrap(nonce),
        };
        return new Header
        {
            ChannelHeader = channelHeader.ToByteString(),
            SignatureHeader = signatureHeader.ToByteString(),
        };
    }

    private Wire.ChaincodeProposalPayload PayloadOf(string function, ProposalOptions options)
    {
        var input = new Wire.ChaincodeInput();
        input.Args.Capacity = 1 + options.Arguments.Count;
        input.Args.Add(ByteString.CopyFromUtf8(function));
        foreach (ReadOnlyMemory<byte> argument in options.Arguments)
            input.Args.Add(UnsafeByteOperations.UnsafeWrap(argument));

        var specification = new Wire.ChaincodeInvocationSpec
        {
            ChaincodeSpec = new Wire.ChaincodeSpec
            {
                // The type names a runtime that endorsers no longer look at; this is what other gateway clients send.
                Type = Wire.ChaincodeSpec.Types.Type.Node,
                ChaincodeId = _contract,
                Input = input,
            },
        };
        var payload = new Wire.ChaincodeProposalPayload { Input = specification.ToByteString() };
        if (options.Transient is not null)
        {
            foreach ((string name, ReadOnlyMemory<byte> value) in options.Transient)
                payload.TransientMap.Add(name, UnsafeByteOperations.UnsafeWrap(value));
        }

        return payload;
    }
}
