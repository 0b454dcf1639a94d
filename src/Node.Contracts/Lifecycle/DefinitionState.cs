using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Lifecycle;
using CollectionConfigPackage = Node.Protocol.Wire.Peer.CollectionConfigPackage;

namespace Node.Contracts.Lifecycle;

/// <summary>A contract's committed definition.</summary>
internal sealed record CommittedDefinition(string Name, long Sequence, DefinitionParameters Parameters);

/// <summary>Definitions and approvals as they lie in the state of <c>_lifecycle</c>, in Fabric's layout.</summary>
/// <remarks>
/// Public: <c>namespaces/metadata/NAME</c> → StateMetadata, <c>namespaces/fields/NAME/FIELD</c> → StateData. In the
/// implicit
/// collection of an approving organisation: the same under <c>NAME#SEQUENCE</c>, and <c>chaincode-sources/…</c>. Others
/// know an approval by the hashes of its values.
/// </remarks>
internal sealed class DefinitionState(IContractState state)
{
    private const string Namespaces = "namespaces";
    private const string Sources = "chaincode-sources";
    private const string SequenceField = "Sequence";
    private const string PackageField = "PackageID";
    private const string ParametersType = "ChaincodeParameters";

    private static readonly byte[] s_definitionMetadata = new StateMetadata
    {
        Datatype = "ChaincodeDefinition",
        Fields =
        {
            SequenceField, DefinitionParameters.EndorsementField, DefinitionParameters.ValidationField,
            DefinitionParameters.CollectionsField,
        },
    }.ToByteArray();

    private static readonly byte[] s_parametersMetadata = new StateMetadata
    {
        Datatype = ParametersType,
        Fields =
        {
            DefinitionParameters.EndorsementField, DefinitionParameters.ValidationField,
            DefinitionParameters.CollectionsField,
        },
    }.ToByteArray();

    private static readonly byte[] s_sourceMetadata = new StateMetadata
    {
        Datatype = "ChaincodeLocalPackage",
        Fields = { PackageField },
    }.ToByteArray();

    /// <summary>0 when there is no definition yet.</summary>
    public long CurrentSequence(string name) =>
        TryReadField(name, SequenceField, out StateData? data) ? data.Int64 : 0;

    public bool TryFind(string name, [NotNullWhen(true)] out CommittedDefinition? definition)
    {
        definition = null;
        if (!state.TryGet(MetadataKey(Namespaces, name), out StateEntry metadata)
            || !metadata.Value.Span.SequenceEqual(s_definitionMetadata)
            || !TryReadField(name, SequenceField, out StateData? sequence)
            || !TryReadField(name, DefinitionParameters.EndorsementField, out StateData? endorsement)
            || !TryReadField(name, DefinitionParameters.ValidationField, out StateData? validation)
            || !TryReadField(name, DefinitionParameters.CollectionsField, out StateData? collections))
            return false;

        definition = new CommittedDefinition(
            name,
            sequence.Int64,
            DefinitionParameters.Of(
                ChaincodeEndorsementInfo.Parser.ParseFrom(endorsement.Bytes),
                ChaincodeValidationInfo.Parser.ParseFrom(validation.Bytes),
                CollectionConfigPackage.Parser.ParseFrom(collections.Bytes)));
        return true;
    }

    /// <summary>Names of all definitions, in order.</summary>
    public List<string> Names()
    {
        string prefix = MetadataKey(Namespaces, "");
        List<string> names = [];
        foreach (StateEntry entry in state.Range(prefix, prefix + CompositeKey.UpperBound))
            names.Add(entry.Key[prefix.Length..]);
        return names;
    }

    /// <summary>Writes what differs from the state: a field that stays is not written again.</summary>
    public void Commit(string name, long sequence, DefinitionParameters parameters)
    {
        PutChanged(MetadataKey(Namespaces, name), s_definitionMetadata);
        PutChanged(FieldKey(Namespaces, name, SequenceField), new StateData { Int64 = sequence }.ToByteArray());
        foreach ((string field, byte[] value) in parameters.Fields)
            PutChanged(FieldKey(Namespaces, name, field), value);
    }

    /// <param name="packageId">Empty: approved, but not run by this organisation.</param>
    public void Approve(
        MspId organization, string name, long sequence, DefinitionParameters parameters, string packageId)
    {
        string collection = Collection(organization);
        string approval = ApprovalName(name, sequence);
        state.PutPrivate(collection, MetadataKey(Namespaces, approval), s_parametersMetadata);
        foreach ((string field, byte[] value) in parameters.Fields)
            state.PutPrivate(collection, FieldKey(Namespaces, approval, field), value);

        state.PutPrivate(collection, MetadataKey(Sources, approval), s_sourceMetadata);
        state.PutPrivate(collection, FieldKey(Sources, approval, PackageField), Package(packageId));
    }

    /// <summary>
    /// What of these parameters an organisation did not approve for this sequence. Empty: it approved them.
    /// </summary>
    public List<string> Mismatches(MspId organization, string name, long sequence, DefinitionParameters parameters)
    {
        string collection = Collection(organization);
        string approval = ApprovalName(name, sequence);
        if (!HasHash(collection, MetadataKey(Namespaces, approval), s_parametersMetadata))
            return [ParametersType];

        List<string> mismatches = [];
        foreach ((string field, byte[] value) in parameters.Fields)
        {
            if (!HasHash(collection, FieldKey(Namespaces, approval, field), value))
                mismatches.Add(field);
        }

        mismatches.Sort(string.CompareOrdinal);
        return mismatches;
    }

    public bool HasApprovedPackage(MspId organization, string name, long sequence, string packageId) =>
        HasHash(
            Collection(organization),
            FieldKey(Sources, ApprovalName(name, sequence), PackageField),
            Package(packageId));

    private static byte[] Package(string packageId) => new StateData { String = packageId }.ToByteArray();

    private static string Collection(MspId organization) => "_implicit_org_" + organization.Value;

    private static string ApprovalName(string name, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}#{sequence}");

    private static string MetadataKey(string kind, string name) => $"{kind}/metadata/{name}";

    private static string FieldKey(string kind, string name, string field) => $"{kind}/fields/{name}/{field}";

    private bool HasHash(string collection, string key, byte[] value) =>
        state.TryGetPrivateHash(collection, key, out Hash32 hash) && hash == Hash32.Of(value);

    private void PutChanged(string key, byte[] value)
    {
        if (!state.TryGet(key, out StateEntry entry) || !entry.Value.Span.SequenceEqual(value))
            state.Put(key, value);
    }

    private bool TryReadField(string name, string field, [NotNullWhen(true)] out StateData? data)
    {
        bool found = state.TryGet(FieldKey(Namespaces, name, field), out StateEntry entry);
        data = found ? StateData.Parser.ParseFrom(entry.Value.Span) : null;
        return found;
    }
}
