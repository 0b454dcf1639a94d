using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Ca.Answering;
using Node.Membership.Issuing;

namespace Node.Ca.Enrolling;

/// <summary>An attribute that an enrolment asks for.</summary>
internal sealed record AttributeWish(string Name, bool Optional);

/// <summary>What is asked for with enroll and reenroll, decoded and checked for form.</summary>
internal sealed record EnrollRequest(SigningRequest Signing, IssueProfile Profile)
{
    /// <summary>Null when no list came: then the attributes marked for enrolment certificates go in.</summary>
    public IReadOnlyList<AttributeWish>? Attributes { get; private init; }

    /// <summary>Null where the request's own names count.</summary>
    public AlternativeNames? Hosts { get; private init; }

    public DateTimeOffset? NotBefore { get; private init; }

    public DateTimeOffset? NotAfter { get; private init; }

    public static bool TryRead(
        JsonBody body,
        DateTimeOffset now,
        [NotNullWhen(true)] out EnrollRequest? request,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        request = null;
        string pem = body.Text("certificate_request");
        string profileName = body.Text("profile");
        IReadOnlyList<AttributeWish>? wishes = body.Has("attr_reqs")
            ? body.Objects("attr_reqs", wish => new AttributeWish(wish.Text("name"), wish.Flag("optional")))
            : null;
        IReadOnlyList<string> hosts = body.Texts("hosts");
        string notBefore = body.Text("NotBefore");
        string notAfter = body.Text("NotAfter");
        refusal = body.Fault;
        if (refusal is not null)
            return false;
        if (!TryProfile(profileName, out IssueProfile profile))
        {
            refusal = CaRefusal.Malformed("The profile is default, tls or ca");
            return false;
        }

        if (!SigningRequest.TryReadPem(Encoding.UTF8.GetBytes(pem), out SigningRequest? signing, out string? fault)
            || !AlternativeNames.TryParse(hosts, out AlternativeNames names, out fault))
        {
            refusal = new CaRefusal(
                400, CaRefusal.RequestMalformed, $"The certificate signing request cannot be used: {fault}");
            return false;
        }

        if (!TimeText.TryParse(notBefore, now, out DateTimeOffset? from)
            || !TimeText.TryParse(notAfter, now, out DateTimeOffset? until))
        {
            refusal = CaRefusal.Malformed("NotBefore and NotAfter are times as 2026-11-20T12:00:00Z");
            return false;
        }

        request = new EnrollRequest(signing, profile)
        {
            Attributes = wishes,
            Hosts = hosts.Count > 0 ? names : null,
            NotBefore = from,
            NotAfter = until,
        };
        return true;
    }

    private static bool TryProfile(string name, out IssueProfile profile)
    {
        profile = name switch
        {
            "tls" => IssueProfile.Tls,
            "ca" => IssueProfile.Authority,
            _ => IssueProfile.Enrollment,
        };
        return name is "" or "default" or "tls" or "ca";
    }
}
