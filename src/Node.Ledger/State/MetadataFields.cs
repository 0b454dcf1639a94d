using Node.Protocol.Decoding;

namespace Node.Ledger;

/// <summary>Stored metadata: the entries of a KVMetadataWrite, encoded, without its key.</summary>
internal static class MetadataFields
{
    public const int Entries = 2;
    public const int Name = 1;
    public const int Value = 2;

    public static bool TryReadEntry(ReadOnlySpan<byte> bytes, Slice entry, out Slice name, out Slice value)
    {
        name = default;
        value = default;
        WireReader reader = WireReader.Inside(bytes, entry);
        while (reader.Next())
        {
            if (reader.Field == Name)
                reader.TryBytes(out name);
            else if (reader.Field == Value)
                reader.TryBytes(out value);
        }

        return !reader.Failed;
    }

    /// <summary>Encodes the entries of a metadata write, in their order.</summary>
    public static byte[] Encode(DecodedReadWriteSet set, ReadOnlySpan<DecodedMetadataEntry> entries)
    {
        var buffer = new WireBuffer();
        var inner = new WireBuffer();
        foreach (ref readonly DecodedMetadataEntry entry in entries)
        {
            inner.Clear();
            inner.BytesUnlessEmpty(Name, set.Of(entry.Name));
            inner.BytesUnlessEmpty(Value, set.Of(entry.Value));
            buffer.Bytes(Entries, inner.Written);
        }

        return buffer.Written.ToArray();
    }
}
