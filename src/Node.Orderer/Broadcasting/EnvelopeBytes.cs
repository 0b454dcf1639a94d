namespace Node.Orderer.Broadcasting;

/// <summary>An envelope as it came off the wire, not decoded. Owned by whoever received it; nobody changes the
/// bytes.</summary>
internal sealed record EnvelopeBytes(ReadOnlyMemory<byte> Bytes);
