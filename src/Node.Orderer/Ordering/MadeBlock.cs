namespace Node.Orderer.Ordering;

/// <summary>A block ready to be stored and delivered.</summary>
/// <param name="Tip">What the block after it is built on.</param>
internal sealed record MadeBlock(ulong Number, BlockImage Image, int EnvelopeCount, bool IsConfig, ChainTip Tip);
