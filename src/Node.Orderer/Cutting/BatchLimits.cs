namespace Node.Orderer.Cutting;

/// <summary>What bounds one batch, from the channel's configuration. Both at least 1.</summary>
/// <param name="EnvelopeCountMax">Envelopes at which a batch is closed.</param>
/// <param name="BatchBytesPreferred">Payload and signature bytes at which a batch is closed.</param>
internal sealed record BatchLimits(int EnvelopeCountMax, long BatchBytesPreferred);
