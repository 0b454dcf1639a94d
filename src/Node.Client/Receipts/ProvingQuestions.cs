using Google.Protobuf;
using Grpc.Core;
using Node.Client.Connecting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Wire = Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Receipts;

/// <summary>Asks one peer for proofs on one channel: signs the requests, sets deadlines, translates failures.</summary>
/// <remarks>Any thread. What comes back is not trusted: it is verified where it is used.</remarks>
internal sealed class ProvingQuestions(GatewayConnection connection, ChannelId channel)
{
    // A peer waits for others' attestations up to their limit; what comes on top is the way there and back.
    private static readonly TimeSpan s_receiptTimeout = Limits.AttestationWait + TimeSpan.FromSeconds(20);

    public string Endpoint => connection.Options.Endpoint;

    public ChannelId Channel => channel;

    /// <exception cref="GatewayException">There is no such transaction, or not enough peers attest it.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answers at the endpoint.</exception>
    public async Task<Wire.Receipt> ProveAsync(TxId id, CancellationToken cancellation)
    {
        try
        {
            Wire.SignedProvingRequest request = Sign(new Wire.ProvingRequest { TransactionId = id.Value });
            using AsyncUnaryCall<Wire.Receipt> call =
                connection.Proving.ProveAsync(request, null, After(s_receiptTimeout), cancellation);
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw connection.Translate(
                e, $"There is no receipt of transaction {id}", message => new GatewayException(message, id, e));
        }
    }

    /// <summary>The path by which the chain of the first height is a beginning of that of the second.</summary>
    /// <exception cref="GatewayException">The peer does not have that height, or refuses.</exception>
    public Task<Hash32[]> ConsistencyAsync(ulong first, ulong second, CancellationToken cancellation) =>
        PathAsync(
            new Wire.ProvingRequest { Consistency = new Wire.ConsistencyQuestion { First = first, Second = second } },
            connection.Proving.ConsistencyAsync,
            cancellation);

    /// <summary>The path from a block to the chain root of a height.</summary>
    /// <inheritdoc cref="ConsistencyAsync"/>
    public Task<Hash32[]> InclusionAsync(ulong block, ulong height, CancellationToken cancellation) =>
        PathAsync(
            new Wire.ProvingRequest { Inclusion = new Wire.InclusionQuestion { Block = block, Height = height } },
            connection.Proving.InclusionAsync,
            cancellation);

    /// <summary>Signed blocks in order. The stream belongs to the caller, who disposes it.</summary>
    /// <remarks>
    /// A range without a count goes on for ever. Others end in time: a peer waits for a block that it does not have
    /// yet.
    /// </remarks>
    public AsyncServerStreamingCall<Wire.ConfigurationBlock> Commitments(
        Wire.CommitmentRange range, CancellationToken cancellation) =>
        connection.Proving.Commitments(
            Sign(new Wire.ProvingRequest { Commitments = range }),
            null,
            range.Count == 0 ? null : After(connection.Options.EvaluateTimeout),
            cancellation);

    /// <summary>The next block of a stream of <see cref="Commitments"/>; null at its end.</summary>
    public async Task<Wire.ConfigurationBlock?> NextAsync(
        AsyncServerStreamingCall<Wire.ConfigurationBlock> call, CancellationToken cancellation)
    {
        try
        {
            return await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false)
                ? call.ResponseStream.Current
                : null;
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e);
        }
    }

    private async Task<Hash32[]> PathAsync(
        Wire.ProvingRequest question,
        Func<Wire.SignedProvingRequest, Metadata?, DateTime?, CancellationToken, AsyncUnaryCall<Wire.MerklePath>> ask,
        CancellationToken cancellation)
    {
        try
        {
            using AsyncUnaryCall<Wire.MerklePath> call =
                ask(Sign(question), null, After(connection.Options.EvaluateTimeout), cancellation);
            Wire.MerklePath path = await call.ResponseAsync.ConfigureAwait(false);

            // A hash of another length makes a path that leads nowhere, which is what the check finds.
            return [.. path.Hashes.Select(hash => Hash32.TryRead(hash.Span, out Hash32 read) ? read : default)];
        }
        catch (RpcException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e);
        }
    }

    private Exception Translate(RpcException fault) => connection.Translate(
        fault, "The peer gives no proof", message => new GatewayException(message, default, fault));

    private Wire.SignedProvingRequest Sign(Wire.ProvingRequest request)
    {
        request.ChannelId = channel.Value;
        request.Identity = connection.Options.Identity.Creator;
        request.MadeAt = connection.Options.Clock.GetUtcNow().ToUnixTimeSeconds();
        ByteString bytes = request.ToByteString();
        return new Wire.SignedProvingRequest
        {
            Request = bytes,
            Signature = UnsafeByteOperations.UnsafeWrap(connection.Sign(ProvingRequestBytes.ToSign(bytes.Span))),
        };
    }

    private DateTime After(TimeSpan timeout) => (connection.Options.Clock.GetUtcNow() + timeout).UtcDateTime;
}
