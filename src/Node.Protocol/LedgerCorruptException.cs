using System.Globalization;

namespace Node.Protocol;

/// <summary>
/// Stored bytes are not what was stored. The channel stops; a person restores the folder or copies a peer's.
/// </summary>
/// <remarks>A fact about bytes, never the consequence of an I/O error.</remarks>
public sealed class LedgerCorruptException : NodeException
{
    /// <param name="what">What does not agree, with both values where there are two.</param>
    /// <param name="where">The folder, file or record.</param>
    /// <param name="blockNumber">Null when no single block is to blame.</param>
    public LedgerCorruptException(string what, string where, ulong? blockNumber)
        : base(Message(what, where, blockNumber), inner: null)
    {
        What = what;
        Where = where;
        BlockNumber = blockNumber;
    }

    public string What { get; }

    public string Where { get; }

    public ulong? BlockNumber { get; }

    private static new string Message(string what, string where, ulong? blockNumber)
    {
        string block = blockNumber is { } number
            ? string.Create(CultureInfo.InvariantCulture, $" at block {number}")
            : "";
        return $"The ledger in {where} is corrupt{block}: {what}. Run 'hyperprov ledger verify', then restore it.";
    }
}
