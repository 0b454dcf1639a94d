namespace Node.Orderer.Ordering;

/// <summary>A block ready to be stored and delivered.</summary>
/// <param name="Bytes">The serialized common.Block. Not touched again.</param>
/// <param name="Tip">What the block after it is built on.</param>
internal sealed record MadeBlock(ulong Number, byte[] Bytes, int EnvelopeCount, bool IsConfig, ChainTip Tip);
