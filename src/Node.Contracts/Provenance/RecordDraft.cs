using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>The texts of one record as a caller gave them, each within its limit.</summary>
internal readonly record struct RecordTexts(
    string Key, string Hash, string Location, string Pointer, string Description);

/// <summary>A record that is about to be written: checked in itself, not yet held against the state.</summary>
internal sealed class RecordDraft
{
    private const string RecordType = "Record";
    private const string TransformationType = "Transformation";

    private RecordDraft(RecordTexts texts, Checksum checksum, List<TxId> parents, SetOptions options)
    {
        Texts = texts;
        Checksum = checksum;
        Parents = parents;
        Options = options;
        Type = options.Type ?? (parents.Count > 0 ? TransformationType : RecordType);
    }

    /// <summary>The transaction's id, or that of an entry of a batch.</summary>
    public required TxId Id { get; init; }

    public RecordTexts Texts { get; }

    public Checksum Checksum { get; }

    public string Type { get; init; }

    public List<TxId> Parents { get; }

    public SetOptions Options { get; }

    /// <summary>True for a record whose id is not that of the transaction that writes it.</summary>
    public required bool IsInBatch { get; init; }

    /// <param name="dependencies">Ids in their order. One named twice counts once, where it stood first.</param>
    /// <param name="record">Its own id, which it cannot depend on.</param>
    public static bool TryCreate(
        RecordTexts texts,
        ReadOnlySpan<string> dependencies,
        SetOptions options,
        (TxId Id, bool IsInBatch) record,
        [NotNullWhen(true)] out RecordDraft? draft,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        draft = null;
        refusal = null;
        Checksum checksum = Checksum.Guess(texts.Hash);
        string fault = "";
        if (texts.Hash.Length == 0)
            refusal = Refused("the hash is empty");
        else if (!TryReadParents(dependencies, record.Id, out List<TxId> parents, out fault)
            || (options.ChecksumAlgorithm is { } algorithm
                && !Checksum.TryCreate(texts.Hash, algorithm, out checksum, out fault)))
            refusal = Refused(fault);
        else
            draft = new RecordDraft(texts, checksum, parents, options) { Id = record.Id, IsInBatch = record.IsInBatch };
        return refusal is null;
    }

    public static ContractResponse Refused(string fault) =>
        ContractResponse.Refusal(ContractResponse.BadRequest, $"Failed to set asset: {fault}.");

    private static bool TryReadParents(
        ReadOnlySpan<string> dependencies, TxId self, out List<TxId> parents, out string fault)
    {
        parents = [];
        fault = "";
        var known = new HashSet<TxId>();
        foreach (string part in dependencies)
        {
            if (!TxId.TryParse(part, out TxId parent, out _))
                fault = $"the dependency {Quoted.Text(part)} is no transaction id ({TxId.Chars} lower-case hex digits)";
            else if (parent == self)
                fault = "a record does not depend on itself";
            else if (known.Add(parent))
                parents.Add(parent);

            if (fault.Length == 0 && parents.Count > ProvenanceLimits.DependenciesMax)
                fault = $"a record has at most {ProvenanceLimits.DependenciesMax} dependencies";
            if (fault.Length > 0)
                return false;
        }

        return true;
    }
}
