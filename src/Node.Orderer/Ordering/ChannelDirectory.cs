using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Orderer.Ordering;

/// <summary>The channels this orderer serves. Any thread; readers see one state of it.</summary>
internal sealed class ChannelDirectory(IEnumerable<OrderingChannel> channels)
{
    private readonly Lock _lock = new();   // Held by writers, so that none overwrites what another has added.
    private volatile FrozenDictionary<ChannelId, OrderingChannel> _channels =
        channels.ToFrozenDictionary(channel => channel.Id);

    public IReadOnlyCollection<OrderingChannel> All => _channels.Values;

    public bool TryFind(ChannelId id, [NotNullWhen(true)] out OrderingChannel? channel) =>
        _channels.TryGetValue(id, out channel);

    /// <summary>There must be none of this name yet.</summary>
    public void Add(OrderingChannel channel)
    {
        lock (_lock)
            _channels = _channels.Values.Append(channel).ToFrozenDictionary(each => each.Id);
    }

    public void Remove(ChannelId id)
    {
        lock (_lock)
            _channels = _channels.Values.Where(each => each.Id != id).ToFrozenDictionary(each => each.Id);
    }
}
