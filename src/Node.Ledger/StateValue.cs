using System.Text;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger;

/// <summary>A key's value, where it was written, and its metadata.</summary>
/// <param name="Value">In a collection, the hash of the private value.</param>
/// <param name="Metadata">Encoded entries of a KVMetadataWrite (field 2, repeated); empty when there are none.</param>
public readonly record struct StateValue(
    ReadOnlyMemory<byte> Value, StateVersion Version, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>The name under which a key carries its own endorsement policy.</summary>
    public const string ValidationParameter = "VALIDATION_PARAMETER";

    /// <summary>One named metadata value.</summary>
    public bool TryGetMetadata(string name, out ReadOnlyMemory<byte> value)
    {
        value = default;
        Span<byte> wanted = stackalloc byte[Encoding.UTF8.GetMaxByteCount(64)];
        if (name.Length > 64)
            return false;

        wanted = wanted[..Encoding.UTF8.GetBytes(name, wanted)];
        var reader = new WireReader(Metadata.Span);
        while (reader.Next())
        {
            if (reader.Field == MetadataFields.Entries
                && reader.TryBytes(out Slice entry)
                && MetadataFields.TryReadEntry(Metadata.Span, entry, out Slice entryName, out Slice entryValue)
                && entryName.Of(Metadata.Span).SequenceEqual(wanted))
            {
                value = entryValue.Of(Metadata);
                return true;
            }
        }

        return false;
    }
}
