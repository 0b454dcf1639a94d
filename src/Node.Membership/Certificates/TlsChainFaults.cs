using System.Security.Cryptography.X509Certificates;

namespace Node.Membership.Certificates;

/// <summary>What is wrong with a chain of TLS certificates, in words that name the certificate and its dates.</summary>
public static class TlsChainFaults
{
    /// <summary>The first certificate of a chain that does not hold now, in words; null when all do.</summary>
    public static string? FaultOfTimes(X509Chain chain, DateTimeOffset now)
    {
        foreach (X509ChainElement element in chain.ChainElements)
        {
            X509Certificate2 certificate = element.Certificate;
            DateTime end = certificate.NotAfter.ToUniversalTime();
            DateTime beginning = certificate.NotBefore.ToUniversalTime();
            if (now.UtcDateTime > end)
                return $"{NameOf(certificate)} expired at {end:u}: renew it";
            if (now.UtcDateTime < beginning)
                return $"{NameOf(certificate)} begins at {beginning:u} only, and this clock says {now:u}";
        }

        return null;
    }

    /// <summary>What is wrong besides times, in words; null when nothing is.</summary>
    public static string? FaultOfTrust(X509Chain chain, X509Certificate2 certificate)
    {
        foreach (X509ChainStatus status in chain.ChainStatus)
        {
            if (status.Status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.NotTimeValid))
                return $"{NameOf(certificate)} is not trusted: {status.StatusInformation}";
        }

        return null;
    }

    public static string NameOf(X509Certificate2 certificate) =>
        $"the TLS certificate of {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}, " +
        $"serial {certificate.SerialNumber.ToLowerInvariant().TrimStart('0')},";
}
