namespace Node.Orderer.Cutting;

/// <summary>The envelopes of one block to be, in order. Never empty; a config envelope is always alone.</summary>
internal sealed record CutBatch(WaitingEnvelope[] Envelopes, bool IsConfig);
