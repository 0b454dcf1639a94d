namespace Node.Protocol.Canonical;

/// <summary>What is signed to ask a peer for a proof: never to be mistaken for any other signed message.</summary>
public static class ProvingRequestBytes
{
    private static ReadOnlySpan<byte> Domain => "hyperprov proving request 1\n"u8;

    /// <param name="request">The encoded ProvingRequest, as it travels.</param>
    public static byte[] ToSign(ReadOnlySpan<byte> request) => [.. Domain, .. request];
}
