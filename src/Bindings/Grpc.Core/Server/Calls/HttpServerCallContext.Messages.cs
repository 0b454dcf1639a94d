using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Core.Framing;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>This half reads requests and writes responses.</summary>
internal sealed partial class HttpServerCallContext
{
    // Guards the response body of a streaming call: methods may write from several tasks, and frames must not mix.
    private readonly SemaphoreSlim? _writing = settings.IsResponseStream ? new SemaphoreSlim(1, 1) : null;

    private string? _requestEncoding;   // Null is identity.
    private bool _headersWritten;
    private bool _bodyBegun;            // Invariant: true once the response body holds a byte, flushed or not.

    /// <summary>
    /// Why the last <see cref="ReadAsync"/> returned null: OK at the end of the stream, else what is wrong with it.
    /// </summary>
    public Status ReadFault { get; private set; } = Status.DefaultSuccess;

    /// <summary>Reads the next request message.</summary>
    /// <param name="only">True when a second message would be a fault, and none at all as well.</param>
    /// <returns>Null at the end of the stream and at a fault.</returns>
    /// <exception cref="OperationCanceledException">The client left or the deadline passed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync<T>(
        Func<DeserializationContext, T> deserialize, bool only, CancellationToken cancellationToken)
        where T : class
    {
        if (_closed && !_deadlinePassed)
            throw new InvalidOperationException("The method has returned: nothing more can be read from the client.");

        PipeReader reader = http.Request.BodyReader;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled)
            {
                reader.AdvanceTo(buffer.Start);
                throw new OperationCanceledException("The call has ended.");
            }

            FrameState state = Frame.TryTake(
                ref buffer,
                settings.ReceiveBytesMax,
                out bool compressed,
                out ReadOnlySequence<byte> payload,
                out long length);
            if (state == FrameState.Whole)
            {
                T? message = Parse(deserialize, payload, compressed, surplus: only && !buffer.IsEmpty);
                reader.AdvanceTo(buffer.Start);
                return message;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (state == FrameState.Partial && !result.IsCompleted)
                continue;

            ReadFault = state switch
            {
                FrameState.TooLarge => FrameFaults.TooLargeToRead(length, settings.ReceiveBytesMax),
                FrameState.Malformed => FrameFaults.Malformed,
                _ when !buffer.IsEmpty => FrameFaults.Truncated,
                _ when only => FrameFaults.Missing,
                _ => Status.DefaultSuccess,
            };
            return null;
        }
    }

    /// <summary>Writes one message of a response stream and, unless told to wait, flushes it.</summary>
    /// <exception cref="OperationCanceledException">The client left or the deadline passed.</exception>
    /// <exception cref="InvalidOperationException">The method has returned already.</exception>
    public async Task WriteAsync<T>(
        Action<T, SerializationContext> serialize,
        T message,
        WriteOptions? options,
        CancellationToken cancellationToken)
    {
        await EnterWritingAsync(cancellationToken);
        try
        {
            if (http.RequestAborted.IsCancellationRequested)
                throw new OperationCanceledException("The client left the call.", http.RequestAborted);

            PipeWriter writer = http.Response.BodyWriter;
            WriteFrame(writer, serialize, message);
            if (options is not null && (options.Flags & WriteFlags.BufferHint) != 0)
                return;

            await writer.FlushAsync(cancellationToken);
        }
        finally
        {
            LeaveWriting();
        }
    }

    private void WriteFrame<T>(PipeWriter writer, Action<T, SerializationContext> serialize, T message)
    {
        try
        {
            FrameSerializationContext.Write(writer, serialize, message, settings.SendBytesMax);
            _bodyBegun = true;
        }
        catch (FrameBrokenException)
        {
            // After half a frame nothing readable can follow, whatever the method does next.
            _bodyBegun = true;
            Reset(ResetInternalError);
            throw;
        }
    }

    private T? Parse<T>(
        Func<DeserializationContext, T> deserialize, in ReadOnlySequence<byte> payload, bool compressed, bool surplus)
        where T : class
    {
        T? message = null;
        Status fault = FrameFaults.Surplus;
        int bytesMax = settings.ReceiveBytesMax;
        bool isRead = !surplus && MessageReading.TryRead(
            deserialize, payload, compressed, _requestEncoding, bytesMax, out message, out fault);
        if (isRead)
            return message;

        ReadFault = fault;
        return null;
    }

    private async ValueTask EnterWritingAsync(CancellationToken cancellationToken)
    {
        if (_writing is not null && !_writing.Wait(0, CancellationToken.None))
            await _writing.WaitAsync(cancellationToken);

        if (!_closed)
            return;

        LeaveWriting();
        if (_deadlinePassed)
            throw new OperationCanceledException("The deadline of the call has passed.", DeadlineToken());

        throw new InvalidOperationException("The method has returned: nothing more can be sent to the client.");
    }

    private void LeaveWriting() => _writing?.Release();
}
