using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Pulling;
using Node.Peer.Validating;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Committing;

/// <summary>One block between acceptance and commit, and the work of verifying its transactions on all cores.</summary>
/// <remarks>
/// Workers of the thread pool take the next transaction that nobody has, so that none of them idles while a slow one
/// remains. Each gives its thread back after some transactions, and blocks behind this one are worked on as soon as it
/// has none left. Nobody reads <see cref="Transactions"/> before <see cref="Verified"/>.
/// </remarks>
internal sealed class BlockInFlight : IThreadPoolWorkItem
{
    /// <summary>Transactions a worker verifies before others that wait for its thread get a turn: some 2 ms.</summary>
    private const int TransactionsPerTurn = 16;

    private readonly TransactionVerifier _verifier;
    private readonly ChannelConfig _config;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _verified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _done;
    private Testimony? _testimony;

    public BlockInFlight(
        BlockBytes block, IDisposable? owner, TransactionVerifier verifier, ChannelConfig config, TimeProvider clock)
    {
        Block = block;
        Owner = owner;
        Transactions = new VerifiedTransaction[block.Envelopes.Length];
        _verifier = verifier;
        _config = config;
        _clock = clock;
        AcceptedAt = clock.GetTimestamp();
    }

    public BlockBytes Block { get; }

    /// <summary>Of the bytes that the block and its transactions slice; null when the collector is.</summary>
    public IDisposable? Owner { get; }

    /// <summary>The orderer that sent it, and may be blamed for it.</summary>
    public string Sender { get; init; } = "";

    /// <summary>What its sender signed by it. Read by the commit loop, of an accepted block.</summary>
    public Testimony Testimony => _testimony ??= new Testimony(Sender, ReadSigned());

    public VerifiedTransaction[] Transactions { get; }

    public Task Verified => _verified.Task;

    /// <summary>Timestamps of the clock, for the log and metrics.</summary>
    public long AcceptedAt { get; }

    public long VerifiedAt { get; private set; }

    /// <summary>Hands the block to as many workers as can be of use.</summary>
    public void Start()
    {
        if (Transactions.Length == 0)
        {
            Finish();
            return;
        }

        int workers = Math.Min(Environment.ProcessorCount, (Transactions.Length + 1) / 2);
        for (int worker = 0; worker < workers; worker++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Verifies all on the caller's thread, for who has but one.</summary>
    public void VerifyHere()
    {
        for (int index = 0; index < Transactions.Length; index++)
            Transactions[index] = _verifier.Verify(Block.Envelopes[index], _config);

        Finish();
    }

    public void Execute()
    {
        for (int turn = 0; turn < TransactionsPerTurn; turn++)
        {
            int index = Interlocked.Increment(ref _next) - 1;
            if (index >= Transactions.Length)
                return;

            Transactions[index] = _verifier.Verify(Block.Envelopes[index], _config);
            if (Interlocked.Increment(ref _done) == Transactions.Length)
            {
                Finish();
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // Accepted blocks have a slot that can be read.
    private SignedBlock ReadSigned()
    {
        bool read = SignedBlockReader.TryRead(Block, out SignedBlock? signed, out string? fault);
        Invariant.Require(read && signed is not null, fault ?? "");
        return signed;
    }

    private void Finish()
    {
        VerifiedAt = _clock.GetTimestamp();
        _verified.SetResult();
    }
}
