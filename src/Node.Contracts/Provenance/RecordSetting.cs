using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Writes records: the functions set and Init.</summary>
/// <remarks>
/// A plain set reads only who may write the key, which hardly ever changes: two writers of one key do not conflict, and
/// the last one in block order is the newest. expectedTxid and strict read more, and may conflict: they are for that.
/// </remarks>
internal static class RecordSetting
{
    public const string InitType = "Init";
    public const string EventName = "hyperprov.recorded";

    private const string RecordType = "Record";
    private const string TransformationType = "Transformation";

    /// <summary>set key, hash, location, pointer [, description [, dependencies [, options]]].</summary>
    public static ContractResponse Set(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting =
            "a key, hash, location and pointer, and potentially description, dependencies and options";
        if (!arguments.TryCount(min: 4, max: 7, Expecting, out ContractResponse? refusal)
            || !TryReadDraft(arguments, out Draft draft, out refusal)
            || !arguments.TryText(6, "options", ProvenanceLimits.OptionsBytesMax, out string optionsText, out refusal))
            return refusal;

        if (!SetOptions.TryParse(optionsText, out SetOptions? options, out string? fault)
            || !TryReadParents(draft.Dependencies, context.TxId, out List<TxId> parents, out fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, $"Failed to set asset: {fault}.");

        Checksum checksum = Checksum.Guess(draft.Hash);
        if (options.ChecksumAlgorithm is { } algorithm
            && !Checksum.TryCreate(draft.Hash, algorithm, out checksum, out fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, $"Failed to set asset: {fault}.");

        refusal = RefusalByState(context.State, draft.Key, options, parents);
        if (refusal is not null || !KeyWriters.TryEnter(context, draft.Key, options.Writers, out refusal))
            return refusal;

        string type = options.Type ?? (parents.Count > 0 ? TransformationType : RecordType);
        return Write(context, draft, checksum, type, parents);
    }

    /// <summary>Init key, hash, location, pointer: what the 2019 contract wrote when it was deployed.</summary>
    public static ContractResponse Init(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 4, max: 4, "a key, value, location and pointer", out ContractResponse? refusal)
            || !TryReadDraft(arguments, out Draft draft, out refusal)
            || !KeyWriters.TryEnter(context, draft.Key, requested: null, out refusal))
            return refusal;

        return Write(
            context, draft with { Description = "Init operation" }, Checksum.Guess(draft.Hash), InitType, parents: []);
    }

    /// <summary>The texts of a call, each within its limit.</summary>
    private readonly record struct Draft(
        string Key, string Hash, string Location, string Pointer, string Description, string Dependencies);

    private static bool TryReadDraft(
        CallArguments arguments, out Draft draft, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int DependenciesBytesMax = ProvenanceLimits.DependenciesMax * (TxId.Chars + 1);
        draft = default;
        if (!arguments.TryKey(0, out string key, out refusal)
            || !arguments.TryText(1, "hash", ProvenanceLimits.ChecksumBytesMax, out string hash, out refusal)
            || !arguments.TryText(2, "location", ProvenanceLimits.LocationBytesMax, out string location, out refusal)
            || !arguments.TryText(3, "pointer", ProvenanceLimits.PointerBytesMax, out string pointer, out refusal)
            || !arguments.TryText(4, "description", ProvenanceLimits.DescriptionBytesMax, out string text, out refusal)
            || !arguments.TryText(5, "dependencies", DependenciesBytesMax, out string dependencies, out refusal))
            return false;

        draft = new Draft(key, hash, location, pointer, text, dependencies);
        if (hash.Length == 0)
            refusal = ContractResponse.Refusal(ContractResponse.BadRequest, "Failed to set asset: the hash is empty.");
        return refusal is null;
    }

    /// <summary>Ids joined by ':'. A parent named twice counts once, where it stood first.</summary>
    private static bool TryReadParents(string text, TxId self, out List<TxId> parents, out string? fault)
    {
        parents = [];
        fault = null;
        if (text.Length == 0)
            return true;

        var known = new HashSet<TxId>();
        foreach (string part in text.Split(':'))
        {
            if (!TxId.TryParse(part, out TxId parent, out _))
                fault = $"the dependency {Quoted.Text(part)} is no transaction id ({TxId.Chars} lower-case hex digits)";
            else if (parent == self)
                fault = "a record does not depend on itself";
            else if (known.Add(parent))
                parents.Add(parent);

            if (fault is null && parents.Count > ProvenanceLimits.DependenciesMax)
                fault = $"a record has at most {ProvenanceLimits.DependenciesMax} dependencies";
            if (fault is not null)
                return false;
        }

        return true;
    }

    private static ContractResponse? RefusalByState(
        IContractState state, string key, SetOptions options, List<TxId> parents)
    {
        if (options.ExpectedTxId is { } expected)
        {
            string found = RecordIndex.TryFindNewest(state, key, out LocatedRecord? newest) ? newest.TxId.Value : "";
            if (found != expected)
                return ContractResponse.Refusal(
                    ContractResponse.Conflict,
                    $"The key {Quoted.Text(key)} was expected to be {Described(expected)}, it is {Described(found)}. "
                    + "Read it again and decide anew.");
        }

        if (!options.Strict)
            return null;

        foreach (TxId parent in parents)
        {
            if (!state.TryGet(CompositeKey.Create(RecordIndex.TransactionType, parent.Value), out _))
                return ContractResponse.Refusal(
                    ContractResponse.NotFound,
                    $"The dependency {parent} is not recorded. Record it first, or set without the option strict.");
        }

        return null;
    }

    private static string Described(string txid) => txid.Length == 0 ? "new" : "of transaction " + txid;

    private static ContractResponse Write(
        IContractContext context, Draft draft, Checksum checksum, string type, List<TxId> parents)
    {
        const int RecordBytesUsual = 1024;
        ClientIdentity client = context.Client;
        var json = new JsonText(RecordBytesUsual);
        json.BeginObject();
        json.Text("hash"u8, checksum.Text);
        json.Text("location"u8, draft.Location);
        json.Text("pointer"u8, draft.Pointer);
        json.Text("txid"u8, context.TxId.Value);
        json.Text("cert"u8, client.EnrollmentId);
        json.Text("type"u8, type);
        json.Text("desc"u8, draft.Description);
        json.Text("depends"u8, string.Join(':', parents));
        json.Text("checksumAlgorithm"u8, checksum.Algorithm);
        json.Text("mspId"u8, client.MspId.Value);
        json.Text("fingerprint"u8, client.Fingerprint.ToString());
        json.Text("time"u8, StoredRecord.TimeText(context.Timestamp));
        json.EndObject();

        RecordIndex.Write(context.State, context.TxId, draft.Key, json.Written, parents);
        context.SetEvent(EventName, EventPayload(context, draft.Key, checksum, type));
        return ContractResponse.Success(Encoding.UTF8.GetBytes(context.TxId.Value));
    }

    private static ReadOnlyMemory<byte> EventPayload(
        IContractContext context, string key, Checksum checksum, string type)
    {
        const int EventBytesUsual = 512;
        var json = new JsonText(EventBytesUsual);
        json.BeginObject();
        json.Text("key"u8, key);
        json.Text("txid"u8, context.TxId.Value);
        json.Text("hash"u8, checksum.Text);
        json.Text("checksumAlgorithm"u8, checksum.Algorithm);
        json.Text("type"u8, type);
        json.Text("mspId"u8, context.Client.MspId.Value);
        json.Text("certificate"u8, context.Client.EnrollmentId);
        json.EndObject();
        return json.Written;
    }
}
