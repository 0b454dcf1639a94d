using Node.Ledger.State;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Validation;

/// <summary>Decides whether what a transaction read is still so: stage 2 of block validation.</summary>
/// <remarks>
/// Deterministic: committed state, earlier valid transactions of the block, read-write set in, code out. Per namespace
/// in
/// the order of the set: reads, range queries, then the hashed reads of each collection. Owned by one committer.
/// </remarks>
internal sealed class VersionCheck(StateReader state, BlockUpdates updates)
{
    private readonly PhantomCheck _phantoms = new(state, updates);
    private byte[] _key = new byte[1024];

    public TxValidationCode Judge(DecodedReadWriteSet set)
    {
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            TxValidationCode code = Judge(set, ns);
            if (code != TxValidationCode.Valid)
                return code;
        }

        return TxValidationCode.Valid;
    }

    private TxValidationCode Judge(DecodedReadWriteSet set, in DecodedNamespace ns)
    {
        ReadOnlySpan<byte> name = set.Of(ns.Name);
        if (!CanBeWritten(set, ns, name))
            return TxValidationCode.InvalidWriteset;
        if (!AreCurrent(set, name, collection: [], set.Reads(ns.Reads)))
            return TxValidationCode.MvccReadConflict;

        foreach (ref readonly DecodedRangeQuery query in set.RangeQueries(ns.RangeQueries))
        {
            if (!_phantoms.IsUnchanged(set, name, query))
                return TxValidationCode.PhantomReadConflict;
        }

        foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
        {
            if (!AreCurrent(set, name, set.Of(collection.Name), set.Reads(collection.Reads)))
                return TxValidationCode.MvccReadConflict;
        }

        return TxValidationCode.Valid;
    }

    private bool AreCurrent(
        DecodedReadWriteSet set,
        ReadOnlySpan<byte> ns,
        ReadOnlySpan<byte> collection,
        ReadOnlySpan<DecodedRead> reads)
    {
        bool exists = StateKeys.Exist(ns, collection);
        foreach (ref readonly DecodedRead read in reads)
        {
            // A name that cannot exist holds no keys, so that only the absence of one can have been read.
            if (!exists)
            {
                if (read.HasVersion)
                    return false;
                continue;
            }

            ReadOnlySpan<byte> key = KeyOf(ns, collection, set.Of(read.Key));
            if (updates.Contains(key))
                return false;

            bool isThere = state.TryGetVersion(key, out StateVersion version);
            if (isThere != read.HasVersion || (isThere && version != read.Version))
                return false;
        }

        return true;
    }

    // What the state cannot hold. Simulation refuses it before; this is for sets that others signed.
    private static bool CanBeWritten(DecodedReadWriteSet set, in DecodedNamespace ns, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<DecodedWrite> writes = set.Writes(ns.Writes);
        ReadOnlySpan<DecodedMetadataWrite> metadata = set.MetadataWrites(ns.MetadataWrites);
        if ((writes.Length > 0 || metadata.Length > 0) && !StateKeys.Exist(name, collection: []))
            return false;

        foreach (ref readonly DecodedWrite write in writes)
        {
            if (write.Key.Length > Limits.KeyBytesMax)
                return false;
        }

        foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
        {
            if (!CanBeWritten(set, collection, name))
                return false;
        }

        return true;
    }

    private static bool CanBeWritten(DecodedReadWriteSet set, in DecodedCollection collection, ReadOnlySpan<byte> ns)
    {
        ReadOnlySpan<DecodedWrite> writes = set.Writes(collection.Writes);
        bool isEmpty = writes.Length == 0 && set.MetadataWrites(collection.MetadataWrites).Length == 0;
        if (!isEmpty && (collection.Name.IsEmpty || !StateKeys.Exist(ns, set.Of(collection.Name))))
            return false;

        foreach (ref readonly DecodedWrite write in writes)
        {
            if (write.Key.Length != Hash32.Bytes || (!write.IsDelete && write.Value.Length != Hash32.Bytes))
                return false;
        }

        return true;
    }

    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> collection, ReadOnlySpan<byte> key)
    {
        int size = StateKeys.SizeOf(ns, collection, key);
        if (_key.Length < size)
            _key = new byte[size];

        return _key.AsSpan(0, StateKeys.Encode(ns, collection, key, _key));
    }
}
