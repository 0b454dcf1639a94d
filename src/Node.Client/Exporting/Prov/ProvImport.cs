using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Exporting.Prov;

/// <summary>Makes records of a PROV document's entities.</summary>
/// <remarks>
/// An entity that was exported from here becomes the record that it was. Any other entity becomes a record under its
/// URI; what PROV says of it is kept in the description. Its parents are what it was derived from; without a
/// derivation,
/// what the activities that generated it used; and the members of a collection. The mapping: docs/standards.md.
/// </remarks>
public static class ProvImport
{
    /// <param name="fault">What is wrong, beginning with the line of the statement.</param>
    public static bool TryMake(
        ProvDocument document, ImportOptions options,
        [NotNullWhen(true)] out ImportedDrafts? imported, [NotNullWhen(false)] out string? fault)
    {
        imported = null;
        ProvGraph graph = ProvGraph.Of(document, options.AllowUndeclared);
        fault = graph.Fault;
        if (fault is not null)
            return false;

        var making = new Making(graph, options);
        imported = making.Make();
        fault = making.Fault;
        return imported is not null;
    }

    private sealed class Making(ProvGraph graph, ImportOptions options)
    {
        private readonly List<ProvEntity> _recorded =
            [.. graph.Entities.Where(e => !e.HasType(ProvWords.Missing) && !e.HasType(ProvWords.LeftOut))];

        private readonly Dictionary<ProvName, int> _indexes = [];
        private readonly List<string> _leftOut = [];

        public string? Fault { get; private set; }

        public ImportedDrafts? Make()
        {
            for (int index = 0; index < _recorded.Count; index++)
                _indexes.Add(_recorded[index].Name, index);

            ProvName[][] parents = [.. _recorded.Select(entity => ParentsOf(entity).Distinct().ToArray())];
            List<int>[] before = [.. parents.Select(names => IndexesOf(names).ToList())];
            AddVersionOrder(before);
            int[]? order = DraftOrder.Sort(before, out IReadOnlyList<int> cycle);
            if (order is null)
            {
                Fail(_recorded[cycle[0]], $"a cycle: {Chain(cycle)}, and nothing comes from itself");
                return null;
            }

            int[] places = new int[order.Length];
            for (int place = 0; place < order.Length; place++)
                places[order[place]] = place;

            List<RecordDraft> drafts = [.. order.Select(index => DraftOf(_recorded[index], parents[index], places))];
            TellWhatIsLeftOut();
            return Fault is null ? new ImportedDrafts(drafts, _leftOut) : null;
        }

        private IEnumerable<int> IndexesOf(IEnumerable<ProvName> names) =>
            names.Where(_indexes.ContainsKey).Select(name => _indexes[name]);

        private List<ProvName> ParentsOf(ProvEntity entity)
        {
            List<ProvName> parents =
            [
                .. entity.Derivations.Where(derivation => !IsVersionOfOneKey(derivation))
                    .Select(derivation => derivation["usedEntity"]!),   // Required by the reader.
            ];
            if (entity.Derivations.Count == 0)
                parents.AddRange(entity.Generations
                    .Select(generation => generation["activity"])
                    .OfType<ProvName>()
                    .SelectMany(activity => graph.FindActivity(activity)!.Usages)   // Declared, or it is a fault.
                    .Select(usage => usage["entity"]!)
                    .Where(used => used != entity.Name));

            parents.AddRange(entity.Members);
            return parents;
        }

        private bool IsVersionOfOneKey(ProvStatement derivation) =>
            derivation.Attributes.Any(pair => pair.Key == ProvWords.Type && pair.Value.Name == ProvWords.Revision)
            && KeyOf(graph.Find(derivation["generatedEntity"]!)!) == KeyOf(graph.Find(derivation["usedEntity"]!)!);

        /// <summary>
        /// An older version of a key is recorded before a newer one, else the older would be the newest.
        /// </summary>
        private void AddVersionOrder(List<int>[] before)
        {
            foreach (IGrouping<string, int> key in Enumerable.Range(0, _recorded.Count)
                .GroupBy(index => KeyOf(_recorded[index]), StringComparer.Ordinal))
            {
                int[] versions =
                [
                    .. key.OrderBy(index => NumberOf(_recorded[index], ProvWords.Block))
                        .ThenBy(index => NumberOf(_recorded[index], ProvWords.Transaction)),
                ];
                for (int index = 1; index < versions.Length; index++)
                {
                    if (!before[versions[index]].Contains(versions[index - 1]))
                        before[versions[index]].Add(versions[index - 1]);
                }
            }
        }

        private RecordDraft DraftOf(ProvEntity entity, ProvName[] parents, int[] places)
        {
            string[] named = [.. parents.Select(parent => NameOfParent(parent, places)).OfType<string>()];
            if (named.Length > ImportLimits.ParentsMax)
                Fail(entity, $"{named.Length} parents, a record has at most {ImportLimits.ParentsMax}");

            RecordDraft draft = IsOwn(entity) ? OwnDraft(entity) : ForeignDraft(entity);
            Check(entity, "key", draft.Key, ImportLimits.KeyBytesMax);
            Check(entity, "checksum", draft.Hash, ImportLimits.HashBytesMax);
            Check(entity, "location", draft.Location, ImportLimits.LocationBytesMax);
            Check(entity, "pointer", draft.Pointer, ImportLimits.LocationBytesMax);
            Check(entity, "type", draft.Type ?? "", ImportLimits.TypeBytesMax);
            Check(entity, "description (its attributes)", draft.Description, ImportLimits.DescriptionBytesMax);
            if (draft.Key.Length == 0)
                Fail(entity, "an empty key");
            if (draft.Key.Contains('\0', StringComparison.Ordinal)
                || draft.Key.Contains("\U0010FFFF", StringComparison.Ordinal))
                Fail(entity, "a key with U+0000 or U+10FFFF, which the ledger keeps for itself");

            return draft with { Parents = named };
        }

        private string? NameOfParent(ProvName parent, int[] places)
        {
            if (_indexes.TryGetValue(parent, out int index))
                return string.Create(CultureInfo.InvariantCulture, $"#{places[index]}");
            if (parent.Namespace == ProvWords.RecordNamespace && TxId.TryParse(parent.Local, out TxId id, out _))
                return id.Value;

            _leftOut.Add($"the parent {Quoted.Short(parent.ToString())}: it is marked as missing and is no record id");
            return null;
        }

        private RecordDraft OwnDraft(ProvEntity entity)
        {
            string hash = entity.TextOf(ProvWords.Checksum);
            if (hash.Length == 0)
                Fail(entity, $"{entity.Name} has {ProvWords.Key} and no {ProvWords.Checksum}");

            string type = entity.TextOf(ProvWords.RecordType);
            if (type == "Init")
                _leftOut.Add($"the type Init of {Quoted.Short(KeyOf(entity))}: the contract alone gives it");

            ProvName[] unknown =
            [
                .. entity.Attributes.Select(pair => pair.Key)
                    .Where(name => name.Namespace != ProvWords.OwnNamespace
                        && name != ProvWords.Label && name != ProvWords.Type && name != ProvWords.Location)
                    .Distinct(),
            ];
            string names = Quoted.Short(string.Join(", ", unknown.Select(name => name.ToString())));
            if (unknown.Length > 0)
                _leftOut.Add($"attributes that somebody added to {entity.Name}: {names}");

            string algorithm = entity.TextOf(ProvWords.ChecksumAlgorithm);
            return new RecordDraft
            {
                Key = KeyOf(entity),
                Hash = hash,
                ChecksumAlgorithm = algorithm.Length == 0 ? null : algorithm,
                Location = entity.TextOf(ProvWords.Location),
                Pointer = entity.TextOf(ProvWords.Pointer),
                Description = entity.TextOf(ProvWords.Description),
                Type = type is "" or "Init" ? null : type,
            };
        }

        private RecordDraft ForeignDraft(ProvEntity entity)
        {
            (string hash, string algorithm) = ProvForeign.ChecksumOf(entity);
            return new RecordDraft
            {
                Key = KeyOf(entity),
                Hash = hash,
                ChecksumAlgorithm = algorithm,
                Location = ProvForeign.LocationOf(entity),
                Description = ProvForeign.Describe(entity, graph),
                Type = ProvForeign.TypeOf(entity),
            };
        }

        private void TellWhatIsLeftOut()
        {
            foreach ((string kind, int count) in graph.Unheld)
                _leftOut.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {kind}: no record holds them"));

            int own = _recorded.Count(IsOwn);
            if (own > 0)
                _leftOut.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"who recorded {own} exported records, and when: a record says who recorded it here"));
        }

        private string KeyOf(ProvEntity entity) =>
            options.KeyPrefix + (IsOwn(entity) ? entity.TextOf(ProvWords.Key) : entity.Name.Uri);

        private static bool IsOwn(ProvEntity entity) => entity.Find(ProvWords.Key) is not null;

        private static long NumberOf(ProvEntity entity, ProvName attribute) =>
            long.TryParse(entity.TextOf(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : 0;

        private string Chain(IReadOnlyList<int> cycle)
        {
            const int ShownMax = 6;
            IEnumerable<string> names = cycle.Take(ShownMax).Select(index => _recorded[index].Name.ToString());
            string more = cycle.Count > ShownMax ? " and so on" : $" from {_recorded[cycle[0]].Name}";
            return Quoted.Short(string.Join(" from ", names)) + more;
        }

        private void Check(ProvEntity entity, string what, string text, int bytesMax)
        {
            int bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes > bytesMax)
                Fail(entity, $"{what} of {bytes} bytes, the limit is {bytesMax}");
        }

        private void Fail(ProvEntity entity, string fault) =>
            Fault ??= $"line {entity.Line}: entity {Quoted.Short(entity.Name.ToString())}: {fault}";
    }
}
