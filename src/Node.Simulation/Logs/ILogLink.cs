namespace Node.Simulation.Logs;

/// <summary>The way between one orderer and the log cluster.</summary>
internal interface ILogLink
{
    /// <summary>Lets something happen at the cluster, on a majority, and brings the answer back.</summary>
    /// <param name="happen">May happen although the answer is lost; then it may happen again.</param>
    /// <returns>Completes on the orderer's thread; fails with StorageFailedException when the outcome is
    /// unknown.</returns>
    Task<T> AskAsync<T>(Func<LogCluster, T> happen, string operation, CancellationToken cancellationToken);

    /// <summary>Calls back, on the orderer's thread, whenever there may be something new to read.</summary>
    IDisposable OnGrown(Action grown);
}
