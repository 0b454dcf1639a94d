using Node.Client.Enrolling;
using Node.Membership.Issuing;

namespace Node.Cli.Commands.Identities;

/// <summary>An identity with the end of its certificate.</summary>
/// <param name="NotAfter">
/// Of the one of its signing certificates that ends last and is not revoked; null where it has none.
/// </param>
/// <param name="DaysLeft">Whole days; negative once it has expired.</param>
internal sealed record MemberLife(RegisteredIdentity Identity, DateTimeOffset? NotAfter, long? DaysLeft)
{
    /// <summary>Those that end first in front, those without a certificate last.</summary>
    /// <param name="authorityKeyId">Of the enrolment authority: that for TLS issues to the same ids.</param>
    public static IEnumerable<MemberLife> Of(
        IReadOnlyList<RegisteredIdentity> identities,
        IReadOnlyList<PresentedCertificate> certificates,
        string authorityKeyId,
        DateTimeOffset now)
    {
        Dictionary<string, DateTimeOffset> ends = certificates
            .Where(one => one.Number.AuthorityKeyId == authorityKeyId)
            .GroupBy(one => one.CommonName, StringComparer.Ordinal)
            .ToDictionary(of => of.Key, of => of.Max(one => one.NotAfter), StringComparer.Ordinal);
        return identities
            .Select(one => ends.TryGetValue(one.Id, out DateTimeOffset end)
                ? new MemberLife(one, end, (long)Math.Floor((end - now).TotalDays))
                : new MemberLife(one, NotAfter: null, DaysLeft: null))
            .OrderBy(one => one.NotAfter ?? DateTimeOffset.MaxValue);
    }
}
