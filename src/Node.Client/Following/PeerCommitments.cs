using System.Runtime.CompilerServices;
using Grpc.Core;
using Node.Client.Receipts;
using Node.Protocol;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>A peer's Proving service as a source of commitments.</summary>
internal sealed class PeerCommitments(ProvingQuestions questions) : ICommitmentSource
{
    private const ulong Newest = ulong.MaxValue;

    public string Name => questions.Endpoint;

    public Task<ConfigurationBlock> NewestAsync(CancellationToken cancellation) => OneAsync(Newest, cancellation);

    public Task<ConfigurationBlock> BlockAsync(ulong number, CancellationToken cancellation) =>
        OneAsync(number, cancellation);

    public async Task<IReadOnlyList<ConfigurationBlock>> ConfigurationsAsync(
        ulong first, ulong last, CancellationToken cancellation)
    {
        var range = new CommitmentRange { From = first, Count = last - first + 1, ConfigurationsOnly = true };
        using AsyncServerStreamingCall<ConfigurationBlock> call = questions.Commitments(range, cancellation);
        var blocks = new List<ConfigurationBlock>();
        long bytes = 0;
        while (await questions.NextAsync(call, cancellation).ConfigureAwait(false) is { } block)
        {
            bytes += block.CalculateSize();
            if (blocks.Count == Limits.ProofConfigurationsMax || bytes > Limits.ProofBytesMax)
                throw new GatewayException(
                    $"{Name} sends more than {Limits.ProofConfigurationsMax} configurations or " +
                    $"{Limits.ProofBytesMax} bytes of them at once.", default, cause: null);

            blocks.Add(block);
        }

        return blocks;
    }

    public async IAsyncEnumerable<ConfigurationBlock> FollowAsync(
        ulong from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using AsyncServerStreamingCall<ConfigurationBlock> call =
            questions.Commitments(new CommitmentRange { From = from }, cancellation);
        while (await questions.NextAsync(call, cancellation).ConfigureAwait(false) is { } block)
            yield return block;
    }

    public Task<Hash32[]> ConsistencyAsync(ulong first, ulong second, CancellationToken cancellation) =>
        questions.ConsistencyAsync(first, second, cancellation);

    public Task<Hash32[]> InclusionAsync(ulong block, ulong height, CancellationToken cancellation) =>
        questions.InclusionAsync(block, height, cancellation);

    private async Task<ConfigurationBlock> OneAsync(ulong from, CancellationToken cancellation)
    {
        using AsyncServerStreamingCall<ConfigurationBlock> call =
            questions.Commitments(new CommitmentRange { From = from, Count = 1 }, cancellation);
        return await questions.NextAsync(call, cancellation).ConfigureAwait(false)
            ?? throw new GatewayException($"{Name} gives no block.", default, cause: null);
    }
}
