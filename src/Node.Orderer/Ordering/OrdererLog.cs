using Grpc.Core;
using Microsoft.Extensions.Logging;
using Node.Protocol;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Ordering;

/// <summary>Everything an orderer logs. Ids 3000 to 3099.</summary>
internal static partial class OrdererLog
{
    [LoggerMessage(
        3000, LogLevel.Information,
        "Channel {Channel}: block {Number}, {Envelopes} envelopes, {Bytes} bytes; make and sign {Make} us, "
        + "store {Store} us; height {Height}")]
    public static partial void BlockMade(
        ILogger logger, ChannelId channel, ulong number, int envelopes, int bytes, long make, long store, ulong height);

    [LoggerMessage(
        3001, LogLevel.Information, "Channel {Channel}: open at height {Height}, {Entries} entries to make blocks of")]
    public static partial void ChannelOpen(ILogger logger, ChannelId channel, ulong height, ulong entries);

    [LoggerMessage(
        3002, LogLevel.Warning, "Channel {Channel}: the config entry at position {Position} is passed over: {Fault}")]
    public static partial void ConfigPassedOver(ILogger logger, ChannelId channel, ulong position, string fault);

    [LoggerMessage(3003, LogLevel.Error, "Channel {Channel} stopped: {Reason} It is opened again in {Seconds:0.#} s")]
    public static partial void ChannelStopped(ILogger logger, ChannelId channel, string reason, double seconds);

    [LoggerMessage(3004, LogLevel.Critical, "Channel {Channel} stopped for good: {Reason}")]
    public static partial void ChannelCorrupt(ILogger logger, ChannelId channel, string reason);

    [LoggerMessage(3005, LogLevel.Information, "Orderer of {MspId} listens on {Endpoints}, data in {DataFolder}")]
    public static partial void Listening(ILogger logger, string mspId, string endpoints, string dataFolder);

    [LoggerMessage(3011, LogLevel.Error, "Channel {Channel} orders nothing: {Fault}")]
    public static partial void DiskFull(ILogger logger, ChannelId channel, string fault);

    [LoggerMessage(3031, LogLevel.Error, "Channel {Channel} makes no blocks: {Fault}")]
    public static partial void DiskFullForBlocks(ILogger logger, ChannelId channel, string fault);

    [LoggerMessage(3012, LogLevel.Information, "Channel {Channel}: there is room on the disk, ordering goes on")]
    public static partial void DiskHasRoom(ILogger logger, ChannelId channel);

    [LoggerMessage(3010, LogLevel.Information, "Orderer of {MspId} stopped")]
    public static partial void Stopped(ILogger logger, string mspId);

    [LoggerMessage(3013, LogLevel.Warning, "Channel {Channel}: upkeep of the ordered log: {Reason}")]
    public static partial void UpkeepFailed(ILogger logger, ChannelId channel, string reason);

    [LoggerMessage(3014, LogLevel.Information, "etcd member {Name} runs as process {ProcessId} at {Address}")]
    public static partial void MemberStarted(ILogger logger, string name, int processId, string address);

    [LoggerMessage(
        3015, LogLevel.Error, "etcd member {Name} ended: {LastWords} It is started again in {Seconds:0.#} s")]
    public static partial void MemberEnded(ILogger logger, string name, string lastWords, double seconds);

    [LoggerMessage(
        3016, LogLevel.Information,
        "Channel {Channel}: the log begins behind block {Height}; fetching blocks from other orderers")]
    public static partial void CatchingUp(ILogger logger, ChannelId channel, ulong height);

    [LoggerMessage(3017, LogLevel.Information, "Channel {Channel}: caught up to height {Height}")]
    public static partial void CaughtUp(ILogger logger, ChannelId channel, ulong height);

    [LoggerMessage(
        3018, LogLevel.Warning,
        "Channel {Channel}: block {Number} leaves this orderer out: it orders nothing any more and follows the others")]
    public static partial void SeatLost(ILogger logger, ChannelId channel, ulong number);

    [LoggerMessage(
        3019, LogLevel.Information, "Channel {Channel}: block {Number} names this orderer: it orders from now on")]
    public static partial void SeatGained(ILogger logger, ChannelId channel, ulong number);

    [LoggerMessage(
        3020, LogLevel.Information, "Channel {Channel} is joined with block {Number}; fetching the blocks up to it")]
    public static partial void Onboarding(ILogger logger, ChannelId channel, ulong number);

    [LoggerMessage(3021, LogLevel.Information, "Channel {Channel} is joined with block {Number}")]
    public static partial void Joined(ILogger logger, ChannelId channel, ulong number);

    [LoggerMessage(3022, LogLevel.Information, "Channel {Channel} is removed, with its {Height} blocks")]
    public static partial void Removed(ILogger logger, ChannelId channel, ulong height);

    [LoggerMessage(
        3023, LogLevel.Warning,
        "Channel {Channel} is removed, but {Reason}. The others keep entries for this orderer up to their limit")]
    public static partial void LogNotTold(ILogger logger, ChannelId channel, string reason);

    [LoggerMessage(3024, LogLevel.Information, "Channel participation API on {Endpoints}")]
    public static partial void AdminListening(ILogger logger, string endpoints);

    [LoggerMessage(3025, LogLevel.Warning, "etcd member {Name} is not started: {Reason}")]
    public static partial void MemberNotAdmitted(ILogger logger, string name, string reason);

    [LoggerMessage(3026, LogLevel.Information, "etcd member {Name} is in sync and votes from now on")]
    public static partial void MemberPromoted(ILogger logger, string name);

    [LoggerMessage(3027, LogLevel.Warning, "etcd member {Name} leaves its cluster and joins it anew: {Reason}")]
    public static partial void MemberReplaced(ILogger logger, string name, string reason);

    [LoggerMessage(3006, LogLevel.Debug, "Broadcast from {Peer} refused: {Status} {Text}")]
    public static partial void BroadcastRefused(ILogger logger, string peer, Status status, string text);

    [LoggerMessage(3007, LogLevel.Debug, "Deliver to {Peer} ended: {Status} {Text}")]
    public static partial void DeliverEnded(ILogger logger, string peer, Status status, string text);

    [LoggerMessage(3008, LogLevel.Error, "{Method} failed with {Status}")]
    public static partial void CallFailed(ILogger logger, string method, StatusCode status, Exception failure);

    [LoggerMessage(3009, LogLevel.Critical, "Channel {Channel} is not served: {Reason}")]
    public static partial void SignerUnfit(ILogger logger, ChannelId channel, string reason);
}
