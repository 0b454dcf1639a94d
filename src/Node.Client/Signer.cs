namespace Node.Client;

/// <summary>Signs with the private key of a client's identity.</summary>
/// <remarks>Called from any thread, several at once.</remarks>
/// <param name="message">The whole message; the digest is the signer's own affair.</param>
/// <returns>ECDSA: DER with low S over the SHA-256 digest. Ed25519: the 64 raw bytes over the message.</returns>
public delegate byte[] Signer(ReadOnlySpan<byte> message);
