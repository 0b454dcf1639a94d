using Microsoft.AspNetCore.Http;

namespace Node.LyingOrderer;

/// <summary>Where a malicious orderer listens, and as whom.</summary>
public sealed class LyingOrdererOptions
{
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>0 takes any free port.</summary>
    public int ListenPort { get; init; }

    public required string MspId { get; init; }

    /// <summary>The MSP folder of an orderer of the channel, with its key.</summary>
    public required string MspFolder { get; init; }

    /// <summary>PEM; null speaks plaintext.</summary>
    public string? TlsCertificateFile { get; init; }

    public string? TlsKeyFile { get; init; }

    /// <summary>Answers Broadcast; null: it has no such method.</summary>
    public Func<HttpContext, CancellationToken, Task>? Broadcast { get; init; }
}
