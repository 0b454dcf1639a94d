using Node.Ledger.Ordering;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Log;

/// <summary>What keeps the ordered logs of an orderer: its own disk, or an etcd cluster.</summary>
internal interface ILogEngine
{
    /// <summary>Longest wait before a channel whose log failed is opened again.</summary>
    TimeSpan ReopenDelayMax { get; }

    /// <summary>True where several orderers have the same log, so that one of them can take up a channel that runs
    /// already.</summary>
    bool IsShared => false;

    /// <summary>This orderer keeps the channel no longer: nothing need wait for it any more.</summary>
    /// <exception cref="StorageFailedException">The log could not be told.</exception>
    Task ForgetAsync(ChannelId channel, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens the log of one channel.</summary>
    /// <param name="store">Of that channel; outlives the log.</param>
    /// <param name="tip">Where the blocks in the store end.</param>
    /// <exception cref="StorageFailedException">Not now; try again.</exception>
    /// <exception cref="LedgerCorruptException">The log is not what was appended.</exception>
    Task<OpenedLog> OpenAsync(
        OrdererStore store, ChainTip tip, ChannelSigns signs, CancellationToken cancellationToken);
}

/// <summary>A log that is open.</summary>
/// <param name="Incarnation">A number that no earlier run of this orderer was given, even if its disk was
/// lost.</param>
/// <param name="EntriesWaiting">Entries that are known to have no block here yet.</param>
internal sealed record OpenedLog(IOrderedLog Log, ulong Incarnation, ulong EntriesWaiting);
