using System.Diagnostics.CodeAnalysis;
using Node.Membership.Blocks;
using Node.Peer.Committing;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Pulling;

/// <summary>
/// Keeps what each orderer of a channel signed about the next blocks, and decides by majority whether the block that
/// one of them sent is the one that they agreed on.
/// </summary>
/// <remarks>
/// <para>
/// Every orderer makes the same block but for its own signature, so one that says something else about a number lies.
/// A block is confirmed by a majority of the orderers that the channel names; those that cannot be reached are not
/// waited for. Of one or two orderers none can be outvoted: a block of theirs is taken unless they contradict each
/// other.
/// </para>
/// <para>
/// Any thread speaks (<see cref="HearAsync"/>); the commit loop alone asks (<see cref="ConfirmAsync"/>). Headers are
/// kept for <see cref="HeadersAheadMax"/> blocks above the ledger's height; then those who speak wait.
/// </para>
/// </remarks>
internal sealed class WitnessBoard(PeerChannel channel, ForkReports contradictions)
{
    /// <summary>Headers of one orderer that are kept for blocks that are not committed.</summary>
    public const int HeadersAheadMax = 64;

    /// <summary>Our own newest blocks that late headers are held against.</summary>
    public const int CommittedMax = 256;

    private readonly Lock _lock = new();   // Protects everything below.
    private readonly Dictionary<string, Voice> _voices = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, Testimony> _committed = [];
    private readonly HashSet<string> _outvoting = new(StringComparer.Ordinal);
    private ulong _height = channel.Ledger.Height;
    private int _knownCount;
    private long _unconfirmed;
    private TaskCompletionSource _news = NewSignal();

    /// <summary>Raised, outside of any lock, when an orderer told of a further block.</summary>
    public event Action? Told;

    /// <summary>The first block that headers are of interest of: the one after the last durable one.</summary>
    public ulong Height
    {
        get
        {
            lock (_lock)
                return _height;
        }
    }

    /// <summary>Blocks that were committed without a majority, as no others could be reached.</summary>
    public long UnconfirmedCount => Interlocked.Read(ref _unconfirmed);

    /// <summary>Says which orderers the channel names. Those that it no longer names are forgotten.</summary>
    public void Name(IReadOnlyCollection<string> orderers)
    {
        lock (_lock)
        {
            _knownCount = orderers.Count;
            foreach (string gone in (string[])[.. _voices.Keys.Where(name => !orderers.Contains(name))])
                _voices.Remove(gone);
        }

        Signal();
    }

    /// <summary>Whether an orderer can be reached, and so is waited for.</summary>
    public void SetReachable(string orderer, bool isReachable)
    {
        lock (_lock)
            VoiceUnderLock(orderer).IsReachable = isReachable;

        Signal();
    }

    /// <summary>Takes what an orderer signed about a block. Waits while the block is far above the height.</summary>
    public async ValueTask HearAsync(string orderer, SignedBlock header, CancellationToken cancellationToken)
    {
        while (!TryHear(orderer, header, out Task news))
            await news.WaitAsync(cancellationToken);

        Signal();
        Told?.Invoke();
        CompareLate(orderer, header);
    }

    /// <summary>
    /// True when so many others have a block that an orderer who does not give it is the one at fault.
    /// </summary>
    public bool OthersHave(ulong number, string than)
    {
        lock (_lock)
        {
            int have = 0;
            int reachable = 0;
            foreach ((string name, Voice voice) in _voices)
            {
                if (name == than)
                    continue;

                reachable += voice.IsReachable ? 1 : 0;
                have += voice.Headers.ContainsKey(number) ? 1 : 0;
            }

            return have > 0 && have >= Math.Min(MajorityUnderLock(), reachable);
        }
    }

    /// <summary>Completes when there is nothing more to wait for. Nothing of the block is durable yet.</summary>
    /// <returns>Null to commit it, otherwise why not.</returns>
    public async ValueTask<BlockRejection?> ConfirmAsync(BlockInFlight block, CancellationToken cancellationToken)
    {
        Testimony ours = block.Testimony;
        bool isDisputed = false;
        while (true)
        {
            Weighing weighing;
            Task news;
            lock (_lock)
            {
                news = _news.Task;
                if (_knownCount < 2)
                    return null;

                weighing = WeighUnderLock(ours);
            }

            if (weighing.Differing.Count > 0 && DropUnsigned(weighing.Differing))
                continue;

            if (weighing.Differing.Count > 0)
                contradictions.Found(ours, weighing.Differing[0]);

            if (weighing.IsDecided)
            {
                if (isDisputed)
                    contradictions.Settled();

                return Decide(block, ours, weighing);
            }

            if (weighing.Differing.Count > 0 || weighing.IsOutvoted)
            {
                isDisputed = true;
                contradictions.Undecided(ours, weighing.Differing, weighing.IsOutvoted);
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The block is durable.</summary>
    public void Committed(BlockInFlight block)
    {
        lock (_lock)
        {
            _height = block.Block.Number + 1;
            if (_knownCount < 2)
                return;

            _committed[block.Block.Number] = block.Testimony;
            if (block.Block.Number >= CommittedMax)
                _committed.Remove(block.Block.Number - CommittedMax);

            foreach (Voice voice in _voices.Values)
                voice.Headers.Remove(block.Block.Number);
        }

        Signal();
    }

    /// <summary>An orderer sent a block, signed as it must be, that does not follow ours.</summary>
    public void LeadsElsewhere(string orderer)
    {
        bool isOutvoted;
        lock (_lock)
        {
            _outvoting.Add(orderer);
            isOutvoted = IsOutvotedUnderLock();
        }

        if (isOutvoted)
            contradictions.Outvoted(Height);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        TaskCompletionSource last;
        lock (_lock)
        {
            last = _news;
            _news = NewSignal();
        }

        last.SetResult();
    }

    private Voice VoiceUnderLock(string orderer)
    {
        if (!_voices.TryGetValue(orderer, out Voice? voice))
            _voices.Add(orderer, voice = new Voice());

        return voice;
    }

    private int MajorityUnderLock() => _knownCount < 3 ? 1 : (_knownCount / 2) + 1;

    private bool IsOutvotedUnderLock() => _knownCount >= 3 && _outvoting.Count >= MajorityUnderLock();

    private bool TryHear(string orderer, SignedBlock header, out Task news)
    {
        lock (_lock)
        {
            news = _news.Task;
            if (header.Number >= _height + HeadersAheadMax)
                return false;

            if (header.Number >= _height)
                VoiceUnderLock(orderer).Headers[header.Number] = header;

            return true;
        }
    }

    private void CompareLate(string orderer, SignedBlock header)
    {
        Testimony? ours;
        lock (_lock)
        {
            if (!_committed.TryGetValue(header.Number, out ours) || SignedBlockReader.SayTheSame(ours.Block, header))
                return;
        }

        // A newer configuration may no longer know who signed it.
        bool isSigned = IsSigned(header, out string? fault);
        if (!isSigned && channel.Ledger.Tip.LastConfigBlock >= header.Number)
            return;

        var other = new Testimony(orderer, header);
        if (isSigned)
            contradictions.Found(ours, other);

        contradictions.Lied(other, fault ?? "it signed another block of this number");
        Silence(orderer);
        if (isSigned)
            LeadsElsewhere(orderer);
    }

    private Weighing WeighUnderLock(Testimony ours)
    {
        var differing = new List<Testimony>();
        int agreeing = 1;
        bool someoneIsSilent = false;
        foreach ((string name, Voice voice) in _voices)
        {
            if (!voice.Headers.TryGetValue(ours.Block.Number, out SignedBlock? header))
                someoneIsSilent |= voice.IsReachable && name != ours.Orderer;
            else if (!SignedBlockReader.SayTheSame(header, ours.Block))
                differing.Add(new Testimony(name, header));
            else if (name != ours.Orderer)
                agreeing++;
        }

        int needed = differing.Count == 0 ? MajorityUnderLock() : (_knownCount / 2) + 1;
        int against = LargestAgreement(differing);
        bool isOutvoted = IsOutvotedUnderLock();
        bool isConfirmed = !isOutvoted && agreeing >= needed;
        bool nobodyElse = !isOutvoted && !someoneIsSilent && differing.Count == 0;
        return new Weighing(differing, isConfirmed, against >= needed, nobodyElse, isOutvoted);
    }

    private static int LargestAgreement(List<Testimony> differing)
    {
        int largest = 0;
        foreach (Testimony one in differing)
            largest = Math.Max(largest, differing.Count(other => SignedBlockReader.SayTheSame(one.Block, other.Block)));

        return largest;
    }

    private BlockRejection? Decide(BlockInFlight block, Testimony ours, in Weighing weighing)
    {
        if (!weighing.IsConfirmed && weighing.IsRefuted)
        {
            return new BlockRejection(
                block.Block.Number, "a majority of the orderers signed another block of this number",
                SenderAtFault: true) { Sender = block.Sender };
        }

        foreach (Testimony other in weighing.Differing)
        {
            contradictions.Lied(other, $"it signed another block than {ours.Orderer} and a majority of the orderers");
            Silence(other.Orderer);
        }

        if (!weighing.IsConfirmed)
            Interlocked.Increment(ref _unconfirmed);

        return null;
    }

    // What is not signed proves nothing but that its sender lies. True when one was dropped.
    private bool DropUnsigned(List<Testimony> differing)
    {
        bool dropped = false;
        foreach (Testimony other in differing)
        {
            if (IsSigned(other.Block, out string? fault))
                continue;

            contradictions.Lied(other, fault);
            Silence(other.Orderer);
            dropped = true;
        }

        return dropped;
    }

    private bool IsSigned(SignedBlock header, [NotNullWhen(false)] out string? fault) => SignedBlockCheck.TryVerify(
        SignedBlockCheck.WithGoodSignatures(header, channel.Config), channel.Config, out _, out fault);

    private void Silence(string orderer)
    {
        lock (_lock)
        {
            Voice voice = VoiceUnderLock(orderer);
            voice.IsReachable = false;
            voice.Headers.Clear();
        }
    }

    private sealed class Voice
    {
        public bool IsReachable { get; set; }

        public Dictionary<ulong, SignedBlock> Headers { get; } = [];
    }

    private readonly record struct Weighing(
        List<Testimony> Differing, bool IsConfirmed, bool IsRefuted, bool NobodyElse, bool IsOutvoted)
    {
        public bool IsDecided => IsConfirmed || IsRefuted || NobodyElse;
    }
}

/// <summary>What one orderer signed about one block.</summary>
/// <param name="Orderer">Who said so: host and port. The signature may be another orderer's.</param>
internal sealed record Testimony(string Orderer, SignedBlock Block);
