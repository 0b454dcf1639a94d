using System.Buffers;

namespace Grpc.Core.Framing;

/// <summary>A serializer failed after part of its frame had gone into the destination, which is now useless.</summary>
internal sealed class FrameBrokenException(string message, Exception? because) : Exception(message, because);

/// <summary>
/// Writes one message as a frame, straight into its destination when the length is announced beforehand.
/// </summary>
/// <remarks>One per thread, lent for the length of one <see cref="Write"/>.</remarks>
internal sealed class FrameSerializationContext : SerializationContext, IBufferWriter<byte>
{
    [ThreadStatic]
    private static FrameSerializationContext? t_spare;

    private IBufferWriter<byte>? _destination;   // Set while lent.
    private ArrayBufferWriter<byte>? _unannounced;
    private int _bytesMax;
    private int _announced;   // Length in bytes, -1 while unknown.
    private int _written;
    private bool _started;    // Invariant: true once the destination holds the header.
    private bool _completed;

    /// <summary>Writes the frame of <paramref name="message"/> into <paramref name="destination"/>.</summary>
    /// <exception cref="RpcException">
    /// The message is larger than <paramref name="bytesMax"/>; nothing was written.
    /// </exception>
    /// <exception cref="FrameBrokenException">
    /// The destination holds part of a frame and must be thrown away.
    /// </exception>
    public static void Write<T>(
        IBufferWriter<byte> destination, Action<T, SerializationContext> serialize, T message, int bytesMax)
    {
        FrameSerializationContext context = t_spare ?? new FrameSerializationContext();
        t_spare = null;
        context.Begin(destination, bytesMax);
        try
        {
            serialize(message, context);
            if (!context._completed)
                throw new InvalidOperationException("The serializer returned without completing its context.");
        }
        catch (Exception because) when (context._started && because is not FrameBrokenException)
        {
            throw new FrameBrokenException("A message was serialized in part only.", because);
        }
        finally
        {
            context._destination = null;
            t_spare = context;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        RefuseAbove(payloadLength);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_announced < 0)
            return _unannounced = new ArrayBufferWriter<byte>();

        if (!_started)
            Start(_announced);

        return this;
    }

    public override void Complete()
    {
        _completed = true;
        if (_unannounced is not null)
        {
            WriteWhole(_unannounced.WrittenSpan);
            return;
        }

        if (!_started)
            Start(Math.Max(_announced, 0));

        // A message that changes while it is serialized would put everything behind it out of step.
        if (_written != _announced)
            throw new FrameBrokenException(
                $"A message announced {_announced} bytes and wrote {_written}.", because: null);
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        _completed = true;
        WriteWhole(payload);
    }

    public void Advance(int count)
    {
        _written += count;
        _destination!.Advance(count);   // Only a lent context is written to.
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _destination!.GetMemory(sizeHint);   // As above.

    public Span<byte> GetSpan(int sizeHint = 0) => _destination!.GetSpan(sizeHint);   // As above.

    private void Begin(IBufferWriter<byte> destination, int bytesMax)
    {
        _destination = destination;
        _bytesMax = bytesMax;
        _unannounced = null;
        _announced = -1;
        _written = 0;
        _started = false;
        _completed = false;
    }

    private void WriteWhole(ReadOnlySpan<byte> payload)
    {
        RefuseAbove(payload.Length);
        Start(payload.Length);
        _destination!.Write(payload);   // Only a lent context is written to.
    }

    private void Start(int length)
    {
        Span<byte> header = _destination!.GetSpan(Frame.HeaderBytes);   // Only a lent context is written to.
        Frame.WriteHeader(header, length);
        _destination.Advance(Frame.HeaderBytes);
        _started = true;
        _announced = length;
    }

    private void RefuseAbove(int length)
    {
        if (length > _bytesMax)
            throw new RpcException(FrameFaults.TooLargeToSend(length, _bytesMax));
    }
}
