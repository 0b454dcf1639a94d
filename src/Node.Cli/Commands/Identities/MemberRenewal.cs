using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Protocol;

namespace Node.Cli.Commands.Identities;

/// <summary>What is asked of a renewal.</summary>
/// <param name="NewKeys">False keeps each member's key, so that one file changes in one step.</param>
/// <param name="Before">Certificates that end later are left alone; null renews all.</param>
/// <param name="NotAfter">When the new ones are to end; null leaves it to the authority.</param>
internal sealed record RenewalOrder(bool NewKeys, DateTimeOffset? Before, DateTimeOffset? NotAfter, bool DryRun);

/// <summary>What became of one certificate.</summary>
/// <param name="Certificate">signing or TLS.</param>
/// <param name="Outcome">renewed, left, wouldRenew or failed.</param>
/// <param name="Reason">Why it was left, or could not be renewed.</param>
internal sealed record RenewedCertificate(
    string Member,
    string Certificate,
    string FormerSerialNumber,
    DateTimeOffset FormerNotAfter,
    string Outcome,
    string? SerialNumber,
    DateTimeOffset? NotAfter,
    string? Reason);

/// <summary>Renews the certificates of one member after the other, as a registrar of the organisation.</summary>
/// <remarks>
/// A member renews by its own certificate. Where that cannot speak for it, being expired or of an Ed25519 key, the
/// registrar gives it a secret for the occasion.
/// </remarks>
internal sealed class MemberRenewal(CaSession session, Enrollment registrar, RenewalOrder order, TimeProvider clock)
{
    private const int SecretBytes = 32;

    /// <returns>One entry for each certificate that the member has.</returns>
    public async Task<IReadOnlyList<RenewedCertificate>> RenewAsync(
        MemberFolder member, HashSet<CertificateNumber> unrevoked, CancellationToken cancellation)
    {
        var done = new List<RenewedCertificate>();
        if (!member.TryLoad(out Enrollment? signing, out _))
            return done;   // Its keys lie on another host.

        using (signing)
        {
            done.Add(await OneAsync(
                member, "signing", signing, unrevoked, () => RenewSigningAsync(member, signing, cancellation)));
        }

        if (!member.TryLoadTls(out Enrollment? tls, out _))
            return done;

        using (tls)
            done.Add(await OneAsync(member, "TLS", tls, unrevoked, () => RenewTlsAsync(member, tls, cancellation)));

        return done;
    }

    private async Task<RenewedCertificate> OneAsync(
        MemberFolder member,
        string kind,
        Enrollment former,
        HashSet<CertificateNumber> unrevoked,
        Func<Task<PresentedCertificate>> renew)
    {
        PresentedCertificate old = former.Certificate;
        var entry = new RenewedCertificate(
            member.Name, kind, old.Number.SerialNumber, old.NotAfter, "left", SerialNumber: null, NotAfter: null,
            Reason: null);
        if (!unrevoked.Contains(old.Number))
            return entry with { Reason = "it is revoked, or not of this authority" };
        if (order.Before is { } before && old.NotAfter > before)
            return entry with { Reason = "it holds long enough" };
        if (order.DryRun)
            return entry with { Outcome = "wouldRenew" };

        try
        {
            PresentedCertificate renewed = await renew();
            return entry with
            {
                Outcome = "renewed", SerialNumber = renewed.Number.SerialNumber, NotAfter = renewed.NotAfter,
            };
        }
        catch (CertificateAuthorityException refusal)
        {
            return entry with { Outcome = "failed", Reason = refusal.Message };
        }
    }

    private async Task<PresentedCertificate> RenewSigningAsync(
        MemberFolder member, Enrollment former, CancellationToken cancellation)
    {
        var wishes = new EnrollOptions
        {
            KeyType = former.CanSignTokens ? KeyType.P256 : KeyType.Ed25519,
            NotAfter = order.NotAfter,
        };
        using Enrollment renewed = await IssueAsync(former, KeyFor(former, wishes.KeyType), wishes, cancellation);
        member.Write(renewed);
        return renewed.Certificate;
    }

    private async Task<PresentedCertificate> RenewTlsAsync(
        MemberFolder member, Enrollment former, CancellationToken cancellation)
    {
        var wishes = new EnrollOptions
        {
            Profile = "tls",
            CaName = session.Organization.TlsCaName,
            Hosts = HostsOf(former),
            NotAfter = order.NotAfter,
        };

        // Its signing certificate speaks for it, which may just have been renewed.
        if (!member.TryLoad(out Enrollment? signing, out string? fault))
            throw new CommandFault(ExitCode.Local, fault);

        using (signing)
        {
            using Enrollment renewed = await IssueAsync(
                signing, KeyFor(former, KeyType.P256), wishes, cancellation);
            member.WriteTls(renewed);
            return renewed.Certificate;
        }
    }

    private Task<Enrollment> IssueAsync(
        Enrollment caller, EnrollmentKey key, EnrollOptions wishes, CancellationToken cancellation) =>
        caller.CanSignTokens && caller.Certificate.NotAfter > clock.GetUtcNow()
            ? session.Authority.ReenrollAsync(caller, key, wishes, cancellation)
            : EnrollAnewAsync(caller.Id, key, wishes, cancellation);

    private EnrollmentKey KeyFor(Enrollment former, KeyType type) =>
        order.NewKeys ? EnrollmentKey.Create(type) : former.CopyKey();

    private async Task<Enrollment> EnrollAnewAsync(
        string id, EnrollmentKey key, EnrollOptions wishes, CancellationToken cancellation)
    {
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        try
        {
            await session.Authority.SetSecretAsync(registrar, id, secret, uses: 1, cancellation);
        }
        catch (Exception e) when (e is CertificateAuthorityException or PeerUnreachableException)
        {
            key.Dispose();
            throw;
        }

        return await session.Authority.EnrollAsync(id, secret, key, wishes, cancellation);
    }

    // A node must go on being who it was called before.
    private static string[] HostsOf(Enrollment tls)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(tls.CertificatePem);
        return certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
            : [];
    }
}
