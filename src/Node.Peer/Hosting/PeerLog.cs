using Microsoft.Extensions.Logging;
using Node.Peer.Committing;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>What a peer says. Event ids: 1xx hosting, 2xx block source, 3xx commit pipeline, 4xx storage.</summary>
internal static partial class PeerLog
{
    [LoggerMessage(100, LogLevel.Information, "Peer {Address} of {Msp} serves on {Listen}; its data lie in {Folder}")]
    public static partial void Started(ILogger log, string address, MspId msp, string listen, string folder);

    [LoggerMessage(101, LogLevel.Information, "Channel {Channel}: joined at height {Height}")]
    public static partial void Joined(ILogger log, ChannelId channel, ulong height);

    [LoggerMessage(102, LogLevel.Information, "Peer {Address} stops")]
    public static partial void Stopping(ILogger log, string address);

    [LoggerMessage(103, LogLevel.Error, "Call {Method} failed with {Status}")]
    public static partial void CallFailed(ILogger log, string method, string status, Exception exception);

    [LoggerMessage(200, LogLevel.Information, "Channel {Channel}: pulls blocks from {Orderer}, starting at {Number}")]
    public static partial void Pulling(ILogger log, ChannelId channel, string orderer, ulong number);

    [LoggerMessage(201, LogLevel.Warning,
        "Channel {Channel}: orderer {Orderer} lost: {Reason}; next try in {Delay} ms")]
    public static partial void SourceLost(ILogger log, ChannelId channel, string orderer, string reason, long delay);

    [LoggerMessage(202, LogLevel.Error,
        "Channel {Channel}: block {Number} from {Orderer} refused: {Reason}; that orderer is dropped")]
    public static partial void BlockRefused(
        ILogger log, ChannelId channel, ulong number, string orderer, string reason);

    [LoggerMessage(203, LogLevel.Information, "Channel {Channel}: no block from {Orderer} for {Seconds} s; dials anew")]
    public static partial void SourceSilent(ILogger log, ChannelId channel, string orderer, long seconds);

    [LoggerMessage(300, LogLevel.Information,
        "Channel {Channel}: block {Number}, {Transactions} transactions, {Valid} valid; verify {Verify} us, "
        + "wait {Wait} us, judge {Judge} us, commit {Commit} us")]
    private static partial void BlockCommitted(
        ILogger log, ChannelId channel, ulong number, int transactions, int valid, long verify, long wait, long judge,
        long commit);

    public static void BlockCommitted(
        ILogger log, ChannelId channel, ulong number, int transactions, int valid, in BlockTimes times) =>
        BlockCommitted(
            log, channel, number, transactions, valid, Microseconds(times.Verify), Microseconds(times.Wait),
            Microseconds(times.Judge), Microseconds(times.Commit));

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    [LoggerMessage(301, LogLevel.Information,
        "Channel {Channel}: configuration {Sequence} in force from block {Number}")]
    public static partial void ConfigAdopted(ILogger log, ChannelId channel, ulong sequence, ulong number);

    [LoggerMessage(302, LogLevel.Error, "Channel {Channel}: block {Number} cannot be committed: {Reason}")]
    public static partial void CommitRefused(ILogger log, ChannelId channel, ulong number, string reason);

    [LoggerMessage(400, LogLevel.Critical,
        "Channel {Channel} stopped: {Reason} Make room on the disk of {Folder}, or mend it; "
        + "the channel then goes on by itself")]
    public static partial void StorageFailed(ILogger log, ChannelId channel, string reason, string folder);

    [LoggerMessage(401, LogLevel.Information, "Channel {Channel}: storage works again, goes on at height {Height}")]
    public static partial void StorageRecovered(ILogger log, ChannelId channel, ulong height);

    [LoggerMessage(402, LogLevel.Critical, "Channel {Channel} stopped for good: {Reason}")]
    public static partial void LedgerCorrupt(ILogger log, ChannelId channel, string reason);
}
