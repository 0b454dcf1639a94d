using System.Diagnostics.CodeAnalysis;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Client.Exporting.OpenLineage;

/// <summary>
/// OpenLineage in both directions. Source: OpenLineage specification 2-0-2; mapping: docs/standards.md.
/// </summary>
public static class OpenLineageEvents
{
    /// <summary>Reads run, job and dataset events: one object, an array of them, or one in each line.</summary>
    /// <param name="fault">What is wrong, beginning with the line.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out IReadOnlyList<OpenLineageEvent>? events,
        [NotNullWhen(false)] out string? fault) =>
        new OpenLineageReading(utf8).TryRead(out events, out fault);

    /// <summary>
    /// What the events would record, in their order: a version of the run's key for each, new inputs before it, and
    /// what
    /// a run put out when it completes. An event that its run's newest record holds already is left out, so that a
    /// client
    /// may send it again.
    /// </summary>
    /// <param name="newest">Finds the newest record of a key; null when there is none.</param>
    /// <exception cref="ImportRefusedException">A name is too long or cannot be a key.</exception>
    public static async Task<ImportedDrafts> ToDraftsAsync(
        IReadOnlyList<OpenLineageEvent> events, Func<string, CancellationToken, Task<ProvenanceRecord?>> newest,
        ImportOptions options, CancellationToken cancellation)
    {
        var drafts = new OpenLineageDrafts(newest, options);
        foreach (OpenLineageEvent happened in events)
            await drafts.AddAsync(happened, cancellation).ConfigureAwait(false);

        return drafts.Result;
    }

    /// <summary>Records the events. Committed when it returns.</summary>
    /// <returns>One for each record that is new; none when all were recorded already.</returns>
    /// <exception cref="ImportRefusedException">A name is too long or cannot be a key; nothing was
    /// recorded.</exception>
    /// <exception cref="PartlyRecordedException">It failed after some transactions were committed.</exception>
    /// <exception cref="GatewayException">Refused: see its subclasses for what is known.</exception>
    public static async Task<IReadOnlyList<Recorded>> RecordAsync(
        ProvenanceClient client, IReadOnlyList<OpenLineageEvent> events, ImportOptions options,
        CancellationToken cancellation)
    {
        ImportedDrafts imported = await ToDraftsAsync(events, NewestOf(client), options, cancellation)
            .ConfigureAwait(false);
        return imported.Drafts.Count == 0
            ? []
            : await client.RecordBatchAsync(imported.Drafts, cancellation).ConfigureAwait(false);
    }

    /// <summary>How the ledger answers <see cref="ToDraftsAsync"/>.</summary>
    public static Func<string, CancellationToken, Task<ProvenanceRecord?>> NewestOf(ProvenanceClient client) =>
        async (key, cancellation) =>
        {
            try
            {
                return await client.FindAsync(key, cancellation).ConfigureAwait(false);
            }
            catch (RecordNotFoundException)
            {
                return null;
            }
        };

    /// <summary>
    /// Two run events, START and COMPLETE, for each transaction of a graph, one in each line, oldest first.
    /// </summary>
    /// <param name="channel">Names the namespace of jobs and datasets: hyperprov://CHANNEL.</param>
    /// <returns>UTF-8; the same graph gives the same bytes.</returns>
    public static byte[] Write(LineageGraph graph, string channel) => OpenLineageWriting.Write(graph, channel);
}
