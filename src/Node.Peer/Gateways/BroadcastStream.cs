using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Metadata = Grpc.Core.Metadata;
using AtomicBroadcastClient = Node.Protocol.Wire.Ordering.AtomicBroadcast.AtomicBroadcastClient;

namespace Node.Peer.Gateways;

/// <summary>One orderer, over one kept Broadcast stream with many envelopes in flight.</summary>
/// <remarks>
/// The orderer answers in the order of the envelopes, so answers find their senders by position. When the stream ends,
/// envelopes without an answer fail with <see cref="PeerUnreachableException"/>: they may have been ordered or not, and
/// sending one again is safe, since a second copy of a transaction id is never valid. The next send opens a new stream.
/// </remarks>
internal sealed class BroadcastStream(string address, GrpcChannel channel) : IAsyncDisposable
{
    // Asks an orderer of ours to go on after a refusal, so that one client's bad envelope does not cost the others
    // theirs.
    private static readonly Metadata s_headers = new() { { BroadcastHeaders.KeepOpen, "1" } };

    private readonly AtomicBroadcastClient _client = new(channel);
    private readonly Lock _lock = new();   // Protects _session.
    private Session? _session;

    public string Address => address;

    /// <summary>The orderer's answer to this envelope. SUCCESS means durable in the ordered log.</summary>
    /// <exception cref="PeerUnreachableException">No answer came; try another orderer or this one again.</exception>
    public async Task<BroadcastResponse> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var pending = new Pending(envelope);
        Session session = Current();
        try
        {
            await session.Outgoing.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new PeerUnreachableException(address, "the Broadcast stream ended", e);
        }

        return await pending.Answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Session? session;
        lock (_lock)
            session = _session;

        if (session is not null)
            await session.DisposeAsync();
    }

    private Session Current()
    {
        lock (_lock)
        {
            if (_session is null || _session.Ended)
                _session = new Session(address, _client.Broadcast(new CallOptions(s_headers)));

            return _session;
        }
    }

    private sealed class Pending(Envelope envelope)
    {
        public Envelope Envelope => envelope;

        public TaskCompletionSource<BroadcastResponse> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
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

        public Session(string address, AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call)
        {
            _address = address;
            _call = call;
            _sending = SendLoopAsync();
            _receiving = ReceiveLoopAsync();
        }

        public ChannelWriter<Pending> Outgoing => _outgoing.Writer;

        public bool Ended { get; private set; }

        public async ValueTask DisposeAsync()
        {
            _outgoing.Writer.TryComplete();
            _call.Dispose();
            await _sending;
            await _receiving;
        }

        private async Task SendLoopAsync()
        {
            try
            {
                await foreach (Pending pending in _outgoing.Reader.ReadAllAsync())
                {
                    await _unanswered.Writer.WriteAsync(pending);
                    _call.RequestStream.WriteOptions = _outgoing.Reader.TryPeek(out _) ? s_more : s_last;
                    await _call.RequestStream.WriteAsync(pending.Envelope);
                }
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or ChannelClosedException)
            {
                // The receiver sees the same end with its reason, and answers everyone.
            }
        }

        private async Task ReceiveLoopAsync()
        {
            string why = "the orderer ended the Broadcast stream";
            try
            {
                while (await _call.ResponseStream.MoveNext(CancellationToken.None))
                {
                    Pending pending = await _unanswered.Reader.ReadAsync();
                    pending.Answer.TrySetResult(_call.ResponseStream.Current);
                }
            }
            catch (RpcException e)
            {
                why = e.Status.Detail;
            }
            catch (ChannelClosedException)
            {
                why = "the orderer answered more often than it was asked";
            }

            await EndAsync(why);
        }

        private async Task EndAsync(string why)
        {
            Ended = true;
            _outgoing.Writer.TryComplete();
            _call.Dispose();
            _unanswered.Writer.TryComplete();
            await _sending;
            while (_unanswered.Reader.TryRead(out Pending? pending) || _outgoing.Reader.TryRead(out pending))
                pending.Answer.TrySetException(new PeerUnreachableException(_address, why, inner: null));
        }
    }
}
