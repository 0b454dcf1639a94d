using System.Runtime.CompilerServices;
using Node.Client.Following;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;
using Node.Testing.Proofs;

namespace Node.Client.Tests.Following;

/// <summary>A peer in memory that says what a test gives it, true or not. Any thread.</summary>
internal sealed class ScriptedSource(string name) : ICommitmentSource
{
    private readonly Lock _lock = new();   // Protects all below.
    private readonly List<ConfigurationBlock> _blocks = [];
    private readonly MerkleTree _tree = new();
    private TaskCompletionSource _more = NewSignal();
    private int _questions;

    public ScriptedSource(string name, IEnumerable<BlockBytes> blocks)
        : this(name)
    {
        foreach (BlockBytes block in blocks)
            Add(block);
    }

    public string Name => name;

    public bool IsDown { get; set; }

    public int Questions => Volatile.Read(ref _questions);

    /// <summary>Changes what is told of each block.</summary>
    public Func<ConfigurationBlock, ConfigurationBlock> Lie { get; set; } = block => block;

    public void Add(BlockBytes block)
    {
        lock (_lock)
        {
            _blocks.Add(ProofBench.Commitment(block));
            _tree.Append(BlockCommitments.ChainLeaf(block.HeaderBytes.Span, block.ComputeTransactionsRoot()));
            Interlocked.Exchange(ref _more, NewSignal()).SetResult();
        }
    }

    public Task<ConfigurationBlock> NewestAsync(CancellationToken cancellation) =>
        Ask(() => Lie(_blocks[^1].Clone()));

    public Task<ConfigurationBlock> BlockAsync(ulong number, CancellationToken cancellation) =>
        Ask(() => Lie(_blocks[(int)number].Clone()));

    public Task<IReadOnlyList<ConfigurationBlock>> ConfigurationsAsync(
        ulong first, ulong last, CancellationToken cancellation) => Ask<IReadOnlyList<ConfigurationBlock>>(() =>
        [
            .. _blocks.Where(block => !block.Envelope.IsEmpty)
                .Where(block => block.Block.Number >= first && block.Block.Number <= last),
        ]);

    public async IAsyncEnumerable<ConfigurationBlock> FollowAsync(
        ulong from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (ulong number = from; ; number++)
        {
            while (true)
            {
                Task more;
                lock (_lock)
                {
                    if (IsDown)
                        throw new PeerUnreachableException(name, "it is down", inner: null);
                    if ((ulong)_blocks.Count > number)
                        break;

                    more = _more.Task;
                }

                await more.WaitAsync(cancellation);
            }

            yield return await BlockAsync(number, cancellation);
        }
    }

    public Task<Hash32[]> ConsistencyAsync(ulong first, ulong second, CancellationToken cancellation) =>
        Ask(() => _tree.ProveConsistency(first, second));

    public Task<Hash32[]> InclusionAsync(ulong block, ulong height, CancellationToken cancellation) =>
        Ask(() => _tree.ProveInclusion(block, height));

    private Task<T> Ask<T>(Func<T> answer)
    {
        Interlocked.Increment(ref _questions);
        lock (_lock)
        {
            return IsDown
                ? Task.FromException<T>(new PeerUnreachableException(name, "it is down", inner: null))
                : Task.FromResult(answer());
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
