using Google.Protobuf;
using Node.Client.Connecting;
using Node.Client.Proposing;
using Node.Protocol;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>A call of a contract, ready to be evaluated or endorsed. Immutable.</summary>
public sealed class Proposal
{
    private readonly GatewayConnection _connection;
    private readonly ChannelId _channel;
    private readonly ByteString _bytes;
    private readonly ByteString? _signature;
    private readonly IReadOnlyList<string> _organizations;

    internal Proposal(
        GatewayConnection connection, ChannelId channel, TxId id, Wire.Peer.SignedProposal signed,
        IReadOnlyList<string> organizations)
    {
        _connection = connection;
        _channel = channel;
        TransactionId = id;
        _bytes = signed.ProposalBytes;
        _signature = signed.Signature.IsEmpty ? null : signed.Signature;
        _organizations = organizations;
    }

    public TxId TransactionId { get; }

    /// <summary>What the client's key signs.</summary>
    public ReadOnlyMemory<byte> MessageToSign => _bytes.Memory;

    /// <summary>SHA-256 of <see cref="MessageToSign"/>, for signers that take a digest.</summary>
    public Hash32 Digest => Hash32.Of(_bytes.Span);

    /// <summary>
    /// For signing elsewhere; <see cref="Gateway.NewSignedProposal"/> takes it back with the signature.
    /// </summary>
    /// <returns>An encoded gateway.ProposedTransaction.</returns>
    public byte[] ToBytes()
    {
        var container = new Wire.Gateway.ProposedTransaction
        {
            TransactionId = TransactionId.Value,
            Proposal = new Wire.Peer.SignedProposal
            {
                ProposalBytes = _bytes,
                Signature = _signature ?? ByteString.Empty,
            },
        };
        container.EndorsingOrganizations.AddRange(_organizations);
        return container.ToByteArray();
    }

    /// <summary>Runs the contract on one peer and returns its result. Nothing is written.</summary>
    /// <exception cref="GatewayException">The contract or the peer refused.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<ReadOnlyMemory<byte>> EvaluateAsync(CancellationToken cancellation)
    {
        var request = new Wire.Gateway.EvaluateRequest
        {
            TransactionId = TransactionId.Value,
            ChannelId = _channel.Value,
            ProposedTransaction = Signed(),
        };
        request.TargetOrganizations.AddRange(_organizations);
        Wire.Gateway.EvaluateResponse response =
            await _connection.EvaluateAsync(request, TransactionId, cancellation).ConfigureAwait(false);
        return response.Result?.Payload.Memory ?? default;
    }

    /// <summary>Has the contract simulated and signed by as many peers as its policy asks for.</summary>
    /// <exception cref="EndorseException">
    /// Not enough peers signed, or what came back is not this proposal's.
    /// </exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<Transaction> EndorseAsync(CancellationToken cancellation)
    {
        var request = new Wire.Gateway.EndorseRequest
        {
            TransactionId = TransactionId.Value,
            ChannelId = _channel.Value,
            ProposedTransaction = Signed(),
        };
        request.EndorsingOrganizations.AddRange(_organizations);
        Wire.Gateway.EndorseResponse response =
            await _connection.EndorseAsync(request, TransactionId, cancellation).ConfigureAwait(false);

        Wire.Common.Envelope envelope = response.PreparedTransaction ?? new Wire.Common.Envelope();
        if (!PreparedEnvelope.TryRead(envelope, _bytes, out ReadOnlyMemory<byte> result, out string? fault))
            throw new EndorseException(
                $"Transaction {TransactionId} is not signed: what the gateway at {_connection.Options.Endpoint} " +
                $"prepared is not this proposal's, {fault}. Use another peer.", TransactionId, cause: null);

        return new Transaction(_connection, _channel, TransactionId, envelope, result);
    }

    private Wire.Peer.SignedProposal Signed() => new()
    {
        ProposalBytes = _bytes,
        Signature = _signature ?? UnsafeByteOperations.UnsafeWrap(_connection.Sign(_bytes.Span)),
    };
}
