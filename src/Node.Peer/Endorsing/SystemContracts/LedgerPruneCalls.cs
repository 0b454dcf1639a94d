using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Node.Contracts;
using Node.Ledger.Pruning;
using Node.Peer.Hosting;
using Node.Protocol;

namespace Node.Peer.Endorsing.SystemContracts;

/// <summary>
/// The two functions of <c>cscc</c> by which an administrator of the peer's organisation prunes a ledger while it runs.
/// </summary>
/// <remarks>
/// <c>PruneLedger CHANNEL blocks N</c> or <c>since SECONDS</c> begins and returns; <c>PruneState CHANNEL</c> tells how
/// it goes. Fabric has neither. Any thread.
/// </remarks>
internal sealed class LedgerPruneCalls(PeerNode node, AccessControl access)
{
    public const string Prune = "PruneLedger";
    public const string Status = "PruneState";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public ContractResponse Answer(SystemCall call)
    {
        if (access.FaultOfLocalAdmin(call.Creator) is { } denied)
            return Failure($"access denied for [{call.Function}]: {denied}");

        string[] arguments = [.. call.Arguments.Select(argument => Encoding.UTF8.GetString(argument.Span))];
        string name = arguments.Length > 0 ? arguments[0] : "";
        if (!ChannelId.TryParse(name, out ChannelId id, out _) || !node.TryFindChannel(id, out PeerChannel? channel))
            return Failure($"unknown channel ID, {name}");
        if (call.Function == Status)
            return State(channel);
        if (!TryReadRule(arguments, out PruneRule? rule))
            return Failure($"{Prune} takes a channel, then 'blocks' and how many, or 'since' and seconds since 1970");
        if (channel.Fault is { } fault)
            return Failure($"the ledger of {id} is not pruned now, because nothing is committed either: {fault}");

        return channel.Pruning.TryStart(rule, node.Stopping)
            ? State(channel)
            : Failure($"the ledger of {id} is being pruned already; ask {Status} how it goes");
    }

    private static bool TryReadRule(string[] arguments, [NotNullWhen(true)] out PruneRule? rule)
    {
        rule = null;
        if (arguments.Length != 3
            || !ulong.TryParse(arguments[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return false;
        if (arguments[1] == "blocks")
            rule = PruneRule.KeepNewest(number);
        else if (arguments[1] == "since" && number <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            rule = PruneRule.KeepSince(DateTimeOffset.FromUnixTimeSeconds((long)number));

        return rule is not null;
    }

    private static ContractResponse State(PeerChannel channel) =>
        ContractResponse.Success(JsonSerializer.SerializeToUtf8Bytes(channel.Pruning.State, s_json));

    private static ContractResponse Failure(string message) =>
        ContractResponse.Refusal(ContractResponse.Failed, message);
}
