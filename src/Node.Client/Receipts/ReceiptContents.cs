using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Node.Client.Recording;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Client.Receipts;

/// <summary>Reads provenance records out of what a transaction wrote, as the contract stores them.</summary>
/// <remarks>docs/provenance-contract.md says what a stored record looks like.</remarks>
internal static class ReceiptContents
{
    // Composite keys, which indexes use, begin so.
    private const byte CompositeKeyPrefix = 0;

    /// <summary>The records among the public writes of the contract that was called.</summary>
    /// <param name="fault">A record that says something else than the transaction around it.</param>
    public static bool TryRead(
        DecodedTransaction transaction,
        Identity creator,
        (ulong Block, uint Index) place,
        out List<ProvenanceRecord> records,
        [NotNullWhen(false)] out string? fault)
    {
        records = Read(transaction, place);
        fault = records.Select(record => FaultOf(record, creator)).FirstOrDefault(found => found is not null);
        return fault is null;
    }

    /// <summary>As above, without holding them against their creator.</summary>
    public static List<ProvenanceRecord> Read(DecodedTransaction transaction, (ulong Block, uint Index) place)
    {
        var records = new List<ProvenanceRecord>();
        DecodedReadWriteSet set = transaction.ReadWriteSet;
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            if (!set.Of(ns.Name).SequenceEqual(transaction.ContractNameUtf8.Span))
                continue;

            foreach (ref readonly DecodedWrite write in set.Writes(ns.Writes))
            {
                ReadOnlySpan<byte> key = set.Of(write.Key);
                if (!write.IsDelete && !key.IsEmpty && key[0] != CompositeKeyPrefix
                    && TryParse(key, set.Of(write.Value), transaction.TxId, place, out ProvenanceRecord? record))
                    records.Add(record);
            }
        }

        return records;
    }

    private static string? FaultOf(ProvenanceRecord record, Identity creator)
    {
        if (record.MspId != creator.MspId.Value)
            return $"the record of key \"{record.Key}\" names {record.MspId} as its writer, the transaction was " +
                $"made by {creator}";

        return record.Fingerprint == creator.Fingerprint.ToString()
            ? null
            : $"the record of key \"{record.Key}\" names another certificate than the one that made the transaction";
    }

    // What is no record is another contract's value, and none of our business.
    private static bool TryParse(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> value,
        TxId transaction,
        (ulong Block, uint Index) place,
        [NotNullWhen(true)] out ProvenanceRecord? record)
    {
        record = null;
        try
        {
            var reader = new Utf8JsonReader(value);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !TxId.TryParse(Text(root, "txid"), out TxId id, out _)
                || (id != transaction && Text(root, "batch") != transaction.Value))
                return false;

            record = Read(root, Encoding.UTF8.GetString(key), id, place);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ProvenanceRecord Read(
        JsonElement root, string key, TxId id, (ulong Block, uint Index) place) => new()
        {
            Key = key,
            TransactionId = id,
            BatchId = TxId.TryParse(Text(root, "batch"), out TxId batch, out _) ? batch : null,
            Hash = Text(root, "hash"),
            ChecksumAlgorithm = Text(root, "checksumAlgorithm"),
            Location = Text(root, "location"),
            Pointer = Text(root, "pointer"),
            Type = Text(root, "type"),
            Description = Text(root, "desc"),
            Parents =
            [
                .. Text(root, "depends").Split(':', StringSplitOptions.RemoveEmptyEntries)
                    .Select(text => TxId.TryParse(text, out TxId parent, out _) ? parent : default)
                    .Where(parent => !parent.IsNone),
            ],
            EnrollmentId = Text(root, "cert"),
            MspId = Text(root, "mspId"),
            Fingerprint = Text(root, "fingerprint"),
            Timestamp = Text(root, "time"),
            Block = place.Block,
            Transaction = place.Index,
        };

    private static string Text(JsonElement root, string member) =>
        root.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? ""
            : "";
}
