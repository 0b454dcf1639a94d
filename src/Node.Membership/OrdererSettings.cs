using Node.Protocol;
using Node.Protocol.Wire.Ordering;

namespace Node.Membership;

/// <summary>Where an orderer listens, and whose certificates prove that it is one.</summary>
/// <param name="MspId">The organisation that runs it; none for an address of the channel-wide list.</param>
public sealed record OrdererEndpoint(
    MspId MspId, string Host, int Port, IReadOnlyList<ReadOnlyMemory<byte>> TlsRootPems)
{
    public override string ToString() => new Endpoint(Host, Port).ToString();
}

/// <summary>An orderer that the channel names as one that orders; known by its TLS certificates.</summary>
/// <param name="ClientTlsPem">With which it calls others.</param>
/// <param name="ServerTlsPem">With which it serves.</param>
public sealed record ConsenterPlace(
    string Host, int Port, ReadOnlyMemory<byte> ClientTlsPem, ReadOnlyMemory<byte> ServerTlsPem)
{
    public override string ToString() => new Endpoint(Host, Port).ToString();
}

/// <summary>What a channel's configuration says about ordering.</summary>
public sealed record OrdererSettings
{
    /// <summary>Envelopes at which a batch is cut. At least 1.</summary>
    public required uint MaxMessageCount { get; init; }

    /// <summary>Largest envelope accepted, in bytes of payload and signature.</summary>
    public required uint AbsoluteMaxBytes { get; init; }

    /// <summary>Bytes at which a batch is cut. At most <see cref="AbsoluteMaxBytes"/>.</summary>
    public required uint PreferredMaxBytes { get; init; }

    /// <summary>Longest time the first envelope of a batch waits. Above zero.</summary>
    public required TimeSpan BatchTimeout { get; init; }

    /// <summary>"etcdraft"; what carries the ordered log is each orderer's own affair.</summary>
    public required string ConsensusType { get; init; }

    /// <summary>In maintenance only configuration is ordered.</summary>
    public required ConsensusType.Types.State State { get; init; }

    /// <summary>Organisations that run orderers, by the key of their group.</summary>
    public required IReadOnlyList<(string Name, MspId MspId)> Organizations { get; init; }

    public required IReadOnlyList<OrdererEndpoint> Endpoints { get; init; }

    /// <summary>The orderers that order; none where the metadata of the consensus type cannot be read.</summary>
    public required IReadOnlyList<ConsenterPlace> Consenters { get; init; }
}
