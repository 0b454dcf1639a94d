using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Node.Ca.Admitting;
using Node.Ca.Enrolling;
using Node.Ca.Registering;
using Node.Ca.Revoking;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Answering;

/// <summary>The rooms behind the desk: what answers need.</summary>
internal sealed record CaRooms(
    CaStore Store,
    CaAuthorities Authorities,
    SecretAdmission Secrets,
    TokenAdmission Tokens,
    Registry Registry,
    Affiliations Affiliations,
    Enroller Enroller)
{
    public required Revocations Revocations { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>Told by cainfo.</summary>
    public required string Version { get; init; }

    /// <summary>Lets holders of expired certificates renew them.</summary>
    public required bool RenewsExpired { get; init; }
}

/// <summary>Answers requests: admits the caller, reads the body, asks the room in charge, writes the result.</summary>
/// <remarks>Any thread. Source: Fabric CA's swagger document.</remarks>
internal sealed class CaDesk(CaRooms rooms)
{
    public async Task<CaAnswer> AnswerAsync(CaRequest request, CancellationToken cancellation)
    {
        string verb = HttpMethods.IsHead(request.Method) ? HttpMethods.Get : request.Method;
        bool isBare = request.Path.Count == 1;
        return request.Endpoint switch
        {
            "cainfo" when isBare => verb is "GET" or "POST" ? Inform(request, verb) : Disallow(request),
            "enroll" when isBare => verb == "POST" ? await EnrollAsync(request, cancellation) : Disallow(request),
            "reenroll" when isBare => verb == "POST" ? Renew(request) : Disallow(request),
            "register" when isBare => verb == "POST" ? Register(request) : Disallow(request),
            "revoke" when isBare => verb == "POST" ? Revoke(request) : Disallow(request),
            "gencrl" when isBare => verb == "POST" ? GenerateList(request) : Disallow(request),
            "certificates" when isBare => verb == "GET" ? ShowCertificates(request) : Disallow(request),
            "identities" when request.Path.Count <= 2 => Identities(request, verb),
            "affiliations" when request.Path.Count <= 2 => AffiliationAnswers(request, verb),
            _ => new CaRefusal(404, CaRefusal.Other, $"There is no endpoint {Shown(request.Target)}"),
        };
    }

    private CaAnswer Inform(CaRequest request, string verb)
    {
        if (verb == "POST" && !request.BodyBytes.IsEmpty && !request.TryReadBody(out CaRefusal? unreadable))
            return unreadable;
        if (!rooms.Authorities.TryChoose(
            request, out IssuingAuthority? authority, out string name, out CaRefusal? refusal))
            return refusal;

        return CaAnswer.Ok(json => CaAuthorities.WriteInformation(json, name, authority, rooms.Version));
    }

    private async Task<CaAnswer> EnrollAsync(CaRequest request, CancellationToken cancellation)
    {
        // Form before secret: a malformed request must not cost a hash. Who asks is told apart only afterwards.
        if (request.Authorization is not null && !request.TryReadBody(out CaRefusal? refusal))
            return refusal;

        Admission admission = await rooms.Secrets.AdmitAsync(request, cancellation);
        if (admission.Identity is not { } identity)
            return admission.Refusal ?? CaRefusal.Unauthenticated(CaRefusal.UserInvalid, "nobody was admitted");
        if (!TryReadEnrollment(request, out Choice choice, out EnrollRequest? enrollment, out refusal)
            || !rooms.Enroller.TryEnroll(
                choice.Authority, identity, enrollment, out PresentedCertificate? issued, out refusal))
            return refusal;

        return Issued(choice, issued, $"{identity.Id} enrolled with {choice.Name}: {issued.Number}");
    }

    private CaAnswer Renew(CaRequest request)
    {
        if (!rooms.Tokens.TryAdmit(request, rooms.RenewsExpired, out IdentityRecord? caller, out CaRefusal? refusal)
            || !request.TryReadBody(out refusal)
            || !TryReadEnrollment(request, out Choice choice, out EnrollRequest? enrollment, out refusal)
            || !rooms.Enroller.TryRenew(
                choice.Authority, caller, enrollment, out PresentedCertificate? issued, out refusal))
            return refusal;

        return Issued(choice, issued, $"{caller.Id} renewed with {choice.Name}: {issued.Number}");
    }

    private CaAnswer Register(CaRequest request)
    {
        if (!TryRegister(
            request, out RegistrarRights? rights, out _, out Registered? registered, out CaRefusal? refusal))
            return refusal;

        return Located(
            CaAnswer.Created(json =>
            {
                json.WriteStartObject();
                json.WriteString("secret", registered.Secret);
                json.WriteEndObject();
            }),
            registered.Identity.Id,
            $"{rights.Caller.Id} registered {registered.Identity.Id} as {registered.Identity.Type}");
    }

    private CaAnswer Revoke(CaRequest request)
    {
        if (!TryAdmitWithBody(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal))
            return refusal;

        string reason = request.Body.Text("reason");
        bool wantsList = request.Body.Flag("gencrl");
        var order = new RevocationOrder(
            request.Body.Text("id"), request.Body.Text("aki"), request.Body.Text("serial"), ReasonCode: 0);
        if (request.Body.Fault is { } fault)
            return fault;
        if (!RevocationReason.TryParse(reason, out byte code))
            return CaRefusal.Malformed($"The reason is one of {RevocationReason.Names}");
        if (wantsList
            && rights.RefusalWithout(AttributeNames.GenCrl, CaRefusal.NoListRight) is { } noList)
            return noList;
        if (!rooms.Revocations.TryRevoke(
            rights, order with { ReasonCode = code }, out IReadOnlyList<CertificateRecord>? revoked, out refusal))
            return refusal;

        // The list of the authority that was named, or of the default one.
        string? list = null;
        if (wantsList
            && (!rooms.Authorities.TryChoose(request, out IssuingAuthority? authority, out name, out refusal)
                || !rooms.Revocations.TryList(rights, authority, ListBounds.None, out list, out refusal)))
            return refusal;

        string what = order.Id.Length > 0 ? order.Id : $"serial {order.SerialNumber}";
        return CaAnswer.Ok(json => CertificateJson.WriteRevoked(json, revoked, list))
            .With($"{rights.Caller.Id} revoked {what} ({revoked.Count} certificates, reason code {code})");
    }

    private CaAnswer GenerateList(CaRequest request)
    {
        if (!TryAdmitWithBody(request, out RegistrarRights? rights, out _, out CaRefusal? refusal)
            || !TryReadBounds(request, out ListBounds? bounds, out refusal)
            || !rooms.Authorities.TryChoose(request, out IssuingAuthority? authority, out _, out refusal)
            || !rooms.Revocations.TryList(rights, authority, bounds, out string? pem, out refusal))
            return refusal;

        return CaAnswer.Ok(json => CertificateJson.WriteList(json, pem));
    }

    private CaAnswer ShowCertificates(CaRequest request)
    {
        DateTimeOffset now = rooms.Clock.GetUtcNow();
        if (!TryAdmit(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal)
            || !CertificateQuery.TryRead(request, now, out CertificateQuery? query, out refusal))
            return refusal;
        if (!rights.IsRegistrar
            && rights.RefusalWithout(AttributeNames.Revoker, CaRefusal.RoleMissing) is { } neither)
            return neither;

        IEnumerable<CertificateRecord> all = query.Id.Length > 0
            ? rooms.Store.CertificatesOf(query.Id)
            : rooms.Store.Certificates();
        IEnumerable<CertificateRecord> seen = all.Where(one => query.Holds(one, now)
            && rooms.Store.FindIdentity(one.Id) is var owner
            && rights.RefusalOfAffiliation(owner?.Affiliation ?? "") is null);
        return CaAnswer.Ok(json => CertificateJson.WriteAll(json, seen, name));
    }

    private CaAnswer Identities(CaRequest request, string verb)
    {
        string id = request.Path.Count > 1 ? request.Path[1] : "";
        return (verb, id.Length > 0) switch
        {
            ("GET", false) => ShowIdentities(request),
            ("GET", true) => ShowIdentity(request, id),
            ("POST", false) => AddIdentity(request),
            ("PUT", true) => ChangeIdentity(request, id),
            ("DELETE", true) => RemoveIdentity(request, id),
            _ => Disallow(request),
        };
    }

    private CaAnswer ShowIdentities(CaRequest request)
    {
        if (!TryAdmit(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal))
            return refusal;

        return rights.RefusalToRegister() is { } forbidden
            ? forbidden
            : CaAnswer.Ok(json => IdentityJson.WriteAll(json, rooms.Registry.Visible(rights), name));
    }

    private CaAnswer ShowIdentity(CaRequest request, string id)
    {
        if (!TryAdmit(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal)
            || !rooms.Registry.TryShow(rights, id, out IdentityRecord? identity, out refusal))
            return refusal;

        return CaAnswer.Ok(json => IdentityJson.WriteOne(json, identity, name));
    }

    private CaAnswer AddIdentity(CaRequest request)
    {
        if (!TryRegister(
            request, out RegistrarRights? rights, out string name, out Registered? added, out CaRefusal? refusal))
            return refusal;

        return Located(
            CaAnswer.Created(json => IdentityJson.WriteWithSecret(json, added.Identity, added.Secret, name)),
            added.Identity.Id,
            $"{rights.Caller.Id} registered {added.Identity.Id} as {added.Identity.Type}");
    }

    private CaAnswer ChangeIdentity(CaRequest request, string id)
    {
        if (!TryAdmitWithBody(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal))
            return refusal;

        Registration changes = Registration.Read(request.Body) with { Id = id };
        if (request.Body.Fault is { } fault)
            return fault;
        if (!rooms.Registry.TryModify(rights, changes, out Registered? changed, out refusal))
            return refusal;

        return CaAnswer.Ok(json => IdentityJson.WriteWithSecret(json, changed.Identity, changed.Secret, name))
            .With($"{rights.Caller.Id} changed {id}");
    }

    private CaAnswer RemoveIdentity(CaRequest request, string id)
    {
        if (!TryAdmit(request, out RegistrarRights? rights, out string name, out CaRefusal? refusal)
            || !request.TryQueryFlag("force", out bool force, out refusal)
            || !rooms.Registry.TryRemove(rights, id, force, out IdentityRecord? removed, out refusal))
            return refusal;

        return CaAnswer.Ok(json => IdentityJson.WriteWithSecret(json, removed, secret: "", name))
            .With($"{rights.Caller.Id} removed {id}");
    }

    private CaAnswer AffiliationAnswers(CaRequest request, string verb)
    {
        string path = request.Path.Count > 1 ? request.Path[1] : "";
        bool hasBody = verb is "POST" or "PUT";
        bool isKnown = (verb, path.Length > 0) is ("GET", _) or ("POST", false) or ("PUT", true) or ("DELETE", true);
        if (!isKnown)
            return Disallow(request);

        RegistrarRights? rights;
        string name;
        CaRefusal? refusal;
        if (hasBody
            ? !TryAdmitWithBody(request, out rights, out name, out refusal)
            : !TryAdmit(request, out rights, out name, out refusal))
            return refusal;
        if (!request.TryQueryFlag("force", out bool force, out refusal))
            return refusal;

        string named = request.Body.Text("name");
        if (request.Body.Fault is { } fault)
            return fault;

        AffiliationNode? node;
        bool isDone = (verb, path.Length > 0) switch
        {
            ("GET", false) => rooms.Affiliations.TryShowOwn(rights, out node, out refusal),
            ("GET", true) => rooms.Affiliations.TryShow(rights, path, out node, out refusal),
            ("POST", _) => rooms.Affiliations.TryAdd(rights, named, force, out node, out refusal),
            ("PUT", _) => rooms.Affiliations.TryRename(rights, path, named, force, out node, out refusal),
            _ => rooms.Affiliations.TryRemove(rights, path, force, out node, out refusal),
        };
        if (!isDone || node is null)
            return refusal ?? CaRefusal.Malformed("The affiliation cannot be used");

        CaAnswer answer = verb == "POST"
            ? CaAnswer.Created(json => IdentityJson.WriteAffiliation(json, node, name))
            : CaAnswer.Ok(json => IdentityJson.WriteAffiliation(json, node, name));
        return verb == "GET" ? answer : answer.With($"{rights.Caller.Id}: {verb} affiliation {path}{named}");
    }

    // ---- What several answers share ----

    private readonly record struct Choice(IssuingAuthority Authority, string Name);

    private CaAnswer Issued(Choice choice, PresentedCertificate issued, string deed) =>
        CaAnswer.Created(json => CertificateJson.WriteIssued(json, issued, () => CaAuthorities.WriteInformation(
            json, choice.Name, choice.Authority, rooms.Version))).With(deed);

    private static CaAnswer Located(CaAnswer answer, string id, string deed) =>
        answer.With(deed).At($"/api/v1/identities/{Uri.EscapeDataString(id)}");

    private bool TryReadEnrollment(
        CaRequest request,
        out Choice choice,
        [NotNullWhen(true)] out EnrollRequest? enrollment,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        choice = default;
        enrollment = null;
        if (!rooms.Authorities.TryChoose(
            request, out IssuingAuthority? authority, out string name, out refusal))
            return false;

        choice = new Choice(authority, name);
        return EnrollRequest.TryRead(request.Body, rooms.Clock.GetUtcNow(), out enrollment, out refusal);
    }

    private bool TryRegister(
        CaRequest request,
        [NotNullWhen(true)] out RegistrarRights? rights,
        out string caName,
        [NotNullWhen(true)] out Registered? registered,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        registered = null;
        if (!TryAdmitWithBody(request, out rights, out caName, out refusal))
            return false;

        Registration registration = Registration.Read(request.Body);
        refusal = request.Body.Fault;
        return refusal is null && rooms.Registry.TryRegister(rights, registration, out registered, out refusal);
    }

    private bool TryAdmitWithBody(
        CaRequest request,
        [NotNullWhen(true)] out RegistrarRights? rights,
        out string caName,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        rights = null;
        caName = "";
        if (!rooms.Tokens.TryAdmit(request, expiredToo: false, out IdentityRecord? caller, out refusal)
            || !request.TryReadBody(out refusal)
            || !rooms.Authorities.TryChoose(request, out _, out caName, out refusal))
            return false;

        refusal = request.Body.Fault;
        rights = new RegistrarRights(caller);
        return refusal is null;
    }

    private bool TryAdmit(
        CaRequest request,
        [NotNullWhen(true)] out RegistrarRights? rights,
        out string caName,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        rights = null;
        caName = "";
        if (!rooms.Tokens.TryAdmit(request, expiredToo: false, out IdentityRecord? caller, out refusal)
            || !rooms.Authorities.TryChoose(request, out _, out caName, out refusal))
            return false;

        rights = new RegistrarRights(caller);
        return true;
    }

    private bool TryReadBounds(
        CaRequest request,
        [NotNullWhen(true)] out ListBounds? bounds,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        bounds = null;
        DateTimeOffset now = rooms.Clock.GetUtcNow();
        var times = new DateTimeOffset?[4];
        string[] names = ["revokedafter", "revokedbefore", "expireafter", "expirebefore"];
        refusal = null;
        for (int i = 0; i < names.Length; i++)
        {
            if (!TimeText.TryParse(request.Body.Text(names[i]), now, out times[i]))
                refusal ??= new CaRefusal(
                    400, CaRefusal.TimeInvalid, $"{names[i]} is a time as 2026-11-20T12:00:00Z");
        }

        refusal ??= request.Body.Fault;
        bounds = refusal is null ? new ListBounds(times[0], times[1], times[2], times[3]) : null;
        return refusal is null;
    }

    private static CaRefusal Disallow(CaRequest request) =>
        new(405, CaRefusal.MethodNotAllowed, $"The method {request.Method} is not allowed here");

    private static string Shown(string target) => target.Length <= 80 ? target : target[..80];
}
