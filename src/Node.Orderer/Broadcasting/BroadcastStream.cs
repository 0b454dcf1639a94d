using System.Diagnostics;
using System.Threading.Channels;
using Grpc.Core;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Tracing;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.Broadcasting;

/// <summary>Serves one Broadcast call: envelopes in, one answer each, in the order they came.</summary>
/// <remarks>
/// <para>
/// Three loops pass envelopes along. The first reads and starts the checks, which run in parallel; the second queues
/// what passed, in arrival order; the third waits for the answers and writes them. So one stream carries thousands of
/// envelopes a second, and its order is kept.
/// </para>
/// <para>
/// As in Fabric, the stream ends after the first answer that is not SUCCESS; answers to what came before are sent
/// first. What was queued behind it may still be ordered, unanswered. A half-close ends the reading only.
/// A caller that carries many clients' envelopes may ask for the stream to stay open
/// (<see cref="BroadcastHeaders.KeepOpen"/>).
/// </para>
/// </remarks>
internal sealed class BroadcastStream(
    ChannelDirectory channels, bool keepsOpen, Action<BroadcastAnswer> answered)
{
    private static readonly WriteOptions s_gather = new(WriteFlags.BufferHint);

    private readonly Channel<Task<CheckedEnvelope>> _checks =
        Channel.CreateBounded<Task<CheckedEnvelope>>(OrdererLimits.StreamChecksMax);
    private readonly Channel<Task<BroadcastAnswer>> _answers =
        Channel.CreateBounded<Task<BroadcastAnswer>>(OrdererLimits.StreamAnswersMax);
    private readonly Pulse _answered = new();
    private long _bytesInFlight;
    private volatile bool _readerWaits;

    /// <summary>Returns when all answers are written, or the first refusal is.</summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task RunAsync(
        IAsyncStreamReader<EnvelopeBytes> requests,
        IServerStreamWriter<BroadcastResponse> responses,
        CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reading = ReadAsync(requests, ended.Token);
        Task queueing = QueueAsync(ended.Token);
        try
        {
            await AnswerAsync(responses, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(reading, queueing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A broken request stream, a message over the limit say, is the call's failure. Being cut short by a refusal
        // is not.
        if (reading.IsFaulted)
            await reading;
        if (queueing.IsFaulted)
            await queueing;
    }

    private async Task ReadAsync(IAsyncStreamReader<EnvelopeBytes> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                ReadOnlyMemory<byte> received = requests.Current.Bytes;
                await WaitForRoomAsync(received.Length, cancellationToken);

                // Not to look parallel: the signature check is the work, and a stream's checks use all cores.
                Task<CheckedEnvelope> check = Task.Run(() => Check(received), cancellationToken);
                await _checks.Writer.WriteAsync(check, cancellationToken);
            }
        }
        finally
        {
            _checks.Writer.TryComplete();
        }
    }

    private async Task QueueAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Task<CheckedEnvelope> check in _checks.Reader.ReadAllAsync(cancellationToken))
            {
                CheckedEnvelope envelope = await check;
                Task<BroadcastAnswer> answer = CountOffAsync(
                    envelope.AnswerAsync(), envelope.ReceivedBytes, envelope.Span);
                await _answers.Writer.WriteAsync(answer, cancellationToken);
                if (!envelope.Verdict.IsAccepted && !keepsOpen)
                    return;
            }
        }
        finally
        {
            _answers.Writer.TryComplete();
        }
    }

    private async Task AnswerAsync(
        IServerStreamWriter<BroadcastResponse> responses, CancellationToken cancellationToken)
    {
        await foreach (Task<BroadcastAnswer> pending in _answers.Reader.ReadAllAsync(cancellationToken))
        {
            BroadcastAnswer answer = await pending.WaitAsync(cancellationToken);
            answered(answer);

            // A batch answers many envelopes at once: their answers leave together.
            bool isNextReady = _answers.Reader.TryPeek(out Task<BroadcastAnswer>? next) && next.IsCompleted;
            responses.WriteOptions = answer.IsSuccess && isNextReady ? s_gather : null;
            var response = new BroadcastResponse { Status = answer.Status, Info = answer.Text };
            await responses.WriteAsync(response, cancellationToken);
            if (!answer.IsSuccess && !keepsOpen)
                return;
        }
    }

    private CheckedEnvelope Check(ReadOnlyMemory<byte> received)
    {
        if (!DecodedEnvelope.TryDecode(received, out DecodedEnvelope? envelope, out DecodeFault fault))
            return Refuse(received, BroadcastAnswer.BadRequest(fault.Text));
        if (!envelope.TryGetChannelId(out ChannelId id, out string? idFault))
            return Refuse(received, BroadcastAnswer.BadRequest($"the channel does not exist: {idFault}"));
        if (!channels.TryFind(id, out OrderingChannel? channel))
            return Refuse(received, BroadcastAnswer.BadRequest($"channel '{id}' does not exist on this orderer"));

        ChannelState state = channel.State;
        if (state.Run is null)
            return Refuse(received, BroadcastAnswer.Unavailable(state.Reason));

        Activity? span = TransactionTrace.IsOn && envelope.TryGetTxId(out TxId txId, out _)
            ? TransactionTrace.StartApart("orderer.order", txId, startTime: default)
            : null;
        EnvelopeVerdict verdict = channel.Checks.Check(envelope, state.Run.Context.Rules);
        return new CheckedEnvelope(channel, verdict, received.Length) { Span = span };
    }

    private static CheckedEnvelope Refuse(ReadOnlyMemory<byte> received, BroadcastAnswer answer) =>
        new(Channel: null, EnvelopeChecks.Refuse(answer), received.Length);

    private async Task WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task answered = _answered.Next;
            _readerWaits = true;
            long inFlight = Interlocked.Read(ref _bytesInFlight);
            if (inFlight == 0 || inFlight + bytes <= OrdererLimits.StreamBytesMax)
                break;

            await answered.WaitAsync(cancellationToken);
        }

        _readerWaits = false;
        Interlocked.Add(ref _bytesInFlight, bytes);
    }

    private async Task<BroadcastAnswer> CountOffAsync(Task<BroadcastAnswer> answering, int bytes, Activity? span)
    {
        BroadcastAnswer answer = await answering;
        if (span is not null)
        {
            span.SetTag("hyperprov.broadcast_status", answer.Status.ToString());
            span.Dispose();
        }

        Interlocked.Add(ref _bytesInFlight, -bytes);
        if (_readerWaits)
            _answered.Beat();

        return answer;
    }

    private readonly record struct CheckedEnvelope(OrderingChannel? Channel, EnvelopeVerdict Verdict, int ReceivedBytes)
    {
        /// <summary>From here until it is durable in the log; null while nobody traces.</summary>
        public Activity? Span { get; init; }

        /// <summary>The refusal, or the answer after ordering. Called once.</summary>
        public Task<BroadcastAnswer> AnswerAsync()
        {
            if (!Verdict.IsAccepted)
                return Task.FromResult(Verdict.Refusal);

            Invariant.Require(Channel is not null, "what was accepted was accepted on a channel");
            return Channel.OrderAsync(Verdict.Envelope);
        }
    }
}
