using System.Collections.Concurrent;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Lineages;

/// <summary>Asks the ledger for graphs of records. Any thread.</summary>
public sealed class RecordGraphs(ProvenanceClient client)
{
    /// <summary>Questions at once; each is one call to the peer.</summary>
    private const int CallsAtOnce = 16;

    /// <inheritdoc cref="ProvenanceClient.LineageAsync(string, LineageDirection, int, CancellationToken)"/>
    public async Task<LineageGraph> OfAsync(
        string keyOrRecord, LineageDirection direction, int depth, CancellationToken cancellation) =>
        LineageGraph.Of(
            await client.LineageAsync(keyOrRecord, direction, depth, cancellation).ConfigureAwait(false));

    /// <summary>Everything that was derived from bad or revoked sources, and the sources.</summary>
    /// <param name="sources">Keys (the newest record is meant) or record ids.</param>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public async Task<LineageGraph> ImpactAsync(IReadOnlyList<string> sources, CancellationToken cancellation)
    {
        var roots = new List<TxId>();
        var records = new Dictionary<TxId, ProvenanceRecord>();
        var edges = new List<(TxId Child, TxId Parent)>();
        bool isTruncated = false;
        foreach (string source in sources)
        {
            // What an earlier source tainted already needs no second walk.
            if (TxId.TryParse(source, out TxId id, out _) && records.ContainsKey(id))
            {
                roots.Add(id);
                continue;
            }

            Lineage lineage = await client.LineageAsync(source, LineageDirection.Down, depth: -1, cancellation)
                .ConfigureAwait(false);
            roots.Add(lineage.Root);
            edges.AddRange(lineage.Edges);
            isTruncated |= lineage.IsTruncated;
            foreach (ProvenanceRecord record in lineage.Records)
                records.TryAdd(record.TransactionId, record);
        }

        return LineageGraph.OfImpact([.. records.Values], edges, roots, isTruncated);
    }

    /// <summary>What lies between two records, whichever of them came of the other.</summary>
    /// <param name="from">A key (its newest record is meant) or a record id, like <paramref name="to"/>.</param>
    /// <returns>Null when neither was derived from the other. Else the derived one, its ancestor, and the
    /// graph.</returns>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public async Task<(TxId Child, TxId Ancestor, LineageGraph Graph)?> BetweenAsync(
        string from, string to, CancellationToken cancellation)
    {
        LineageGraph ofFrom = await OfAsync(from, LineageDirection.Up, depth: -1, cancellation).ConfigureAwait(false);
        LineageGraph ofTo = await OfAsync(to, LineageDirection.Up, depth: -1, cancellation).ConfigureAwait(false);
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
