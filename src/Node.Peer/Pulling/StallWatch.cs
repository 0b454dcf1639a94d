namespace Node.Peer.Pulling;

/// <summary>
/// Decides when an orderer has kept this peer waiting for too long for a block that others have already.
/// </summary>
/// <remarks>
/// <para>
/// A quiet channel is silent, so silence alone says nothing. The clock runs while the block that is waited for is known
/// to be elsewhere: dialling, the first byte and the last one all count, so an orderer that trickles is as late as one
/// that says nothing.
/// </para>
/// <para>One session owns it; <see cref="Heard"/> may be called from any thread.</para>
/// </remarks>
internal sealed class StallWatch : IDisposable
{
    /// <summary>Patience with an orderer while blocks come as they should.</summary>
    public static readonly TimeSpan PatienceFirst = TimeSpan.FromSeconds(0.7);

    /// <summary>Patience when every orderer was too slow: the link is.</summary>
    public static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    /// <summary>A block is late when it comes so long after others were known to have it…</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>… and so much longer as it takes at this pace, in bytes a second.</summary>
    public const int SlowLinkBytesPerSecond = 1 << 20;

    /// <summary>An orderer lags when so many blocks in a row were late.</summary>
    public const int LateBlocksMax = 20;

    private readonly TimeProvider _clock;
    private readonly Func<ulong, bool> _othersHave;
    private readonly CancellationTokenSource _stalled;
    private readonly Lock _lock = new();   // Protects everything below.
    private ulong _number;
    private bool _isWaiting;
    private TimeSpan _patience;
    private long _owedSince;   // A timestamp; 0 while nobody else is known to have the block.
    private int _lateInRow;

    public StallWatch(TimeProvider clock, TimeSpan patience, Func<ulong, bool> othersHave)
    {
        _clock = clock;
        _patience = patience;
        _othersHave = othersHave;
        _stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    /// <summary>Cancelled when patience is at its end.</summary>
    public CancellationToken Stalled => _stalled.Token;

    /// <summary>How long others may have had the block that is waited for. Begins to count with the next one.</summary>
    public TimeSpan Patience
    {
        get
        {
            lock (_lock)
                return _patience;
        }
        set
        {
            lock (_lock)
                _patience = value;
        }
    }

    /// <summary>The block that was waited for last.</summary>
    public ulong Number
    {
        get
        {
            lock (_lock)
                return _number;
        }
    }

    /// <summary>True when block after block came late.</summary>
    public bool IsLagging
    {
        get
        {
            lock (_lock)
                return _lateInRow >= LateBlocksMax;
        }
    }

    /// <summary>From now on the orderer is waited for.</summary>
    public void Waiting(ulong number)
    {
        lock (_lock)
        {
            _number = number;
            _isWaiting = true;
            _owedSince = 0;
            LookUnderLock();
        }
    }

    /// <summary>Others may have told of further blocks.</summary>
    public void Heard()
    {
        lock (_lock)
            LookUnderLock();
    }

    /// <summary>The block came. What follows until the next <see cref="Waiting"/> is not the orderer's doing.</summary>
    public void Arrived(int bytes)
    {
        lock (_lock)
        {
            TimeSpan allowed = LateAfter + TimeSpan.FromSeconds((double)bytes / SlowLinkBytesPerSecond);
            bool isLate = _owedSince != 0 && _clock.GetElapsedTime(_owedSince) > allowed;
            _lateInRow = isLate ? _lateInRow + 1 : 0;
            _isWaiting = false;
            _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isWaiting = false;   // Whoever still calls is late.
            _stalled.Dispose();
        }
    }

    private void LookUnderLock()
    {
        if (!_isWaiting || _owedSince != 0 || !_othersHave(_number))
            return;

        _owedSince = _clock.GetTimestamp();
        _stalled.CancelAfter(_patience);
    }
}
