using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Reads the argument of setbatch. Every refusal names the entry by its index, from 0.</summary>
/// <remarks>One owner, one thread, one batch.</remarks>
internal sealed class BatchEntries
{
    private const char EarlierEntryMark = '#';

    private readonly TxId _transaction;
    private readonly List<RecordDraft> _drafts = [];
    private readonly List<string> _dependencies = [];   // Of the entry that is being read.
    private RecordTexts _texts;
    private SetOptions _options = new();

    private BatchEntries(TxId transaction) => _transaction = transaction;

    public static bool TryRead(
        ReadOnlyMemory<byte> json,
        TxId transaction,
        out List<RecordDraft> drafts,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        var entries = new BatchEntries(transaction);
        drafts = entries._drafts;
        if (json.Length > ProvenanceLimits.BatchBytesMax)
        {
            refusal = CallArguments.TooLarge("batch", json.Length, ProvenanceLimits.BatchBytesMax);
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Span);
            refusal = entries.Read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Bytes that are no UTF-8, and a lone surrogate in an escape, are the second kind.
            refusal = At(drafts.Count, RecordDraft.Refused("this is not valid JSON, or holds text that is no Unicode"));
        }

        return refusal is null;
    }

    public static ContractResponse At(int index, ContractResponse refusal) =>
        refusal with
        {
            Message = string.Create(CultureInfo.InvariantCulture, $"Entry {index} of the batch: {refusal.Message}"),
        };

    public static ContractResponse NotBefore(int index) => RecordDraft.Refused(
        string.Create(
            CultureInfo.InvariantCulture,
            $"it depends on entry {index}, which does not come before it; put parents first"));

    public static ContractResponse TooMuchWritten() =>
        ContractResponse.Refusal(
            ContractResponse.TooLarge,
            $"The batch up to here writes more than {ProvenanceLimits.BatchWrittenBytesMax} bytes. "
            + "Record it in several transactions.");

    private ContractResponse? Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return RecordDraft.Refused("a batch is a JSON array of objects, each with key, hash, location and pointer");

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (_drafts.Count == ProvenanceLimits.BatchEntriesMax)
                return ContractResponse.Refusal(
                    ContractResponse.TooLarge,
                    $"A batch has at most {ProvenanceLimits.BatchEntriesMax} entries. Put more into another.");
            if (ReadEntry(ref reader) is { } refusal)
                return At(_drafts.Count, refusal);
        }

        // Reading on throws when anything follows the array.
        reader.Read();
        return _drafts.Count == 0 ? RecordDraft.Refused("the batch is empty") : null;
    }

    private ContractResponse? ReadEntry(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return RecordDraft.Refused("an entry is a JSON object");

        _texts = new RecordTexts("", "", "", "", "");
        _options = new SetOptions();
        _dependencies.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString() ?? "";
            reader.Read();
            if (ReadMember(name, ref reader) is { } fault)
                return fault;
        }

        TxId id = RecordIds.InBatch(_transaction, _drafts.Count);
        if (RefusalOfTexts() is { } refusal)
            return refusal;
        if (!RecordDraft.TryCreate(
            _texts, _dependencies.ToArray(), _options, (id, true), out RecordDraft? draft, out refusal))
            return refusal;

        _drafts.Add(draft);
        return null;
    }

    private ContractResponse? ReadMember(string name, ref Utf8JsonReader reader)
    {
        if (name == "dependencies")
            return ReadDependencies(ref reader);

        if (name is "key" or "hash" or "location" or "pointer" or "description")
        {
            if (reader.TokenType != JsonTokenType.String)
                return RecordDraft.Refused($"the {name} is a text");
            SetText(name, reader.GetString() ?? "");
            return null;
        }

        return _options.Set(name, ref reader) is { } fault ? RecordDraft.Refused(fault) : null;
    }

    private void SetText(string name, string text) => _texts = name switch
    {
        "key" => _texts with { Key = text },
        "hash" => _texts with { Hash = text },
        "location" => _texts with { Location = text },
        "pointer" => _texts with { Pointer = text },
        _ => _texts with { Description = text },
    };

    /// <summary>Ids, or "#3": the fourth entry of this batch, which must be one that was read already.</summary>
    private ContractResponse? ReadDependencies(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return DependenciesAreAnArray();

        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            string text = reader.GetString() ?? "";
            if (!text.StartsWith(EarlierEntryMark))
            {
                _dependencies.Add(text);
                continue;
            }

            if (!int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                return RecordDraft.Refused($"the dependency {Quoted.Text(text)} is no entry of this batch, such as #0");
            if (index >= _drafts.Count)
                return NotBefore(index);
            _dependencies.Add(_drafts[index].Id.Value);
        }

        return reader.TokenType == JsonTokenType.EndArray ? null : DependenciesAreAnArray();
    }

    private static ContractResponse DependenciesAreAnArray() =>
        RecordDraft.Refused("the dependencies are an array of texts: record ids, or entries such as #0");

    private ContractResponse? RefusalOfTexts() =>
        CallArguments.RefusalOfKey(_texts.Key)
        ?? RefusalOf("hash", _texts.Hash, ProvenanceLimits.ChecksumBytesMax)
        ?? RefusalOf("location", _texts.Location, ProvenanceLimits.LocationBytesMax)
        ?? RefusalOf("pointer", _texts.Pointer, ProvenanceLimits.PointerBytesMax)
        ?? RefusalOf("description", _texts.Description, ProvenanceLimits.DescriptionBytesMax);

    private static ContractResponse? RefusalOf(string what, string text, int bytesMax)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        return bytes > bytesMax ? CallArguments.TooLarge(what, bytes, bytesMax) : null;
    }
}
