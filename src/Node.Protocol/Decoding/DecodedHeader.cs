namespace Node.Protocol.Decoding;

/// <summary>
/// The two headers that every envelope and every proposal carries. Slices of the bytes they were read from.
/// </summary>
internal struct DecodedHeader
{
    public Slice ChannelHeader;
    public Slice SignatureHeader;

    public int Type;
    public bool HasTimestamp;
    public WireTimestamp Timestamp;
    public Slice ChannelId;
    public Slice TxId;
    public ulong Epoch;
    public Slice Extension;
    public Slice TlsCertHash;

    public Slice Creator;
    public Slice Nonce;

    /// <summary>Reads a common.Header and both headers inside of it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Slice message, out DecodedHeader header)
    {
        header = default;
        WireReader reader = WireReader.Inside(bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out header.ChannelHeader);
            else if (reader.Field == 2)
                reader.TryBytes(out header.SignatureHeader);
        }

        return !reader.Failed
            && TryReadChannelHeader(bytes, ref header)
            && TryReadSignatureHeader(bytes, header.SignatureHeader, out header.Creator, out header.Nonce);
    }

    public static bool TryReadSignatureHeader(
        ReadOnlySpan<byte> bytes, Slice message, out Slice creator, out Slice nonce)
    {
        creator = default;
        nonce = default;
        WireReader reader = WireReader.Inside(bytes, message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out creator);
            else if (reader.Field == 2)
                reader.TryBytes(out nonce);
        }

        return !reader.Failed;
    }

    private static bool TryReadChannelHeader(ReadOnlySpan<byte> bytes, ref DecodedHeader header)
    {
        Slice timestamp = default;
        WireReader reader = WireReader.Inside(bytes, header.ChannelHeader);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    reader.TryInt32(out header.Type);
                    break;
                case 2:
                    reader.TryInt32(out _);   // Clients write 0 or 1, and it means nothing.
                    break;
                case 3:
                    reader.TryMessage(ref timestamp);
                    break;
                case 4:
                    reader.TryText(out header.ChannelId);
                    break;
                case 5:
                    reader.TryText(out header.TxId);
                    break;
                case 6:
                    reader.TryUInt64(out header.Epoch);
                    break;
                case 7:
                    reader.TryBytes(out header.Extension);
                    break;
                case 8:
                    reader.TryBytes(out header.TlsCertHash);
                    break;
            }
        }

        header.HasTimestamp = timestamp.IsPresent;
        return !reader.Failed && WireTimestamp.TryRead(bytes, timestamp, out header.Timestamp);
    }
}
