using Node.Membership;
using Node.Orderer.Cutting;
using Node.Protocol;
using Node.Protocol.Wire.Ordering;

namespace Node.Orderer.Ordering;

/// <summary>What one configuration of a channel means to its orderer, looked up once. Immutable; any thread.</summary>
internal sealed class ChannelRules
{
    public ChannelRules(ChannelConfig config)
    {
        Config = config;
        IsInMaintenance = config.Orderer.State == ConsensusType.Types.State.Maintenance;
        WritersPath = IsInMaintenance ? "/Channel/Orderer/Writers" : "/Channel/Writers";
        ReadersPath = IsInMaintenance ? "/Channel/Orderer/Readers" : "/Channel/Readers";
        Writers = config.FindPolicy(WritersPath);
        Readers = config.FindPolicy(ReadersPath);
        EnvelopeBytesMax = Math.Min(config.Orderer.AbsoluteMaxBytes, Limits.EnvelopeBytesMax);
        BatchLimits = LimitsOf(config);
        Pace = CutPace.For(config.Orderer.BatchTimeout);
    }

    public ChannelConfig Config { get; }

    public ulong Sequence => Config.Sequence;

    /// <summary>Only config updates by orderer organisations are taken: the channel moves between ordering
    /// services.</summary>
    public bool IsInMaintenance { get; }

    public string WritersPath { get; }

    public string ReadersPath { get; }

    /// <summary>Null refuses everybody, as in Fabric.</summary>
    public Policy? Writers { get; }

    /// <inheritdoc cref="Writers"/>
    public Policy? Readers { get; }

    /// <summary>Payload and signature of one envelope.</summary>
    public long EnvelopeBytesMax { get; }

    public BatchLimits BatchLimits { get; }

    public CutPace Pace { get; }

    // A channel may ask for more than a block can hold. The entry and the block need room for their frames as well.
    private static BatchLimits LimitsOf(ChannelConfig config)
    {
        const int BlockFrameBytes = 1 << 20;
        long bytes = Math.Min(config.Orderer.PreferredMaxBytes, Limits.BlockBytesMax - BlockFrameBytes);
        int count = (int)Math.Min(config.Orderer.MaxMessageCount, Limits.BlockEnvelopesMax);
        return new BatchLimits(Math.Max(count, 1), Math.Max(bytes, 1));
    }
}
