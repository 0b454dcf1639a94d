using System.Buffers;
using System.Security.Cryptography;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>Copies and hashes in one pass, with two buffers whatever the size.</summary>
internal static class HashingCopy
{
    // Small contents never need more than this; large ones are moved in pieces that keep three tasks busy.
    private const int FirstBytes = 1 << 17;
    private const int PieceBytes = 1 << 20;

    /// <param name="place">For messages: which store it is.</param>
    /// <exception cref="StorageFailedException">The destination cannot be written.</exception>
    /// <exception cref="IOException">The source cannot be read.</exception>
    public static async Task<(Hash32 Checksum, long Bytes)> RunAsync(
        Stream source, Stream destination, string place, IProgress<long>? progress, CancellationToken cancellation)
    {
        using IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] first = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            int read = await FillAsync(source, first.AsMemory(0, FirstBytes), cancellation).ConfigureAwait(false);
            sha256.AppendData(first, 0, read);
            await WriteAsync(destination, first.AsMemory(0, read), place, cancellation).ConfigureAwait(false);
            progress?.Report(read);
            long total = read;
            if (read == FirstBytes)
                total += await CopyRestAsync(source, destination, sha256, place, progress, cancellation)
                    .ConfigureAwait(false);

            return (Hash32.Finish(sha256), total);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
        }
    }

    // While one piece is hashed and written, the next is read: the slowest of the three sets the pace, not their sum.
    private static async Task<long> CopyRestAsync(
        Stream source, Stream destination, IncrementalHash sha256, string place, IProgress<long>? progress,
        CancellationToken cancellation)
    {
        byte[] current = ArrayPool<byte>.Shared.Rent(PieceBytes);
        byte[] next = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            long total = 0;
            int bytes = await FillAsync(source, current.AsMemory(0, PieceBytes), cancellation).ConfigureAwait(false);
            while (bytes > 0)
            {
                byte[] piece = current;
                int pieceBytes = bytes;
                Task hashing = Task.Run(() => sha256.AppendData(piece, 0, pieceBytes), CancellationToken.None);
                Task writing = WriteAsync(destination, piece.AsMemory(0, pieceBytes), place, cancellation);
                Task<int> reading = FillAsync(source, next.AsMemory(0, PieceBytes), cancellation);

                // All three, also when one fails: none may go on using a buffer that was returned.
                await Task.WhenAll(hashing, writing, reading).ConfigureAwait(false);
                total += pieceBytes;
                progress?.Report(pieceBytes);
                bytes = await reading.ConfigureAwait(false);
                (current, next) = (next, current);
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(current);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private static async Task<int> FillAsync(Stream source, Memory<byte> buffer, CancellationToken cancellation) =>
        await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation)
            .ConfigureAwait(false);

    // A source that cannot be read and a store that cannot be written are different troubles for the caller.
    private static async Task WriteAsync(
        Stream destination, ReadOnlyMemory<byte> bytes, string place, CancellationToken cancellation)
    {
        try
        {
            await destination.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new StorageFailedException("add a file", place, e.Message, e);
        }
    }
}
