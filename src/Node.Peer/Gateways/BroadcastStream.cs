using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Metadata = Grpc.Core.Metadata;
using Status = Node.Protocol.Wire.Common.Status;
using AtomicBroadcastClient = Node.Protocol.Wire.Ordering.AtomicBroadcast.AtomicBroadcastClient;

namespace Node.Peer.Gateways;

/// <summary>One orderer, over one kept Broadcast stream with many envelopes in flight.</summary>
/// <remarks>
/// The orderer answers in the order of the envelopes, so answers find their senders by position. When the stream is
/// lost, envelopes without an answer fail with <see cref="PeerUnreachableException"/>: they may have been ordered or
/// not, and sending one again is safe, since a second copy of a transaction id is never valid. When the orderer ended
/// it after a refusal, as Fabric's does, those behind the refused envelope were not looked at and are sent again. The
/// next send opens a new stream. Any thread.
/// </remarks>
internal sealed class BroadcastStream(string address, GrpcChannel channel, TimeProvider clock) : IAsyncDisposable
{
    // Asks an orderer of ours to go on after a refusal, so that one client's bad envelope does not cost the others
    // theirs.
    private static readonly Metadata s_headers = new() { { BroadcastHeaders.KeepOpen, "1" } };

    private readonly AtomicBroadcastClient _client = new(channel);
    private readonly Lock _lock = new();   // Protects _session and _disposed.
    private Session? _session;
    private bool _disposed;
    private int _waiting;      // Callers that an answer is owed to.
    private long _lastSignAt;  // Of an answer, or of the first caller after a time without any.
    private volatile bool _isAway;

    public string Address => address;

    /// <summary>How long the orderer has owed an answer without giving any; zero when it owes none.</summary>
    public TimeSpan SilentFor => Volatile.Read(ref _waiting) == 0
        ? TimeSpan.Zero
        : clock.GetElapsedTime(Volatile.Read(ref _lastSignAt));

    /// <summary>The last envelope that was settled got no answer: whoever has a choice asks another orderer.</summary>
    public bool IsAway => _isAway;

    /// <summary>The orderer's answer to this envelope. SUCCESS means durable in the ordered log.</summary>
    /// <exception cref="PeerUnreachableException">No answer came; try another orderer or this one again.</exception>
    public async Task<BroadcastResponse> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) == 1)
            Volatile.Write(ref _lastSignAt, clock.GetTimestamp());

        try
        {
            BroadcastResponse answer = await ExchangeAsync(envelope, cancellationToken);
            Volatile.Write(ref _lastSignAt, clock.GetTimestamp());
            _isAway = false;
            return answer;
        }
        catch (PeerUnreachableException)
        {
            _isAway = true;
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Session? session;
        lock (_lock)
        {
            _disposed = true;
            session = _session;
        }

        if (session is not null)
            await session.DisposeAsync();
    }

    private async Task<BroadcastResponse> ExchangeAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        // Each round needs another refusal before it, so others' refusals can delay an envelope but not fail it.
        while (true)
        {
            var pending = new Pending(envelope);
            Session session = Current();
            if (!session.Outgoing.TryWrite(pending) && !await TryWriteAsync(session, pending, cancellationToken))
                continue;

            if (await pending.Task.WaitAsync(cancellationToken) is { } answer)
                return answer;
        }
    }

    // The queue is full, or the session ended this very moment. False when it ended after a refusal.
    private async Task<bool> TryWriteAsync(Session session, Pending pending, CancellationToken cancellationToken)
    {
        try
        {
            await session.Outgoing.WriteAsync(pending, cancellationToken);
            return true;
        }
        catch (ChannelClosedException e)
        {
            return session.EndedByRefusal
                ? false
                : throw new PeerUnreachableException(address, "the Broadcast stream ended", e);
        }
    }

    private Session Current()
    {
        lock (_lock)
        {
            if (_disposed)
                throw new PeerUnreachableException(address, "this peer is stopping", inner: null);

            if (_session is null || _session.Ended)
                _session = new Session(address, _client.Broadcast(new CallOptions(s_headers)));

            return _session;
        }
    }

    // Completes with the answer, or with null when the orderer never looked at the envelope: send it again.
    private sealed class Pending(Envelope envelope)
        : TaskCompletionSource<BroadcastResponse?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Envelope Envelope => envelope;
    }

    private sealed class Session : IAsyncDisposable
    {
        private static readonly WriteOptions s_more = new(WriteFlags.BufferHint);
        private static readonly WriteOptions s_last = new();

        private readonly string _address;
        private readonly AsyncDuplexStreamingCall<Envelope, BroadcastResponse> _call;
        private readonly Channel<Pending> _outgoing =
            Channel.CreateBounded<Pending>(new BoundedChannelOptions(Limits.BroadcastsInFlightMax)
            {
                SingleReader = true,
            });

        // Written by the sender before the envelope leaves, read by the receiver: an answer always finds its place.
        private readonly Channel<Pending> _unanswered =
            Channel.CreateBounded<Pending>(new BoundedChannelOptions(Limits.BroadcastsInFlightMax)
            {
                SingleReader = true, SingleWriter = true,
            });

        private readonly Task _sending;
        private readonly Task _receiving;
        private volatile bool _ended;
        private volatile bool _endedByRefusal;

        public Session(string address, AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call)
        {
            _address = address;
            _call = call;
            _sending = SendLoopAsync();
            _receiving = ReceiveLoopAsync();
        }

        public ChannelWriter<Pending> Outgoing => _outgoing.Writer;

        /// <summary>
        /// Set before <see cref="Outgoing"/> closes: whoever finds it closed can open another session.
        /// </summary>
        public bool Ended => _ended;

        /// <summary>Set before <see cref="Ended"/>.</summary>
        public bool EndedByRefusal => _endedByRefusal;

        public async ValueTask DisposeAsync()
        {
            _call.Dispose();
            await _receiving;
        }

        private async Task SendLoopAsync()
        {
            try
            {
                while (await _outgoing.Reader.WaitToReadAsync())
                {
                    while (_outgoing.Reader.TryPeek(out Pending? pending))
                    {
                        // Only looked at so far: what cannot move on is found where it lies when the session ends.
                        await _unanswered.Writer.WriteAsync(pending);
                        _outgoing.Reader.TryRead(out _);
                        _call.RequestStream.WriteOptions = _outgoing.Reader.TryPeek(out _) ? s_more : s_last;
                        await _call.RequestStream.WriteAsync(pending.Envelope);
                    }
                }
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or ChannelClosedException)
            {
                // The receiver sees the same end with its reason, and answers everyone.
                // Until then, answers may still come.
            }
        }

        private async Task ReceiveLoopAsync()
        {
            string why = "the orderer ended the Broadcast stream";
            bool refused = false;
            try
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    BroadcastResponse answer = _call.ResponseStream.Current;
                    if (!_unanswered.Reader.TryRead(out Pending? pending))
                    {
                        why = "the orderer answered more often than it was asked";
                        refused = false;
                        break;
                    }

                    refused = answer.Status != Status.Success;
                    pending.TrySetResult(answer);
                }
            }
            catch (RpcException e)
            {
                why = e.Status.Detail;
                refused = false;
            }
            finally
            {
                // Whatever ended it: nobody may wait for an answer that cannot come.
                await EndAsync(why, refused);
            }
        }

        private async Task EndAsync(string why, bool refused)
        {
            _endedByRefusal = refused;
            _ended = true;
            _outgoing.Writer.TryComplete();
            _unanswered.Writer.TryComplete();
            _call.Dispose();
            await _sending;
            while (_unanswered.Reader.TryRead(out Pending? pending) || _outgoing.Reader.TryRead(out pending))
            {
                if (refused)
                    pending.TrySetResult(null);
                else
                    pending.TrySetException(new PeerUnreachableException(_address, why, inner: null));
            }
        }
    }
}
