using System.Text.Json;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Events;

/// <summary>Remembers in a file how far events have been dealt with, so that a restart goes on there.</summary>
/// <remarks>
/// At least once: an event is repeated when the program ends between dealing with it and <see cref="ReachAsync"/>. One
/// owner, one thread at a time. The file holds {"block": n, "after": "txid"}.
/// </remarks>
public sealed class EventCheckpoint
{
    private readonly string _path;

    private EventCheckpoint(string path, EventsFrom position)
    {
        _path = path;
        Position = position;
    }

    /// <summary>Where to go on: pass it to <see cref="Contract.EventsAsync"/>.</summary>
    public EventsFrom Position { get; private set; }

    /// <param name="otherwise">Where to begin when the file does not exist yet.</param>
    /// <exception cref="StorageFailedException">The file exists and cannot be read.</exception>
    public static async Task<EventCheckpoint> OpenAsync(
        string path, EventsFrom otherwise, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return new EventCheckpoint(path, otherwise);

        try
        {
            byte[] bytes = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(bytes);
            ulong block = document.RootElement.GetProperty("block").GetUInt64();
            string after = document.RootElement.GetProperty("after").GetString() ?? "";
            return new EventCheckpoint(
                path, new EventsFrom(block, TxId.TryParse(after, out TxId id, out _) ? id : default));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new StorageFailedException("read the event checkpoint", path, e.Message, e);
        }
    }

    /// <summary>Everything up to and with this event has been dealt with. On disk when it returns.</summary>
    public Task ReachAsync(ContractEvent done, CancellationToken cancellation) =>
        MoveAsync(new EventsFrom(done.BlockNumber, done.TransactionId), cancellation);

    /// <summary>The whole block has been dealt with. On disk when it returns.</summary>
    public Task ReachBlockAsync(ulong number, CancellationToken cancellation) =>
        MoveAsync(new EventsFrom(number + 1, default), cancellation);

    private async Task MoveAsync(EventsFrom position, CancellationToken cancellation)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["block"] = position.Block ?? 0,
            ["after"] = position.AfterTransaction.Value,
        });
        await DurableFile.ReplaceAsync(_path, bytes, cancellation).ConfigureAwait(false);
        Position = position;
    }
}
