using Node.Protocol;

namespace Node.Orderer.Log;

/// <summary>
/// The one history of a channel that all its orderers share: batches go in from any of them, every one of them reads
/// the same entries in the same order. The only door between an orderer and the engine beneath.
/// </summary>
/// <remarks>Any thread, any number of appenders and readers at once.</remarks>
internal interface IOrderedLog : IAsyncDisposable
{
    /// <summary>Appends one batch and says where it lies. Durable when it completes.</summary>
    /// <remarks>
    /// Idempotent by <see cref="Batch.Id"/>: a batch that is already there is not appended again, its position is
    /// returned. This holds for every entry not yet truncated and for the last
    /// <see cref="LocalLog.BatchIdsRemembered"/> batches of this process. Cancellation stops the waiting only: the
    /// batch
    /// may still be appended.
    /// </remarks>
    /// <exception cref="StorageFailedException">The outcome is unknown. Reopen the log; then the append may be
    /// repeated.</exception>
    ValueTask<LogPosition> AppendAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>Every durable entry behind <paramref name="after"/>, in order, for ever: at the end it waits.</summary>
    /// <exception cref="StorageFailedException">The log could not be read. Reopen it.</exception>
    /// <exception cref="LedgerCorruptException">An entry that must be there is not, or is not what was
    /// appended.</exception>
    IAsyncEnumerable<LogEntry> ReadAsync(LogPosition after, CancellationToken cancellationToken);

    /// <summary>Entries up to and including this position are not needed any more. They may disappear at any
    /// time.</summary>
    /// <exception cref="StorageFailedException">Nothing is known to be removed. Reopen the log.</exception>
    ValueTask TruncateAsync(LogPosition upToIncluding, CancellationToken cancellationToken);
}
