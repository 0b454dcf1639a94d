namespace Node.Protocol;

/// <summary>
/// A read or write of the disk failed. What is on disk is unknown: the channel stops and recovers at start.
/// </summary>
public sealed class StorageFailedException : NodeException
{
    /// <param name="operation">What was tried, as a verb phrase: "commit block 7".</param>
    /// <param name="where">The folder or file.</param>
    /// <param name="reason">What the engine or the system said.</param>
    public StorageFailedException(string operation, string where, string reason, Exception? inner)
        : base($"Storage in {where} failed to {operation}: {reason}. Check space and permissions, then restart.", inner)
    {
        Operation = operation;
        Where = where;
        Reason = reason;
    }

    public string Operation { get; }

    public string Where { get; }

    public string Reason { get; }
}
