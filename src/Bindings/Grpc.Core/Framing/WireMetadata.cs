namespace Grpc.Core.Framing;

/// <summary>Which headers are metadata, and how their values read.</summary>
internal static class WireMetadata
{
    /// <summary>True for headers of HTTP and of the protocol itself, and for names metadata cannot have.</summary>
    public static bool IsReserved(string name)
    {
        if (name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
            return !name.Equals(GrpcProtocol.StatusDetailsHeader, StringComparison.OrdinalIgnoreCase);

        return name.Equals("te", StringComparison.OrdinalIgnoreCase)
            || name.Equals("host", StringComparison.OrdinalIgnoreCase)
            || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
            || name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
            || !IsMetadataKey(name);
    }

    /// <summary>
    /// Adds one header line. Binary values may share a line, comma between; what is no base64 is left out.
    /// </summary>
    public static void Add(Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (Range part in value.AsSpan().Split(','))
        {
            if (GrpcProtocol.TryDecodeBinary(value.AsSpan(part).Trim(), out byte[] bytes))
                metadata.Add(name, bytes);
        }
    }

    public static string ValueOf(Metadata.Entry entry) =>
        entry.IsBinary ? GrpcProtocol.EncodeBinary(entry.Bytes) : entry.Value;

    // Also false for ":path" and its like.
    private static bool IsMetadataKey(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return false;
        }

        return name.Length > 0;
    }
}
