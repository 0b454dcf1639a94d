using System.Collections.Concurrent;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Lineages;

/// <summary>Asks the ledger for graphs of records. Any thread.</summary>
public sealed class RecordGraphs(ProvenanceClient client)
{
    /// <summary>Questions at once; each is one call to the peer.</summary>
    private const int CallsAtOnce = 16;

    /// <summary>What a record was derived from, or what was derived from it.</summary>
    /// <param name="keyOrRecord">A key (its newest record is meant) or a record's id.</param>
    /// <param name="depth">Levels beyond the root; negative: all.</param>
    /// <param name="asOf">The height to look at: later blocks are not there. Null: all.</param>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public async Task<LineageGraph> OfAsync(
        string keyOrRecord, LineageDirection direction, int depth, ulong? asOf, CancellationToken cancellation) =>
        LineageGraph.Of(
            await client.LineageAsync(keyOrRecord, direction, depth, asOf, cancellation).ConfigureAwait(false));

    /// <summary>Everything that was derived from bad sources, and the sources.</summary>
    /// <inheritdoc cref="ProvenanceClient.ImpactAsync(IReadOnlyList{string}, ulong?, CancellationToken)"/>
    public async Task<LineageGraph> ImpactAsync(
        IReadOnlyList<string> sources, ulong? asOf, CancellationToken cancellation) =>
        LineageGraph.OfImpact(await client.ImpactAsync(sources, asOf, cancellation).ConfigureAwait(false));

    /// <summary>Everything that somebody recorded, one whose key was stolen, say, and what was derived from
    /// it.</summary>
    /// <inheritdoc cref="ProvenanceClient.ImpactAsync(Writer, ulong?, CancellationToken)"/>
    public async Task<LineageGraph> ImpactAsync(Writer writer, ulong? asOf, CancellationToken cancellation) =>
        LineageGraph.OfImpact(await client.ImpactAsync(writer, asOf, cancellation).ConfigureAwait(false));

    /// <summary>What lies between two records, whichever of them came of the other.</summary>
    /// <param name="from">A key (its newest record is meant) or a record id, like <paramref name="to"/>.</param>
    /// <param name="asOf">As of <see cref="OfAsync"/>.</param>
    /// <returns>
    /// Null when neither was derived from the other. Else the derived one, its ancestor, and the graph.
    /// </returns>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public async Task<(TxId Child, TxId Ancestor, LineageGraph Graph)?> BetweenAsync(
        string from, string to, ulong? asOf, CancellationToken cancellation)
    {
        LineageGraph ofFrom = await OfAsync(from, LineageDirection.Up, depth: -1, asOf, cancellation)
            .ConfigureAwait(false);
        LineageGraph ofTo = await OfAsync(to, LineageDirection.Up, depth: -1, asOf, cancellation)
            .ConfigureAwait(false);
        TxId first = ofFrom.Nodes[0].Id;
        TxId second = ofTo.Nodes[0].Id;
        if (RecordPaths.Between(ofFrom, first, second) is { } up)
            return (first, second, up);

        return RecordPaths.Between(ofTo, second, first) is { } down ? (second, first, down) : null;
    }

    /// <summary>The same graph with everything that is recorded: a lineage leaves descriptions out.</summary>
    public async Task<LineageGraph> CompleteAsync(LineageGraph graph, CancellationToken cancellation)
    {
        var full = new ConcurrentDictionary<TxId, ProvenanceRecord>();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = CallsAtOnce,
            CancellationToken = cancellation,
        };
        await Parallel.ForEachAsync(graph.Records, options, async (record, stop) =>
        {
            ProvenanceRecord found =
                await client.FindByTransactionAsync(record.TransactionId, stop).ConfigureAwait(false);

            // Whether it is outdated is known as of the lineage.
            full[record.TransactionId] = found with
            {
                IsOutdated = record.IsOutdated,
                NewestTransactionId = record.NewestTransactionId,
            };
        }).ConfigureAwait(false);
        return graph.With(full);
    }
}
