using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>The channels this orderer serves. Fixed at start; any thread.</summary>
internal sealed class ChannelDirectory(IEnumerable<OrderingChannel> channels)
{
    private readonly FrozenDictionary<ChannelId, OrderingChannel> _channels =
        channels.ToFrozenDictionary(channel => channel.Id);

    public IReadOnlyCollection<OrderingChannel> All => _channels.Values;

    public bool TryFind(ChannelId id, [NotNullWhen(true)] out OrderingChannel? channel) =>
        _channels.TryGetValue(id, out channel);
}
