namespace Node.Protocol.Merkle;

/// <summary>
/// A node over a full power of two of leaves: at <paramref name="Level"/> l it covers leaves
/// <c>Index·2^l</c> up to and without <c>(Index + 1)·2^l</c>. It never changes once it exists, so it can be stored.
/// </summary>
public readonly record struct MerkleNode(int Level, ulong Index, Hash32 Hash);

/// <summary>Where stored nodes come from. Asked only for nodes that exist in the tree at hand.</summary>
public delegate Hash32 MerkleNodeReader(int level, ulong index);
