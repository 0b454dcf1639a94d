using System.Text;
using Node.Orderer.Cutting;
using Node.Orderer.Log;
using Node.Protocol;

namespace Node.Orderer.Tests.Building;

/// <summary>Batches whose envelopes are words.</summary>
internal static class Batches
{
    public static Batch Of(int sequence, params string[] envelopes) => Build(sequence, isConfig: false, envelopes);

    public static Batch Config(int sequence, string envelope) => Build(sequence, isConfig: true, [envelope]);

    public static string Text(Batch batch) =>
        (batch.IsConfig ? "config " : "")
        + string.Join(' ', batch.Envelopes.Select(envelope => Encoding.UTF8.GetString(envelope.Span)));

    /// <summary>
    /// As the ordering loop: what has an unknown outcome is appended again, under the same id, until it is there.
    /// </summary>
    public static async Task UntilAppendedAsync(this IOrderedLog log, Batch batch)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                await log.AppendAsync(batch, patience.Token);
                return;
            }
            catch (StorageFailedException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Reads until so many entries are there.</summary>
    public static async Task<List<LogEntry>> TakeAsync(this IOrderedLog log, LogPosition after, int count)
    {
        var entries = new List<LogEntry>();
        await foreach (LogEntry entry in log.ReadAsync(after, Patience.Token))
        {
            entries.Add(entry);
            if (entries.Count == count)
                break;
        }

        return entries;
    }

    private static Batch Build(int sequence, bool isConfig, string[] envelopes)
    {
        WaitingEnvelope[] waiting = Array.ConvertAll(
            envelopes,
            text => new WaitingEnvelope(Encoding.UTF8.GetBytes(text), text.Length, configSequence: 0, isConfig));
        return Batch.Of(BatchId.Of("orderer"u8, incarnation: 1, (ulong)sequence), new CutBatch(waiting, isConfig));
    }
}
