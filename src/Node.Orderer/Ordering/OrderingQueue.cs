using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>Envelopes on their way to the ordering loop of one channel.</summary>
/// <remarks>
/// Any number of writers, one reader. Bounded by <see cref="Limits.OrderingQueueMax"/> and
/// <see cref="Limits.OrderingQueueBytesMax"/>, counted until an envelope is settled; what does not fit is refused,
/// since
/// waiting would only move the queue into the memory of the streams. Closed at first.
/// </remarks>
internal sealed class OrderingQueue
{
    private static readonly BroadcastAnswer s_full = BroadcastAnswer.Unavailable(
        $"{Limits.OrderingQueueMax} envelopes or {Limits.OrderingQueueBytesMax >> 20} MiB wait to be ordered: retry in "
        + $"{Limits.OverloadRetryAfter.TotalMilliseconds:0} ms");

    private readonly Channel<WaitingEnvelope> _waiting =
        Channel.CreateBounded<WaitingEnvelope>(new BoundedChannelOptions(Limits.OrderingQueueMax));
    private long _bytes;
    private volatile BroadcastAnswer? _closed = BroadcastAnswer.Unavailable("the channel is being opened: retry");

    public int Count => _waiting.Reader.Count;

    /// <summary>Queues an envelope, or says at once why not. Either way it is settled in the end.</summary>
    public Task<BroadcastAnswer> Add(WaitingEnvelope envelope)
    {
        long bytes = Interlocked.Add(ref _bytes, envelope.Bytes.Length);
        if (_closed is { } closed)
            Settle(envelope, closed);
        else if (bytes > Limits.OrderingQueueBytesMax || !_waiting.Writer.TryWrite(envelope))
            Settle(envelope, s_full);
        else if (_closed is { } meanwhile)
            SettleAll(meanwhile);   // It may have been closed and emptied between the look and the write.

        return envelope.Answer;
    }

    /// <summary>For the ordering loop. Whatever it takes it settles.</summary>
    public bool TryTake([NotNullWhen(true)] out WaitingEnvelope? envelope) => _waiting.Reader.TryRead(out envelope);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        _waiting.Reader.WaitToReadAsync(cancellationToken);

    public void Settle(WaitingEnvelope envelope, BroadcastAnswer answer)
    {
        Interlocked.Add(ref _bytes, -envelope.Bytes.Length);
        envelope.Settle(answer);
    }

    public void Open() => _closed = null;

    /// <summary>Answers so what waits and whatever comes, until opened: no loop reads.</summary>
    public void Close(BroadcastAnswer answer)
    {
        _closed = answer;
        SettleAll(answer);
    }

    private void SettleAll(BroadcastAnswer answer)
    {
        while (TryTake(out WaitingEnvelope? envelope))
            Settle(envelope, answer);
    }
}
