using System.Text.Json;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>Reads the answers of getlineage and getimpact in compact form.</summary>
/// <remarks>
/// By hand, since a lineage has many thousands of nodes whose texts repeat: what repeats is one text.
/// </remarks>
internal ref struct LineageReader
{
    private Utf8JsonReader _json;
    private readonly List<TxId> _roots = [];
    private readonly List<ProvenanceRecord> _records = [];
    private readonly List<(int Child, int Parent)> _edges = [];
    private readonly List<TxId> _missing = [];
    private readonly List<TxId> _leftOut = [];
    private readonly Dictionary<int, string> _repeated = [];   // The latest text of each repeating member.
    private bool _isTruncated;

    private LineageReader(ReadOnlySpan<byte> json) => _json = new Utf8JsonReader(json);

    /// <exception cref="JsonException">It is not such an answer.</exception>
    public static Lineage Read(ReadOnlySpan<byte> json, LineageDirection direction)
    {
        var reader = new LineageReader(json);
        reader.Read();
        return reader.ToLineage(direction);
    }

    private readonly Lineage ToLineage(LineageDirection direction)
    {
        List<TxId> ends = [.. _records.Select(record => record.TransactionId), .. _missing, .. _leftOut];
        if (ends.ToHashSet().Count < ends.Count)
            throw new JsonException("a record is named twice");

        var edges = new List<(TxId, TxId)>(_edges.Count);
        foreach ((int child, int parent) in _edges)
        {
            if (child >= ends.Count || parent >= ends.Count || child < 0 || parent < 0)
                throw new JsonException("an edge leads to a node that is not there");
            edges.Add((ends[child], ends[parent]));
        }

        return new Lineage(direction, _roots, _records, edges)
        {
            Missing = _missing.ToHashSet(),
            IsTruncated = _isTruncated,
        };
    }

    private void Read()
    {
        Expect(JsonTokenType.StartObject);
        while (Next() == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("root"u8))
                _roots.Add(NextId());
            else if (_json.ValueTextEquals("roots"u8))
                ReadIds(_roots);
            else if (_json.ValueTextEquals("nodes"u8))
                ReadNodes();
            else if (_json.ValueTextEquals("edges"u8))
                ReadEdges();
            else if (_json.ValueTextEquals("missing"u8))
                ReadIds(_missing);
            else if (_json.ValueTextEquals("leftOut"u8))
                ReadIds(_leftOut);
            else if (_json.ValueTextEquals("truncated"u8))
                _isTruncated = Next() == JsonTokenType.True;
            else
                SkipValue();
        }
    }

    private void ReadIds(List<TxId> ids)
    {
        Expect(JsonTokenType.StartArray);
        while (Next() != JsonTokenType.EndArray)
            ids.Add(Id());
    }

    private void ReadEdges()
    {
        Expect(JsonTokenType.StartArray);
        while (Next() == JsonTokenType.StartArray)
        {
            int child = NextNumber();
            int parent = NextNumber();
            _edges.Add((child, parent));
            Expect(JsonTokenType.EndArray);
        }
    }

    private void ReadNodes()
    {
        Expect(JsonTokenType.StartArray);
        while (Next() == JsonTokenType.StartObject)
            _records.Add(ReadNode());
    }

    private ProvenanceRecord ReadNode()
    {
        var node = new RecordJson();
        while (Next() == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("txid"u8))
                node.TxId = NextText();
            else if (_json.ValueTextEquals("key"u8))
                node.Key = NextText();
            else if (_json.ValueTextEquals("hash"u8))
                node.Hash = NextText();
            else if (_json.ValueTextEquals("pointer"u8))
                node.Pointer = NextText();
            else if (_json.ValueTextEquals("block"u8))
                node.Block = NextLarge();
            else if (_json.ValueTextEquals("transaction"u8))
                node.Transaction = (uint)NextNumber();
            else if (_json.ValueTextEquals("outdated"u8))
                node.Outdated = Next() == JsonTokenType.True;
            else if (_json.ValueTextEquals("newestTxid"u8))
                node.NewestTxId = NextText();
            else
                ReadRepeating(node);
        }

        return node.ToRecord();
    }

    private void ReadRepeating(RecordJson node)
    {
        if (_json.ValueTextEquals("checksumAlgorithm"u8))
            node.ChecksumAlgorithm = NextRepeated(0);
        else if (_json.ValueTextEquals("location"u8))
            node.Location = NextRepeated(1);
        else if (_json.ValueTextEquals("type"u8))
            node.Type = NextRepeated(2);
        else if (_json.ValueTextEquals("certificate"u8))
            node.Certificate = NextRepeated(3);
        else if (_json.ValueTextEquals("mspId"u8))
            node.MspId = NextRepeated(4);
        else if (_json.ValueTextEquals("timestamp"u8))
            node.Timestamp = NextRepeated(5);
        else if (_json.ValueTextEquals("batch"u8))
            node.Batch = NextRepeated(6);
        else if (_json.ValueTextEquals("journal"u8))
            node.Journal = NextRepeated(7);
        else if (_json.ValueTextEquals("originalTime"u8))
            node.OriginalTime = NextText();
        else if (_json.ValueTextEquals("journalSequence"u8))
            node.JournalSequence = NextLarge();
        else
            SkipValue();
    }

    private string NextRepeated(int member)
    {
        Next();
        if (_repeated.TryGetValue(member, out string? latest) && _json.ValueTextEquals(latest))
            return latest;
        return _repeated[member] = _json.GetString() ?? "";
    }

    private string NextText()
    {
        Expect(JsonTokenType.String);
        return _json.GetString() ?? "";
    }

    private TxId NextId()
    {
        Next();
        return Id();
    }

    private readonly TxId Id() =>
        _json.TokenType == JsonTokenType.String && TxId.TryParse(_json.ValueSpan, out TxId id, out _)
            ? id
            : throw new JsonException("there is no id where one belongs");

    private int NextNumber()
    {
        Expect(JsonTokenType.Number);
        return _json.TryGetInt32(out int number) ? number : throw new JsonException("a number is too large");
    }

    private ulong NextLarge()
    {
        Expect(JsonTokenType.Number);
        return _json.TryGetUInt64(out ulong number) ? number : throw new JsonException("a number is too large");
    }

    private void SkipValue()
    {
        Next();
        _json.Skip();
    }

    private void Expect(JsonTokenType type)
    {
        if (Next() != type)
            throw new JsonException($"{type} was expected, not {_json.TokenType}");
    }

    private JsonTokenType Next() =>
        _json.Read() ? _json.TokenType : throw new JsonException("it ends too early");
}
