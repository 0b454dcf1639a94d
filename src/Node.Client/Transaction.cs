using Google.Protobuf;
using Node.Client.Connecting;
using Node.Protocol;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>An endorsed call, ready to be ordered. Immutable.</summary>
public sealed class Transaction
{
    private readonly GatewayConnection _connection;
    private readonly ChannelId _channel;
    private readonly Wire.Common.Envelope _envelope;

    internal Transaction(
        GatewayConnection connection, ChannelId channel, TxId id, Wire.Common.Envelope envelope,
        ReadOnlyMemory<byte> result)
    {
        _connection = connection;
        _channel = channel;
        TransactionId = id;
        _envelope = envelope;
        Result = result;
    }

    public TxId TransactionId { get; }

    /// <summary>
    /// What the contract returned to its endorsers. Of effect only once the transaction is committed as valid.
    /// </summary>
    public ReadOnlyMemory<byte> Result { get; }

    /// <summary>What the client's key signs: the envelope's payload, as the gateway assembled it.</summary>
    public ReadOnlyMemory<byte> MessageToSign => _envelope.Payload.Memory;

    /// <inheritdoc cref="Proposal.Digest"/>
    public Hash32 Digest => Hash32.Of(_envelope.Payload.Span);

    /// <summary>
    /// For signing elsewhere; <see cref="Gateway.NewSignedTransaction"/> takes it back with the signature.
    /// </summary>
    /// <returns>An encoded gateway.PreparedTransaction.</returns>
    public byte[] ToBytes() =>
        new Wire.Gateway.PreparedTransaction { TransactionId = TransactionId.Value, Envelope = _envelope }.ToByteArray(
            );

    /// <summary>
    /// Hands the transaction to the orderer. Once it returns, the order is durable; the verdict is not yet known.
    /// </summary>
    /// <exception cref="SubmitException">No orderer is known to have taken it.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<Commit> SubmitAsync(CancellationToken cancellation)
    {
        ByteString signature = _envelope.Signature.IsEmpty
            ? UnsafeByteOperations.UnsafeWrap(_connection.Sign(_envelope.Payload.Span))
            : _envelope.Signature;
        var request = new Wire.Gateway.SubmitRequest
        {
            TransactionId = TransactionId.Value,
            ChannelId = _channel.Value,
            PreparedTransaction = new Wire.Common.Envelope { Payload = _envelope.Payload, Signature = signature },
        };
        await _connection.SubmitAsync(request, TransactionId, cancellation).ConfigureAwait(false);
        return new Commit(_connection, _channel, TransactionId);
    }
}
