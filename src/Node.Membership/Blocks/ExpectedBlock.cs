using Node.Protocol;

namespace Node.Membership.Blocks;

/// <summary>The only block that may come next.</summary>
/// <param name="PreviousHash">The hash of the block before; not looked at for block 0, which has none.</param>
public readonly record struct ExpectedBlock(ulong Number, Hash32 PreviousHash);
