using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Grpc.Core.Framing;

/// <summary>Turns the payload of one frame into a message.</summary>
internal static class MessageReading
{
    /// <param name="encoding">The declared <c>grpc-encoding</c>, null when none.</param>
    /// <param name="bytesMax">Largest message after decompression, in bytes.</param>
    /// <returns>False, with the status the call must end with, when the bytes are no such message.</returns>
    public static bool TryRead<T>(
        Func<DeserializationContext, T> deserialize,
        in ReadOnlySequence<byte> payload,
        bool compressed,
        string? encoding,
        int bytesMax,
        [NotNullWhen(true)] out T? message,
        out Status fault)
        where T : class
    {
        if (!compressed)
            return TryParse(deserialize, payload, out message, out fault);

        message = null;
        if (encoding != GrpcProtocol.Gzip)
        {
            fault = FrameFaults.NotDeclared;
            return false;
        }

        if (!TryInflate(payload, bytesMax, out byte[]? rented, out int length, out fault))
            return false;

        bool parsed = TryParse(deserialize, new ReadOnlySequence<byte>(rented, 0, length), out message, out fault);
        ArrayPool<byte>.Shared.Return(rented);
        return parsed;
    }

    private static bool TryParse<T>(
        Func<DeserializationContext, T> deserialize,
        in ReadOnlySequence<byte> payload,
        [NotNullWhen(true)] out T? message,
        out Status fault)
        where T : class
    {
        SequenceDeserializationContext context = SequenceDeserializationContext.Borrow(payload);
        try
        {
            message = deserialize(context);
            fault = default;
            if (message is not null)
                return true;

            fault = FrameFaults.Unparsable(new InvalidOperationException("The deserializer returned null."));
            return false;
        }
#pragma warning disable CA1031 // A marshaller is foreign code fed by the network: whatever it throws means these bytes.
        catch (Exception because)
#pragma warning restore CA1031
        {
            message = null;
            fault = FrameFaults.Unparsable(because);
            return false;
        }
        finally
        {
            context.GiveBack();
        }
    }

    private static bool TryInflate(
        in ReadOnlySequence<byte> payload,
        int bytesMax,
        [NotNullWhen(true)] out byte[]? rented,
        out int length,
        out Status fault)
    {
        const int BytesAtFirst = 16 * 1024;
        byte[] deflated = payload.ToArray();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesAtFirst);
        rented = null;
        length = 0;
        fault = default;
        try
        {
            using var inflater =
                new GZipStream(new MemoryStream(deflated, writable: false), CompressionMode.Decompress);
            int read;
            while ((read = inflater.Read(buffer, length, buffer.Length - length)) > 0)
            {
                length += read;
                if (length > bytesMax)
                {
                    fault = FrameFaults.TooLargeToInflate(bytesMax);
                    break;
                }

                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        catch (InvalidDataException)
        {
            fault = FrameFaults.BadCompression;
        }

        if (fault.StatusCode == StatusCode.OK)
        {
            rented = buffer;
            return true;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    private static byte[] Grow(byte[] full)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(checked(full.Length * 2));
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}

/// <summary>Shows a deserializer one payload in place. One per thread, lent for the length of one call.</summary>
internal sealed class SequenceDeserializationContext : DeserializationContext
{
    [ThreadStatic]
    private static SequenceDeserializationContext? t_spare;

    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public static SequenceDeserializationContext Borrow(in ReadOnlySequence<byte> payload)
    {
        SequenceDeserializationContext context = t_spare ?? new SequenceDeserializationContext();
        t_spare = null;
        context._payload = payload;
        return context;
    }

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    public void GiveBack()
    {
        _payload = default;
        t_spare = this;
    }
}
