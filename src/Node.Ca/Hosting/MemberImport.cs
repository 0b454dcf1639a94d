using Microsoft.Extensions.Logging;
using Node.Ca.Registering;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Hosting;

/// <summary>
/// Takes into the store the members whose certificates were made with the authority's key before or beside it, so that
/// they can be listed, renewed and revoked like all others.
/// </summary>
/// <remarks>
/// Looks at every start, into folders in cryptogen's layout: each member's <c>msp/signcerts</c> and <c>tls</c>. Their
/// id is the common name; their secret lets nobody in.
/// </remarks>
internal static class MemberImport
{
    private static readonly string[] s_roles = ["admin", "client", "peer", "orderer"];

    public static void Run(
        CaStore store, CaAuthorities authorities, CaOptions options, TimeProvider clock, ILogger logger)
    {
        var change = new StoreChange();
        var taken = new HashSet<CertificateNumber>();
        var newcomers = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in options.MemberFolders.SelectMany(CertificateFiles))
        {
            if (!PresentedCertificate.TryReadPem(File.ReadAllBytes(file), out PresentedCertificate? certificate, out _)
                || Registration.FaultOfId(certificate.CommonName) is not null
                || certificate.IsAuthority
                || !authorities.All.Any(authority => authority.HasIssued(certificate))
                || store.FindCertificate(certificate.Number) is not null
                || !taken.Add(certificate.Number))
                continue;

            IdentityRecord? owner = store.FindIdentity(certificate.CommonName);
            if (owner is null && newcomers.Add(certificate.CommonName))
                change.Put(MemberOf(certificate, clock.GetUtcNow()));

            // Who was revoked already gets no certificate back by a file.
            change.Put(new CertificateRecord(
                certificate.CommonName, certificate, owner?.Revoked, ReasonCode: 0));
        }

        if (taken.Count == 0)
            return;

        store.Write(change);
        CaLog.Imported(logger, taken.Count);
    }

    private static IEnumerable<string> CertificateFiles(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;

        // Enrolment certificates before those for TLS: role and enrolment id stand in the former alone.
        string[] members = [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)];
        foreach (string member in members)
        {
            foreach (string file in FilesIn(Path.Combine(member, "msp", "signcerts"), "*.pem"))
                yield return file;
        }

        foreach (string file in members.SelectMany(member => FilesIn(Path.Combine(member, "tls"), "*.crt")))
            yield return file;
    }

    private static string[] FilesIn(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];

    private static IdentityRecord MemberOf(PresentedCertificate certificate, DateTimeOffset now) => new()
    {
        Id = certificate.CommonName,
        Type = certificate.OrganizationalUnits.FirstOrDefault(s_roles.Contains) ?? "client",
        Affiliation = "",
        Attributes = certificate.Attributes.TryGetValue(AttributeNames.EnrollmentId, out string? enrollmentId)
            && enrollmentId != certificate.CommonName
            ? [new AttributeRecord(AttributeNames.EnrollmentId, enrollmentId, Ecert: true)]
            : [],
        MaxEnrollments = 0,
        Enrollments = 0,
        Secret = SecretHash.Nobody(CaLimits.SecretIterations),
        Registered = now,
        Registrar = "",
    };
}
