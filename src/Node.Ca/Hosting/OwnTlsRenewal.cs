using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Node.Hosting.Tls;
using Node.Membership.Issuing;

namespace Node.Ca.Hosting;

/// <summary>
/// Renews the certificate of the authority's own port: nobody can ask an authority for anything once that has expired.
/// </summary>
/// <remarks>
/// Keeps the key, so that one file changes in one step; <see cref="ServerIdentity"/> takes it from there. Leaves a
/// certificate alone that the TLS authority has not issued.
/// </remarks>
internal sealed class OwnTlsRenewal(
    CaTlsFiles files, ServerIdentity tls, IssuingAuthority authority, TimeProvider clock, ILogger logger)
{
    /// <summary>How long before its end a certificate is renewed.</summary>
    public static readonly TimeSpan Before = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromHours(1);

    /// <summary>Looks at once, and then until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (FaultOfRenewal() is { } fault)
                CaLog.OwnTlsNotRenewed(logger, files.CertificateFile, fault);

            await Task.Delay(s_lookEvery, clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();   // As every loop that a moved clock would drive: never on the timer's thread.
        }
    }

    /// <summary>Renews what ends soon.</summary>
    /// <returns>Why that was not possible; null when it was done or is not needed.</returns>
    internal string? FaultOfRenewal()
    {
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset end = tls.Current.NotAfter;
        if (end - now > Before || authority.NotAfter <= end)
            return null;

        try
        {
            if (!PresentedCertificate.TryReadPem(
                File.ReadAllBytes(files.CertificateFile), out PresentedCertificate? former, out string? fault)
                || !EnrollmentKey.TryFromPem(File.ReadAllText(files.KeyFile), out EnrollmentKey? key, out fault))
                return fault;

            using (key)
            {
                if (!authority.HasIssued(former) || !TryIssue(former, key, now, out string pem, out fault))
                    return fault;

                string next = files.CertificateFile + ".next";
                File.WriteAllText(next, pem);
                File.Move(next, files.CertificateFile, overwrite: true);
                return null;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private bool TryIssue(
        PresentedCertificate former, EnrollmentKey key, DateTimeOffset now, out string pem, out string? fault)
    {
        pem = "";
        string[] hosts = HostsOf(former);
        byte[] asked = System.Text.Encoding.ASCII.GetBytes(key.WriteRequest(former.CommonName, hosts));
        if (!SigningRequest.TryReadPem(asked, out SigningRequest? request, out fault)
            || !AlternativeNames.TryParse(hosts, out AlternativeNames names, out fault))
            return false;

        var terms = new IssueTerms(
            former.CommonName, IssueProfile.Tls, now - CaLimits.BackDating,
            now - CaLimits.BackDating + CaLimits.EnrollmentLifetime)
        {
            AlternativeNames = names,
        };
        if (!authority.TryIssue(request, terms, out PresentedCertificate? issued, out fault))
            return false;

        pem = issued.ToPem();
        fault = null;
        return true;
    }

    // It must go on being who it was called before.
    private static string[] HostsOf(PresentedCertificate former)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(former.Der.Span);
        return certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
            : [];
    }
}
