namespace Node.Orderer.Log;

/// <summary>One batch where the log has put it.</summary>
internal sealed record LogEntry(LogPosition Position, Batch Batch);
