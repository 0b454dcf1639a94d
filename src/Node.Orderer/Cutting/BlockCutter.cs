using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Orderer.Cutting;

/// <summary>Decides where one batch ends and the next begins, and when a batch may leave.</summary>
/// <remarks>
/// Pure: no clock, no I/O, no locks; the same calls in the same order give the same batches. Owned by the ordering
/// loop of one channel. At most one batch is in flight to the ordered log. A batch that met a limit leaves as soon as
/// nothing is in flight; one that did not also waits for the pace of the batch before it.
/// </remarks>
internal sealed class BlockCutter(BatchLimits limits, CutPace pace)
{
    private readonly List<WaitingEnvelope> _open = [];
    private readonly Queue<CutBatch> _closed = [];   // Invariant: at most 3, since Add needs HasRoom.
    private long _openBytes;                         // Invariant: the sum of SizeBytes over _open.
    private bool _inFlight;
    private long _ticksToPace;                       // Ticks until an open batch may leave; 0 when it may now.

    /// <summary>Whether another envelope may be added. False while a closed batch waits to leave.</summary>
    public bool HasRoom => _closed.Count == 0;

    /// <summary>Ticks after which <see cref="TryCut"/> will succeed by time alone; null when time is not what is
    /// missing.</summary>
    public long? TicksUntilCut => _inFlight || _closed.Count > 0 || _open.Count == 0 ? null : _ticksToPace;

    /// <summary>Adds one envelope, in arrival order.</summary>
    public void Add(WaitingEnvelope envelope)
    {
        Invariant.Require(HasRoom, "the loop takes what is closed before it adds more");

        if (envelope.IsConfig)
        {
            Close();
            _closed.Enqueue(new CutBatch([envelope], IsConfig: true));
            return;
        }

        // An envelope as large as a whole batch travels alone, behind everything that arrived before it.
        if (_openBytes + envelope.SizeBytes > limits.BatchBytesPreferred)
            Close();

        _open.Add(envelope);
        _openBytes += envelope.SizeBytes;
        if (_open.Count >= limits.EnvelopeCountMax || _openBytes >= limits.BatchBytesPreferred)
            Close();
    }

    /// <summary>Time passed.</summary>
    public void Tick(long ticks) => _ticksToPace = Math.Max(_ticksToPace - ticks, 0);

    /// <summary>The batch in flight is durable.</summary>
    public void Landed()
    {
        Invariant.Require(_inFlight, "only what left can land");
        _inFlight = false;
    }

    /// <summary>Takes the next batch for the ordered log, if one may leave now. It is then in flight.</summary>
    public bool TryCut([NotNullWhen(true)] out CutBatch? batch)
    {
        batch = null;
        if (_inFlight)
            return false;

        if (_closed.Count == 0 && _ticksToPace == 0)
            Close();

        if (!_closed.TryDequeue(out batch))
            return false;

        _inFlight = true;
        _ticksToPace = pace.TicksAfter(batch.Envelopes.Length);
        return true;
    }

    /// <summary>The channel's configuration changed. Holds from the next envelope on.</summary>
    public void Adopt(BatchLimits newLimits, CutPace newPace)
    {
        limits = newLimits;
        pace = newPace;
    }

    /// <summary>Gives back everything that waits, in order, and forgets it: the channel stops.</summary>
    public List<WaitingEnvelope> Abandon()
    {
        Close();
        List<WaitingEnvelope> waiting = [];
        while (_closed.TryDequeue(out CutBatch? batch))
            waiting.AddRange(batch.Envelopes);

        _inFlight = false;
        _ticksToPace = 0;
        return waiting;
    }

    private void Close()
    {
        if (_open.Count > 0)
            _closed.Enqueue(new CutBatch([.. _open], IsConfig: false));

        _open.Clear();
        _openBytes = 0;
    }
}
