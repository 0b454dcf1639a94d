using Google.Protobuf;
using Node.Client.Connecting;
using Node.Protocol;
using Wire = Node.Protocol.Wire.Gateway;

namespace Node.Client;

/// <summary>A transaction on its way to the ledger. Immutable; may be asked any number of times.</summary>
public sealed class Commit
{
    private readonly GatewayConnection _connection;
    private readonly ByteString _request;
    private readonly ByteString? _signature;

    internal Commit(GatewayConnection connection, ChannelId channel, TxId id)
    {
        _connection = connection;
        TransactionId = id;
        _request = new Wire.CommitStatusRequest
        {
            TransactionId = id.Value,
            ChannelId = channel.Value,
            Identity = connection.Options.Identity.Creator,
        }.ToByteString();
    }

    internal Commit(GatewayConnection connection, TxId id, ByteString request, ByteString? signature)
    {
        _connection = connection;
        TransactionId = id;
        _request = request;
        _signature = signature;
    }

    public TxId TransactionId { get; }

    /// <summary>What the client's key signs: the request for the status.</summary>
    public ReadOnlyMemory<byte> MessageToSign => _request.Memory;

    /// <inheritdoc cref="Proposal.Digest"/>
    public Hash32 Digest => Hash32.Of(_request.Span);

    /// <summary>
    /// For signing elsewhere; <see cref="Gateway.NewSignedCommit"/> takes it back with the signature.
    /// </summary>
    /// <returns>An encoded gateway.SignedCommitStatusRequest.</returns>
    public byte[] ToBytes() => new Wire.SignedCommitStatusRequest
    {
        Request = _request,
        Signature = _signature ?? ByteString.Empty,
    }.ToByteArray();

    /// <summary>Waits until the peer has the transaction in a durable block, and says whether it is valid.</summary>
    /// <exception cref="CommitStatusException">
    /// Not known within <see cref="GatewayOptions.CommitStatusTimeout"/>.
    /// </exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public Task<CommitStatus> GetStatusAsync(CancellationToken cancellation)
    {
        var request = new Wire.SignedCommitStatusRequest
        {
            Request = _request,
            Signature = _signature ?? UnsafeByteOperations.UnsafeWrap(_connection.Sign(_request.Span)),
        };
        return _connection.CommitStatusAsync(request, TransactionId, cancellation);
    }
}
