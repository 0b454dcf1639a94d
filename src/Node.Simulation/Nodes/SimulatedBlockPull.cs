using Node.Membership;
using Node.Orderer.CatchingUp;
using Node.Protocol;

namespace Node.Simulation.Nodes;

/// <summary>Asks the other orderers of a simulated world for blocks, one after the other.</summary>
internal sealed class SimulatedBlockPull(World world, SimulatedOrderer asking) : IBlockPull
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public async Task RunAsync(
        Func<ulong> start,
        IReadOnlyList<OrdererEndpoint> orderers,
        Func<ReadOnlyMemory<byte>, (string? Refusal, bool WantsMore)> take,
        CancellationToken cancellationToken)
    {
        world.Events.Add(asking.Host.Name, $"asks the others for blocks from {start()} on");
        foreach (SimulatedOrderer other in world.Orderers)
        {
            if (other != asking && await PullAsync(other, start, take, cancellationToken))
                return;
        }

        throw new StorageFailedException(
            "fetch blocks from other orderers", "the channel", "none has them now", inner: null);
    }

    private async Task<bool> PullAsync(
        SimulatedOrderer other,
        Func<ulong> start,
        Func<ReadOnlyMemory<byte>, (string? Refusal, bool WantsMore)> take,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IReadOnlyList<ReadOnlyMemory<byte>>? blocks = await AskAsync(other, start());
            if (blocks is null || blocks.Count == 0)
                return false;

            foreach (ReadOnlyMemory<byte> block in blocks)
            {
                (string? refusal, bool wantsMore) = take(block);
                if (refusal is not null)
                    return false;
                if (!wantsMore)
                    return true;
            }
        }
    }

    private Task<IReadOnlyList<ReadOnlyMemory<byte>>?> AskAsync(SimulatedOrderer other, ulong start)
    {
        var asked = new TaskCompletionSource<IReadOnlyList<ReadOnlyMemory<byte>>?>();   // Continues inline.
        world.Calls.Call<IReadOnlyList<ReadOnlyMemory<byte>>>(
            asking.Host,
            other.Host,
            s_patience,
            answer => answer(other.Read(start)),
            blocks => asked.TrySetResult(blocks));
        return asked.Task;
    }
}
