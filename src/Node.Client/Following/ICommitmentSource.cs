using Node.Protocol;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// Whoever tells a light client about blocks. Nothing it says is trusted: it is the edge to the world.
/// </summary>
internal interface ICommitmentSource
{
    /// <summary>For people: the endpoint.</summary>
    string Name { get; }

    /// <summary>The newest block there is.</summary>
    /// <exception cref="GatewayException">It refuses, or gives nothing.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answers.</exception>
    Task<ConfigurationBlock> NewestAsync(CancellationToken cancellation);

    /// <inheritdoc cref="NewestAsync"/>
    Task<ConfigurationBlock> BlockAsync(ulong number, CancellationToken cancellation);

    /// <summary>The blocks with a configuration, both ends included.</summary>
    /// <inheritdoc cref="NewestAsync"/>
    Task<IReadOnlyList<ConfigurationBlock>> ConfigurationsAsync(
        ulong first, ulong last, CancellationToken cancellation);

    /// <summary>Each block in order, as it comes, until cancelled.</summary>
    /// <inheritdoc cref="NewestAsync"/>
    IAsyncEnumerable<ConfigurationBlock> FollowAsync(ulong from, CancellationToken cancellation);

    /// <inheritdoc cref="NewestAsync"/>
    Task<Hash32[]> ConsistencyAsync(ulong first, ulong second, CancellationToken cancellation);

    /// <inheritdoc cref="NewestAsync"/>
    Task<Hash32[]> InclusionAsync(ulong block, ulong height, CancellationToken cancellation);
}
