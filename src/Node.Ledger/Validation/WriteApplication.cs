using Node.Ledger.State;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.Validation;

/// <summary>Applies the writes of valid transactions to the updates of a block.</summary>
/// <remarks>
/// A value write keeps the key's metadata; a metadata write keeps its value, takes a new version, and is nothing where
/// the key is not there; a delete takes both. Owned by one committer.
/// </remarks>
internal sealed class WriteApplication(StateReader state, BlockUpdates updates, NamespaceTraits traits)
{
    private byte[] _key = new byte[1024];

    public void Apply(DecodedReadWriteSet set, StateVersion version)
    {
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            ReadOnlySpan<byte> name = set.Of(ns.Name);
            ApplyWrites(set, name, collection: [], set.Writes(ns.Writes), version);
            ApplyMetadata(set, name, collection: [], set.MetadataWrites(ns.MetadataWrites), version);
            foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
            {
                ReadOnlySpan<byte> collectionName = set.Of(collection.Name);
                ApplyWrites(set, name, collectionName, set.Writes(collection.Writes), version);
                ApplyMetadata(set, name, collectionName, set.MetadataWrites(collection.MetadataWrites), version);
            }
        }
    }

    /// <summary>The configuration in force lies in the namespace without a name.</summary>
    public void ApplyConfig(ReadOnlyMemory<byte> configEnvelope, StateVersion version) =>
        updates.Set(
            KeyOf(ns: [], collection: [], ConfigKey), configEnvelope, metadata: default, isDelete: false, version);

    private static ReadOnlySpan<byte> ConfigKey => "CHANNEL_CONFIG_ENV_BYTES"u8;

    private void ApplyWrites(
        DecodedReadWriteSet set,
        ReadOnlySpan<byte> ns,
        ReadOnlySpan<byte> collection,
        ReadOnlySpan<DecodedWrite> writes,
        StateVersion version)
    {
        bool mayHaveMetadata = writes.Length > 0 && traits.HasMetadata(ns);
        foreach (ref readonly DecodedWrite write in writes)
        {
            ReadOnlySpan<byte> key = KeyOf(ns, collection, set.Of(write.Key));
            if (write.IsDelete)
            {
                updates.Set(key, value: default, metadata: default, isDelete: true, version);
                continue;
            }

            ReadOnlyMemory<byte> metadata = mayHaveMetadata && TryFind(key, out StateValue existing)
                ? existing.Metadata
                : default;
            updates.Set(key, write.Value.Of(set.Bytes), metadata, isDelete: false, version);
        }
    }

    private void ApplyMetadata(
        DecodedReadWriteSet set,
        ReadOnlySpan<byte> ns,
        ReadOnlySpan<byte> collection,
        ReadOnlySpan<DecodedMetadataWrite> writes,
        StateVersion version)
    {
        if (writes.IsEmpty)
            return;

        traits.NoteMetadata(ns);
        foreach (ref readonly DecodedMetadataWrite write in writes)
        {
            ReadOnlySpan<byte> key = KeyOf(ns, collection, set.Of(write.Key));
            if (!TryFind(key, out StateValue existing))
                continue;

            byte[] metadata = MetadataFields.Encode(set, set.MetadataEntries(write.Entries));
            updates.Set(key, existing.Value, metadata, isDelete: false, version);
        }
    }

    // What is there after the earlier transactions of this block.
    private bool TryFind(ReadOnlySpan<byte> stateKey, out StateValue value)
    {
        if (!updates.TryFind(stateKey, out BlockUpdates.Update update))
            return state.TryGet(stateKey, out value);

        value = new StateValue(update.Value, update.Version, update.Metadata);
        return !update.IsDelete;
    }

    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key)
    {
        int size = StateKeys.SizeOf(ns, collection, key);
        if (_key.Length < size)
            _key = new byte[size];

        return _key.AsSpan(0, StateKeys.Encode(ns, collection, key, _key));
    }
}
