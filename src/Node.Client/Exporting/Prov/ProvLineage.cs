using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Exporting.Prov;

/// <summary>Records as a PROV document: record versions are entities, transactions activities, people agents.</summary>
/// <remarks>The whole mapping is a table in docs/standards.md.</remarks>
public static class ProvLineage
{
    public static ProvDocument Of(LineageGraph graph)
    {
        var namespaces = new ProvNamespaces(outer: null);
        namespaces.Declare("hp", ProvWords.OwnNamespace);
        namespaces.Declare("rec", ProvWords.RecordNamespace);
        namespaces.Declare("tx", ProvWords.TransactionNamespace);
        namespaces.Declare("who", ProvWords.AgentNamespace);
        namespaces.Declare("org", ProvWords.OrganizationNamespace);

        var statements = new List<ProvStatement>();
        foreach (LineageNode node in graph.Nodes)
            statements.Add(EntityOf(node));

        ProvenanceRecord[] records = [.. graph.Records];
        foreach (IGrouping<TxId, ProvenanceRecord> transaction in records.GroupBy(record => record.CommittedBy))
            statements.Add(ActivityOf(transaction.First()));

        AddAgents(records, statements);
        AddEdges(graph, statements);
        AddVersions(records, statements);
        return new ProvDocument(new ProvBundle(Id: null, namespaces, statements), []);
    }

    internal static ProvName NameOf(TxId record) => new("rec", record.Value, ProvWords.RecordNamespace);

    private static ProvName ActivityName(TxId transaction) =>
        new("tx", transaction.Value, ProvWords.TransactionNamespace);

    private static ProvName OrganizationName(ProvenanceRecord record) =>
        new("org", ProvWords.Local(record.MspId), ProvWords.OrganizationNamespace);

    private static ProvName AgentName(ProvenanceRecord record) =>
        new("who", ProvWords.Local($"{record.MspId}/{record.EnrollmentId}"), ProvWords.AgentNamespace);

    private static ProvStatement EntityOf(LineageNode node)
    {
        var attributes = new Attributes();
        if (node.Record is not { } record)
        {
            attributes.Add(ProvWords.Type, node.Is(LineageMarks.Missing) ? ProvWords.Missing : ProvWords.LeftOut);
            return ProvStatement.Element(ProvKind.Entity, NameOf(node.Id), attributes.All);
        }

        attributes.Add(ProvWords.Type, ProvWords.Record);
        attributes.Add(ProvWords.Label, record.Key);
        attributes.Add(ProvWords.Key, record.Key);
        attributes.Add(ProvWords.Checksum, record.Hash);
        attributes.Add(ProvWords.ChecksumAlgorithm, record.ChecksumAlgorithm);
        attributes.Add(ProvWords.Location, record.Location);
        attributes.Add(ProvWords.Pointer, record.Pointer);
        attributes.Add(ProvWords.RecordType, record.Type);
        attributes.Add(ProvWords.Description, record.Description);
        attributes.Add(ProvWords.Block, record.Block);
        attributes.Add(ProvWords.Transaction, record.Transaction);
        if (record.IsOutdated)
            attributes.Add(ProvWords.Outdated, ProvValue.Of(value: true));
        if (!record.NewestTransactionId.IsNone)
            attributes.Add(ProvWords.Newest, NameOf(record.NewestTransactionId));

        return ProvStatement.Element(ProvKind.Entity, NameOf(record.TransactionId), attributes.All);
    }

    private static ProvStatement ActivityOf(ProvenanceRecord record)
    {
        var attributes = new Attributes();
        attributes.Add(ProvWords.Type, ProvWords.TransactionType);
        attributes.Add(ProvWords.Block, record.Block);
        string? time = ProvTime.OfRecord(record.Timestamp);
        return ProvStatement.Element(ProvKind.Activity, ActivityName(record.CommittedBy), attributes.All)
            .At("startTime", time)
            .At("endTime", time);
    }

    private static void AddAgents(ProvenanceRecord[] records, List<ProvStatement> statements)
    {
        foreach (ProvenanceRecord record in records.DistinctBy(record => record.MspId))
        {
            var attributes = new Attributes();
            attributes.Add(ProvWords.Type, ProvWords.Prov("Organization"));
            attributes.Add(ProvWords.Label, record.MspId);
            statements.Add(ProvStatement.Element(ProvKind.Agent, OrganizationName(record), attributes.All));
        }

        foreach (IGrouping<ProvName, ProvenanceRecord> agent in records.GroupBy(AgentName))
        {
            ProvenanceRecord record = agent.First();
            var attributes = new Attributes();
            attributes.Add(ProvWords.Label, record.EnrollmentId);
            IEnumerable<string> fingerprints = agent.Select(one => one.Fingerprint).Distinct();
            foreach (string fingerprint in fingerprints.Order(StringComparer.Ordinal))
                attributes.Add(ProvWords.Fingerprint, fingerprint);

            statements.Add(ProvStatement.Element(ProvKind.Agent, agent.Key, attributes.All));
            statements.Add(ProvStatement.Relation(ProvKind.Delegation, agent.Key, OrganizationName(record)));
        }

        foreach (ProvenanceRecord record in records)
        {
            ProvName entity = NameOf(record.TransactionId);
            ProvName activity = ActivityName(record.CommittedBy);
            statements.Add(ProvStatement.Relation(ProvKind.Generation, entity, activity)
                .At("time", ProvTime.OfRecord(record.Timestamp)));
            statements.Add(ProvStatement.Relation(ProvKind.Attribution, entity, AgentName(record)));
        }

        foreach (ProvenanceRecord record in records.DistinctBy(record => record.CommittedBy))
            statements.Add(ProvStatement.Relation(
                ProvKind.Association, ActivityName(record.CommittedBy), AgentName(record)));
    }

    private static void AddEdges(LineageGraph graph, List<ProvStatement> statements)
    {
        var used = new HashSet<(TxId Activity, TxId Entity)>();
        foreach (LineageEdge edge in graph.Edges)
        {
            LineageNode child = graph.Nodes[edge.Child];
            LineageNode parent = graph.Nodes[edge.Parent];
            ProvName? activity = child.Record is { } record ? ActivityName(record.CommittedBy) : null;
            statements.Add(ProvStatement.Relation(
                ProvKind.Derivation, NameOf(child.Id), NameOf(parent.Id), activity));

            // Within one transaction a record may be derived from another of it: made there, hence not used by it.
            bool isInside = child.Record?.CommittedBy == parent.Record?.CommittedBy;
            if (activity is not null && !isInside && used.Add((child.Record!.CommittedBy, parent.Id)))
                statements.Add(ProvStatement.Relation(ProvKind.Usage, activity, NameOf(parent.Id)));
        }
    }

    /// <summary>
    /// Versions of one key are revisions of each other; an outdated one ends when the newest is written.
    /// </summary>
    private static void AddVersions(ProvenanceRecord[] records, List<ProvStatement> statements)
    {
        foreach (IGrouping<string, ProvenanceRecord> key in records
            .GroupBy(record => record.Key, StringComparer.Ordinal))
        {
            ProvenanceRecord[] versions = [.. key.OrderBy(record => record.Block).ThenBy(record => record.Transaction)];
            for (int index = 1; index < versions.Length; index++)
            {
                ProvName newer = NameOf(versions[index].TransactionId);
                ProvName older = NameOf(versions[index - 1].TransactionId);
                ProvStatement revision = ProvStatement.Relation(ProvKind.Derivation, newer, older);
                statements.Add(revision with
                {
                    Attributes = [new(ProvWords.Type, ProvValue.Of(ProvWords.Revision))],
                });
                ProvName ender = ActivityName(versions[index].CommittedBy);
                statements.Add(ProvStatement.Relation(ProvKind.Invalidation, older, ender)
                    .At("time", ProvTime.OfRecord(versions[index].Timestamp)));
            }
        }
    }

    /// <summary>Gathers attributes; what is empty is left out.</summary>
    private sealed class Attributes
    {
        public List<KeyValuePair<ProvName, ProvValue>> All { get; } = [];

        public void Add(ProvName name, string text)
        {
            if (text.Length > 0)
                Add(name, ProvWords.Text(text));
        }

        public void Add(ProvName name, ProvName value) => Add(name, ProvValue.Of(value));

        // Beyond a signed 64-bit number no block was ever written.
        public void Add(ProvName name, ulong number) => Add(name, ProvValue.Of((long)Math.Min(number, long.MaxValue)));

        public void Add(ProvName name, ProvValue value) => All.Add(new KeyValuePair<ProvName, ProvValue>(name, value));
    }
}
