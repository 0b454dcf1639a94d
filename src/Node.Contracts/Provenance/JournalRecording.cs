using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Contracts.Provenance;

/// <summary>Writes the records of journal entries, as <c>set</c> by the device would have.</summary>
/// <remarks>Owned by one call of appendjournal.</remarks>
internal sealed class JournalRecording(IContractContext context)
{
    private const string RecordType = "Record";
    private const string TransformationType = "Transformation";

    // A sensor writes the same key again and again, and a transaction has one write per key: these are what stands
    // under each key so far, to be moved aside when the key comes again.
    private readonly Dictionary<string, (TxId Id, ReadOnlyMemory<byte> Json)> _written = new(StringComparer.Ordinal);

    // A device that renews its certificate in between writes as two.
    private readonly List<(ClientIdentity Device, List<TxId> Records)> _writers = [];

    private long _bytes;   // Of all keys and values that were written.
    private int _count;

    /// <returns>Null when it was written; else why the device may not write this key.</returns>
    /// <param name="isVouchedFor">The sender stands in for the device's expired certificate.</param>
    public ContractResponse? Write(ClientIdentity device, JournalEntry entry, bool isVouchedFor)
    {
        JournaledRecord record = entry.Record!;   // The caller hands over records only.
        if (!KeyWriters.TryEnter(
            new OnBehalf(context, device), record.Key, requested: null, out ContractResponse? refusal))
            return refusal;

        bool isRepeated = _written.TryGetValue(record.Key, out (TxId Id, ReadOnlyMemory<byte> Json) earlier);
        if (isRepeated)
            RecordIndex.WriteSuperseded(context.State, earlier.Id, earlier.Json);

        const int RecordBytesUsual = 1024;
        var json = new JsonText(RecordBytesUsual);
        json.BeginObject();
        json.Text("hash"u8, record.Hash);
        json.Text("location"u8, record.Location);
        json.Text("pointer"u8, record.Pointer);
        json.Text("txid"u8, entry.RecordId.Value);
        json.Text("cert"u8, device.EnrollmentId);
        json.Text("type"u8, TypeOf(record));
        json.Text("desc"u8, record.Description);
        json.Text("depends"u8, string.Join(':', record.Parents));
        json.Text("checksumAlgorithm"u8, record.Algorithm);
        json.Text("mspId"u8, device.MspId.Value);
        json.Text("fingerprint"u8, device.Fingerprint.ToString());
        json.Text("time"u8, StoredRecord.TimeText(context.Timestamp));
        json.Text("batch"u8, context.TxId.Value);
        json.Text("originalTime"u8, JournalState.TimeText(entry.Place.Time));
        json.Text("journal"u8, entry.Journal.ToString());
        json.Text("journalSequence"u8, entry.Sequence.ToString(CultureInfo.InvariantCulture));
        if (entry.Place.IsClockBehind)
            json.Flag("clockBehind"u8, value: true);
        if (isVouchedFor)
            json.Text("vouchedBy"u8, context.Client.EnrollmentId);
        if (isRepeated)
            json.Text("earlier"u8, earlier.Id.Value);
        json.EndObject();
        _bytes += earlier.Json.Length
            + RecordIndex.Write(context.State, entry.RecordId, record.Key, json.Written, record.Parents);
        _written[record.Key] = (entry.RecordId, json.Written);
        if (_writers.Count == 0 || _writers[^1].Device.Fingerprint != device.Fingerprint)
            _writers.Add((device, []));
        _writers[^1].Records.Add(entry.RecordId);
        _count++;
        return _count > 1 && _bytes > ProvenanceLimits.BatchWrittenBytesMax ? TooMuchWritten() : null;
    }

    /// <summary>Once, behind all records: says whose they are.</summary>
    public void WriteWriters()
    {
        foreach ((ClientIdentity device, List<TxId> records) in _writers)
            WriterIndex.Write(context, device, records);
    }

    /// <summary>An entry alone always fits; how much a batch writes shows only here.</summary>
    private static ContractResponse TooMuchWritten() => ContractResponse.Refusal(
        ContractResponse.TooLarge,
        $"the batch up to here writes more than {ProvenanceLimits.BatchWrittenBytesMax} bytes; send fewer entries.");

    private static string TypeOf(JournaledRecord record)
    {
        if (record.Type.Length > 0)
            return record.Type;
        return record.Parents.Count > 0 ? TransformationType : RecordType;
    }

    // The lines that do not hold do not compile (CS0031): what a journal takes, the contract must take too.
#pragma warning disable IDE0051, CA1823 // Never read: that it compiles is all it has to do.
    private const uint KeysFit = JournaledRecordRules.KeyBytesMax <= ProvenanceLimits.KeyBytesMax ? 0 : -1;
    private const uint ChecksumsFit =
        JournaledRecordRules.ChecksumBytesMax <= ProvenanceLimits.ChecksumBytesMax ? 0 : -1;
    private const uint LocationsFit =
        JournaledRecordRules.LocationBytesMax <= ProvenanceLimits.LocationBytesMax ? 0 : -1;
    private const uint PointersFit = JournaledRecordRules.PointerBytesMax <= ProvenanceLimits.PointerBytesMax ? 0 : -1;
    private const uint DescriptionsFit =
        JournaledRecordRules.DescriptionBytesMax <= ProvenanceLimits.DescriptionBytesMax ? 0 : -1;
    private const uint TypesFit = JournaledRecordRules.TypeBytesMax <= ProvenanceLimits.TypeBytesMax ? 0 : -1;
    private const uint ParentsFit = JournaledRecordRules.ParentsMax <= ProvenanceLimits.DependenciesMax ? 0 : -1;
#pragma warning restore IDE0051, CA1823

    /// <summary>The call as if the device had made it: write policies are about who wrote the record.</summary>
    private sealed class OnBehalf(IContractContext call, ClientIdentity device) : IContractContext
    {
        public ChannelId Channel => call.Channel;

        public TxId TxId => call.TxId;

        public DateTimeOffset Timestamp => call.Timestamp;

        public string Function => call.Function;

        public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => call.Arguments;

        public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => call.Transient;

        public ClientIdentity Client => device;

        public IContractState State => call.State;

        public bool TryReadMember(
            MspId mspId,
            ReadOnlyMemory<byte> certificatePem,
            [NotNullWhen(true)] out IMember? member,
            [NotNullWhen(false)] out string? fault) =>
            call.TryReadMember(mspId, certificatePem, out member, out fault);

        public void SetEvent(string name, ReadOnlyMemory<byte> payload) => call.SetEvent(name, payload);
    }
}
