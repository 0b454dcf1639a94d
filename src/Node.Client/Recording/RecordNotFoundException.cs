namespace Node.Client.Recording;

/// <summary>The ledger has no such record.</summary>
public sealed class RecordNotFoundException : Exception
{
    internal RecordNotFoundException(string message, string keyOrTransaction, Exception? inner)
        : base(message, inner) =>
        KeyOrTransaction = keyOrTransaction;

    public string KeyOrTransaction { get; }
}
