using System.Globalization;
using System.Text;

namespace Node.Protocol;

/// <summary>Names the records of a transaction that writes several.</summary>
/// <remarks>
/// A record that a transaction writes alone has the transaction's id. A record of a batch has an id of its own, which
/// the client knows before it sends anything, and which plays the part of a transaction id in every question about
/// records.
/// </remarks>
public static class RecordIds
{
    /// <summary>SHA-256 of the ASCII text <c>&lt;transaction id&gt;:&lt;index&gt;</c>, the index in decimal.</summary>
    /// <param name="index">From 0, in the order of the batch.</param>
    public static TxId InBatch(TxId transaction, int index)
    {
        Invariant.Require(!transaction.IsNone && index >= 0, "a batch has an id and counts from 0");
        string text = string.Create(CultureInfo.InvariantCulture, $"{transaction.Value}:{index}");
        return TxId.Of(Hash32.Of(Encoding.ASCII.GetBytes(text)));
    }
}
