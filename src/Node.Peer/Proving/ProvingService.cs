using Google.Protobuf;
using Grpc.Core;
using Node.Ledger;
using Node.Peer.Delivering;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Hyperprov;
using About = Node.Protocol.Wire.Hyperprov.ProvingRequest.AboutOneofCase;
using ProvingBase = Node.Protocol.Wire.Hyperprov.Proving.ProvingBase;

namespace Node.Peer.Proving;

/// <summary>The wire face of proofs. Admits, finds, translates; what is signed is in the rooms behind it.</summary>
internal sealed class ProvingService(
    PeerNode node, ProvingAdmission admission, AttestationCollector attestations, OpenStreams streams) : ProvingBase
{
    private readonly ProofGate _receipts = new(Limits.ProofsMax);
    private readonly ProofGate _answers = new(Limits.ProofsMax);

    /// <summary>A receipt of a transaction, attested by peers of a majority of the organisations.</summary>
    /// <exception cref="RpcException">
    /// <c>NOT_FOUND</c>: no such transaction here. <c>FAILED_PRECONDITION</c>: there can be no receipt of it.
    /// <c>UNAVAILABLE</c>: not enough peers attest it now. <c>RESOURCE_EXHAUSTED</c>: this peer is full, ask another.
    /// </exception>
    public override Task<Receipt> Prove(SignedProvingRequest request, ServerCallContext context)
    {
        AdmittedQuestion question = admission.Admit(request, About.TransactionId);
        TxId id = IdOf(question);
        return _receipts.RunAsync(async () =>
        {
            TransactionProof proof = Build(question.Channel, id);
            if (!proof.TryToReceipt(out Receipt? receipt, out string? fault))
                throw new RpcException(new Status(StatusCode.FailedPrecondition, fault));

            receipt.Attestations.Add(await attestations.CollectAsync(
                question.Channel, proof.Statement, request, context.CancellationToken));
            return receipt;
        });
    }

    /// <summary>What this peer alone vouches for; it waits for a block that it does not have yet.</summary>
    public override async Task<Attestation> Attest(SignedProvingRequest request, ServerCallContext context)
    {
        AdmittedQuestion question = admission.Admit(request, About.TransactionId);
        TxId id = IdOf(question);

        // The wait is counted where waiters for commits are; a place here is for what costs.
        await WaitForAsync(question.Channel, id, context.CancellationToken);
        return await _answers.RunAsync(
            () => Task.FromResult(attestations.Sign(Build(question.Channel, id).Statement)));
    }

    /// <summary>Signed blocks in order, until the count is reached or the client leaves.</summary>
    public override Task Commitments(
        SignedProvingRequest request, IServerStreamWriter<ConfigurationBlock> responseStream, ServerCallContext context)
    {
        AdmittedQuestion question = admission.Admit(request, About.Commitments);
        CommitmentRange range = question.Request.Commitments;
        if (range.ConfigurationsOnly && range.Count == 0)
            throw RpcFaults.InvalidArgument("configurations_only needs a count");

        return streams.ServeAsync(
            whenStopping: StatusCode.Unavailable,
            token => range.ConfigurationsOnly
                ? SendConfigurationsAsync(question, responseStream, token)
                : SendAsync(question, responseStream, token),
            context.CancellationToken);
    }

    /// <summary>Shows that the chain of one height is the beginning of that of another.</summary>
    public override Task<MerklePath> Consistency(SignedProvingRequest request, ServerCallContext context)
    {
        AdmittedQuestion question = admission.Admit(request, About.Consistency);
        ConsistencyQuestion asked = question.Request.Consistency;
        if (asked.First > asked.Second)
            throw RpcFaults.InvalidArgument($"height {asked.First} is above height {asked.Second}; ask the other way");

        ChannelLedger ledger = RequireHeight(question.Channel, asked.Second);
        return _answers.RunAsync(() => Task.FromResult(PathOf(ledger.ProveConsistency(asked.First, asked.Second))));
    }

    /// <summary>The path from a block to the chain root of a height.</summary>
    public override Task<MerklePath> Inclusion(SignedProvingRequest request, ServerCallContext context)
    {
        AdmittedQuestion question = admission.Admit(request, About.Inclusion);
        InclusionQuestion asked = question.Request.Inclusion;
        if (asked.Block >= asked.Height)
            throw RpcFaults.InvalidArgument($"block {asked.Block} is not among the first {asked.Height} blocks");

        ChannelLedger ledger = RequireHeight(question.Channel, asked.Height);
        return _answers.RunAsync(() => Task.FromResult(PathOf(ledger.ProveInclusion(asked.Block, asked.Height))));
    }

    private async Task SendAsync(
        AdmittedQuestion question, IServerStreamWriter<ConfigurationBlock> blocks, CancellationToken cancellationToken)
    {
        PeerChannel channel = question.Channel;
        CommitmentRange range = question.Request.Commitments;
        ulong number = StartOf(range, channel);
        for (ulong sent = 0; range.Count == 0 || sent < range.Count; sent++, number++)
        {
            await channel.Commits.WaitForHeightAsync(number + 1, cancellationToken);
            admission.RequireStill(question);
            BlockBytes block = SignedBlocks.Read(channel.Ledger, number);
            await blocks.WriteAsync(SignedBlocks.WithConfiguration(block), cancellationToken);
        }
    }

    private static async Task SendConfigurationsAsync(
        AdmittedQuestion question, IServerStreamWriter<ConfigurationBlock> blocks, CancellationToken cancellationToken)
    {
        PeerChannel channel = question.Channel;
        CommitmentRange range = question.Request.Commitments;
        ulong from = StartOf(range, channel);
        ulong height = channel.Commits.Height;
        if (from >= height)
            return;

        ulong last = range.Count <= height - from ? from + range.Count - 1 : height - 1;
        List<ulong> numbers =
            SignedBlocks.ConfigurationsAmong(channel.Ledger, from, last, Limits.ProofConfigurationsMax)
            ?? throw RpcFaults.InvalidArgument(
                $"more than {Limits.ProofConfigurationsMax} configurations lie between blocks {from} and {last}: " +
                "ask for fewer blocks at once");
        foreach (ulong number in numbers)
        {
            BlockBytes block = SignedBlocks.Read(channel.Ledger, number);
            await blocks.WriteAsync(SignedBlocks.WithConfiguration(block), cancellationToken);
        }
    }

    private static ulong StartOf(CommitmentRange range, PeerChannel channel) =>
        range.From == ulong.MaxValue ? channel.Commits.Height - 1 : range.From;

    private TransactionProof Build(PeerChannel channel, TxId id)
    {
        if (!channel.Ledger.TryFindTransaction(id, out TransactionPosition position)
            || !Committing.CommittedTransaction.IsProofOfId(position.Code))
            throw NotFound(channel.Id, id);

        return TransactionProof.TryBuild(channel, id, position, out TransactionProof? proof, out string? fault)
            ? proof
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, fault));
    }

    private async Task WaitForAsync(PeerChannel channel, TxId id, CancellationToken callToken)
    {
        using var limit = new CancellationTokenSource(Limits.AttestationWait, node.Clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(callToken, node.Stopping, limit.Token);
        try
        {
            await channel.Commits.WaitForTransactionAsync(id, any.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !callToken.IsCancellationRequested)
        {
            throw NotFound(channel.Id, id);
        }
    }

    private RpcException NotFound(ChannelId channel, TxId id) => new(new Status(
        StatusCode.NotFound, $"transaction {id} is not on channel {channel} at peer {node.Address}"));

    private static TxId IdOf(in AdmittedQuestion question) =>
        TxId.TryParse(question.Request.TransactionId, out TxId id, out string? fault)
            ? id
            : throw RpcFaults.InvalidArgument(fault);

    private static ChannelLedger RequireHeight(PeerChannel channel, ulong height)
    {
        ChannelLedger ledger = channel.Ledger;
        return height <= ledger.Height
            ? ledger
            : throw new RpcException(new Status(
                StatusCode.OutOfRange, $"height {height} is not reached yet, this peer is at {ledger.Height}"));
    }

    private static MerklePath PathOf(Hash32[] hashes)
    {
        var path = new MerklePath();
        foreach (Hash32 hash in hashes)
            path.Hashes.Add(ByteString.CopyFrom(hash.AsSpan()));

        return path;
    }
}
