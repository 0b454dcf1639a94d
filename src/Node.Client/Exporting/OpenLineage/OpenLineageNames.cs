using Node.Protocol;

namespace Node.Client.Exporting.OpenLineage;

/// <summary>How keys and datasets, transactions and runs are named after each other.</summary>
internal static class OpenLineageNames
{
    private const string OwnScheme = "hyperprov://";

    public static string KeyOf(OpenLineageDataset dataset) =>
        dataset.Namespace.StartsWith(OwnScheme, StringComparison.Ordinal)
            ? dataset.Name
            : $"{dataset.Namespace.TrimEnd('/')}/{dataset.Name.TrimStart('/')}";

    public static string NamespaceOf(string channel) => OwnScheme + channel;

    /// <summary>A UUID of version 8 (RFC 9562) with the first bytes of the transaction's id.</summary>
    public static string RunIdOf(TxId transaction)
    {
        char[] hex = transaction.Value[..32].ToCharArray();
        hex[12] = '8';
        hex[16] = "89ab"[Convert.ToInt32(hex[16].ToString(), 16) & 3];
        string text = new(hex);
        return $"{text[..8]}-{text[8..12]}-{text[12..16]}-{text[16..20]}-{text[20..]}";
    }
}
