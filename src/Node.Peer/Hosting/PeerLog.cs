using Microsoft.Extensions.Logging;
using Node.Ledger;
using Node.Peer.Committing;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

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
        "Channel {Channel}: leaves orderer {Orderer} ({Fault}): {Reason}; asks it again in {Delay} ms at the earliest")]
    public static partial void OrdererLeft(
        ILogger log, ChannelId channel, string orderer, string fault, string reason, long delay);

    [LoggerMessage(202, LogLevel.Error,
        "Channel {Channel}: orderer {Orderer} lied about block {Number}: {Reason}; it is not asked for {Seconds} s "
        + "while others are there")]
    public static partial void OrdererLied(
        ILogger log, ChannelId channel, string orderer, ulong number, string reason, long seconds);

    [LoggerMessage(203, LogLevel.Warning, "Channel {Channel}: its configuration names no orderer; waits {Delay} ms")]
    public static partial void NoOrderer(ILogger log, ChannelId channel, long delay);

    [LoggerMessage(204, LogLevel.Critical,
        "Channel {Channel}: orderers signed two histories, from block {Number} on: {First}; {Second}. Evidence: "
        + "{File}; anybody can check it with: ./hyperprov verify-evidence")]
    public static partial void EvidenceWritten(
        ILogger log, ChannelId channel, ulong number, string first, string second, string file);

    [LoggerMessage(205, LogLevel.Critical,
        "Channel {Channel}: orderers signed two histories, from block {Number} on: {First}; {Second}. No evidence is "
        + "written: {Reason}")]
    public static partial void EvidenceMissing(
        ILogger log, ChannelId channel, ulong number, string first, string second, string reason);

    [LoggerMessage(206, LogLevel.Critical, "Channel {Channel} stopped: {Reason}")]
    public static partial void ChainDisputed(ILogger log, ChannelId channel, string reason);

    [LoggerMessage(300, LogLevel.Information,
        "Channel {Channel}: block {Number}, {Transactions} transactions, {Bytes} bytes, {Codes}; verify {Verify} us, "
        + "wait {Wait} us, judge {Judge} us, commit {Commit} us; height {Height}")]
    private static partial void BlockCommitted(
        ILogger log, ChannelId channel, ulong number, int transactions, int bytes, string codes, long verify, long wait,
        long judge, long commit, ulong height);

    public static void BlockCommitted(
        ILogger log, ChannelId channel, BlockBytes block, CommitResult result, in BlockTimes times)
    {
        if (log.IsEnabled(LogLevel.Information))
            BlockCommitted(
                log, channel, block.Number, result.Codes.Length, block.Bytes.Length, CountsOf(result.Codes),
                Microseconds(times.Verify), Microseconds(times.Wait), Microseconds(times.Judge),
                Microseconds(times.Commit), block.Number + 1);
    }

    // "40 Valid, 2 MvccReadConflict": the valid ones first.
    private static string CountsOf(TxValidationCode[] codes) => string.Join(
        ", ", codes.CountBy(code => code).OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"));

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
