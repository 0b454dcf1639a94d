using System.Diagnostics.CodeAnalysis;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Orderer.Ordering;

/// <summary>
/// The configuration block that an orderer is given to join a channel: the first one, or a later one whose
/// predecessors it then fetches.
/// </summary>
/// <remarks>Whoever gives it vouches for it: the hash of a later block fixes all blocks before it. Immutable.</remarks>
internal sealed class JoinBlock
{
    private JoinBlock(ReadOnlyMemory<byte> bytes, ChannelConfig config, ulong number, Hash32 hash)
    {
        Bytes = bytes;
        Config = config;
        Number = number;
        Hash = hash;
    }

    /// <summary>The serialized common.Block.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public ChannelId Channel => Config.Id;

    public ChannelConfig Config { get; }

    public ulong Number { get; }

    /// <summary>Of its header.</summary>
    public Hash32 Hash { get; }

    /// <summary>Null for a later block.</summary>
    public GenesisBlock? Genesis { get; private init; }

    public static JoinBlock Of(GenesisBlock genesis) =>
        new(genesis.Bytes, genesis.Config, number: 0, genesis.Tip.LastHash) { Genesis = genesis };

    public static bool TryDecode(
        byte[] bytes, [NotNullWhen(true)] out JoinBlock? join, [NotNullWhen(false)] out string? fault)
    {
        join = null;
        if (!BlockBytes.TryDecode(bytes, out BlockBytes? block, out fault))
            return false;

        if (block.Number == 0)
        {
            if (!GenesisBlock.TryDecode(bytes, out GenesisBlock? genesis, out fault))
                return false;

            join = Of(genesis);
        }
        else
        {
            if (block.DataHash != block.ComputeDataHash())
                fault = "its data hash does not fit its data";
            if (fault is not null || !ChannelConfig.TryFromConfigBlock(bytes, out ChannelConfig? config, out fault))
                return false;

            join = new JoinBlock(bytes, config, block.Number, block.Hash);
        }

        fault = FaultOfGroups(join.Config);
        if (fault is not null)
            join = null;

        return fault is null;
    }

    // As Fabric tells channels of applications from the system channel of old.
    private static string? FaultOfGroups(ChannelConfig config)
    {
        if (config.Config.ChannelGroup.Groups.ContainsKey("Consortiums"))
            return "it is of a system channel: its configuration has a group Consortiums";

        return config.Config.ChannelGroup.Groups.ContainsKey("Application")
            ? null
            : "its configuration has no group Application";
    }
}
