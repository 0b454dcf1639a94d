using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>The blocks that were taken in lately, to hold against what slower peers say of the same numbers.</summary>
internal sealed class RecentBlocks
{
    // A peer that is further behind is compared when it has caught up, by the block that follows.
    private const int BlocksMax = 1_024;

    private readonly Dictionary<ulong, ConfigurationBlock> _blocks = [];
    private readonly Queue<ulong> _numbers = new();

    public void Add(ConfigurationBlock block)
    {
        if (!_blocks.TryAdd(block.Block.Number, block))
            return;

        _numbers.Enqueue(block.Block.Number);
        if (_numbers.Count > BlocksMax)
            _blocks.Remove(_numbers.Dequeue());
    }

    public ConfigurationBlock? Find(ulong number) => _blocks.GetValueOrDefault(number);
}
