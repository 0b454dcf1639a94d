using System.Net;
using Microsoft.Extensions.Logging;
using Node.Client.Storing;
using Node.Rest.Identities;

namespace Node.Rest.Hosting;

/// <summary>What a REST server needs to know.</summary>
public sealed record RestOptions
{
    /// <summary>Holds network.yaml, crypto-config and the server's own folder rest.</summary>
    public required string NetworkFolder { get; init; }

    /// <summary>As whom the server asks its peer whether it works. Never used on behalf of callers.</summary>
    public required IdentityName Own { get; init; }

    /// <summary>Where content comes from and goes to. The caller owns it.</summary>
    public required ContentStores Stores { get; init; }

    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>0 lets the system choose.</summary>
    public required int Port { get; init; }

    /// <summary>PEM of the server's certificate and those above it; null for plain HTTP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM of the certificate's private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Plain HTTP is meant, where no certificate is given. It is said at every start.</summary>
    public bool IsInsecure { get; init; }

    public string Channel { get; init; } = "mychannel";

    public string Contract { get; init; } = "hyperprov";

    /// <summary>Per identity, on average; 1 to 1,000,000.</summary>
    public int RequestsPerSecond { get; init; } = RestLimits.RequestsPerSecond;

    /// <summary>Per identity, in progress; 1 to <see cref="RestLimits.ServerRequestsMax"/>.</summary>
    public int ConcurrentRequests { get; init; } = RestLimits.ConcurrentRequestsMax;

    /// <summary>Largest upload in bytes; at least 1.</summary>
    public long UploadBytesMax { get; init; } = RestLimits.UploadBytesMax;

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Everything that is wrong, one sentence each.</summary>
    internal IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        if (Port is < 0 or > ushort.MaxValue)
            faults.Add(FormattableString.Invariant($"The port {Port} is not one of 0 to {ushort.MaxValue}."));
        if (CertificateFile is null != KeyFile is null)
            faults.Add("A certificate needs its key, and a key its certificate: give both files or none.");
        if (CertificateFile is null && !IsInsecure)
            faults.Add(
                "Without TLS anybody on the way reads API keys and data. Give a certificate (--tls, or --tls-cert "
                + "and --tls-key), or say --insecure.");
        if (RequestsPerSecond is < 1 or > 1_000_000)
            faults.Add(FormattableString.Invariant($"{RequestsPerSecond} requests per second are not 1 to 1000000."));
        if (ConcurrentRequests is < 1 or > RestLimits.ServerRequestsMax)
            faults.Add(FormattableString.Invariant(
                $"{ConcurrentRequests} requests in progress are not 1 to {RestLimits.ServerRequestsMax}."));
        if (UploadBytesMax < 1)
            faults.Add(FormattableString.Invariant($"Uploads of {UploadBytesMax} bytes are none."));

        return faults;
    }
}
