using System.Text;
using Google.Protobuf;
using Node.Contracts;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing.SystemContracts;

/// <summary>The system contract <c>cscc</c>: the channels of this peer and their configuration.</summary>
/// <remarks>The first argument names the channel, and that channel's policies decide. Any thread.</remarks>
internal sealed class ConfigurationContract(PeerNode node, AccessControl access) : ISystemContract
{
    public const string ContractName = "cscc";

    private readonly LedgerPruneCalls _prunes = new(node, access);

    public string Name => ContractName;

    public ContractResponse Invoke(SystemCall call) => call.Function switch
    {
        "GetChannels" => Channels(call.Creator),
        LedgerPruneCalls.Prune or LedgerPruneCalls.Status => _prunes.Answer(call),
        "GetConfigBlock" or "GetChannelConfig" => OfChannel(call),
        "JoinChain" or "JoinChainBySnapshot" or "JoinBySnapshotStatus" => Failure(
            $"{call.Function} is not offered; name the channel's genesis block in the peer's configuration, or import "
            + "a snapshot ('hyperprov ledger import'), then start it again"),
        _ => Failure($"Requested function {call.Function} not found."),
    };

    private ContractResponse Channels(Identity creator)
    {
        if (access.FaultOfLocalMember(creator) is { } fault)
            return Failure($"access denied for [GetChannels]: {fault}");

        var result = new ChannelQueryResponse();
        IEnumerable<string> names = node.Channels.Select(channel => channel.Id.Value);
        foreach (string name in names.Order(StringComparer.Ordinal))
            result.Channels.Add(new ChannelInfo { ChannelId = name });
        return ContractResponse.Success(result.ToByteArray());
    }

    private ContractResponse OfChannel(SystemCall call)
    {
        string name = call.Arguments.Count > 0 ? Encoding.UTF8.GetString(call.Arguments[0].Span) : "";
        if (!ChannelId.TryParse(name, out ChannelId id, out _) || !node.TryFindChannel(id, out PeerChannel? channel))
            return Failure($"unknown channel ID, {name}");

        ChannelConfig config = channel.Config;
        if (AccessControl.FaultOfStranger(config, $"{Name}/{call.Function}", call.Creator) is { } fault)
            return Failure($"access denied for [{call.Function}][{id}]: {fault}");
        if (call.Function == "GetChannelConfig")
            return ContractResponse.Success(config.Config.ToByteArray());

        return channel.Ledger.TryReadBlock(channel.Ledger.Tip.LastConfigBlock, out byte[]? block)
            ? ContractResponse.Success(block)
            : Failure($"the ledger of {id} has no block {channel.Ledger.Tip.LastConfigBlock}");
    }

    private static ContractResponse Failure(string message) =>
        ContractResponse.Refusal(ContractResponse.Failed, message);
}
