using System.Diagnostics.CodeAnalysis;

namespace Node.Client.Exporting.Prov;

/// <summary>PROV-JSON. Source: W3C Member Submission "The PROV-JSON Serialization" (2013).</summary>
public static class ProvJson
{
    /// <summary>UTF-8, indented; the same document gives the same bytes.</summary>
    public static byte[] Write(ProvDocument document) => ProvJsonWriting.Write(document);

    /// <param name="fault">What is wrong, beginning with the line.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out ProvDocument? document,
        [NotNullWhen(false)] out string? fault)
    {
        document = null;
        if (!LocatedJson.TryParse(utf8, out LocatedJson? root, out fault))
            return false;

        var reading = new ProvJsonReading();
        document = reading.Read(root);
        fault = reading.Fault;
        if (fault is not null)
            document = null;

        return document is not null;
    }
}
