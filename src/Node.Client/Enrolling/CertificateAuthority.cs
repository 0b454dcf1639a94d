using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Node.Membership.Issuing;

namespace Node.Client.Enrolling;

/// <summary>A certificate authority, over Fabric CA's REST: enrols, renews, registers, revokes, lists.</summary>
/// <remarks>
/// Any thread. Private keys are made here and never sent. Every method throws
/// <see cref="CertificateAuthorityException"/> when the authority refuses, and
/// <see cref="Node.Protocol.PeerUnreachableException"/> when it does not answer.
/// </remarks>
public sealed class CertificateAuthority(CertificateAuthorityOptions options) : IDisposable
{
    private readonly AuthorityConnection _connection = new(options);

    public async Task<CertificateAuthorityInformation> InformationAsync(CancellationToken cancellation = default)
    {
        string target = options.CaName.Length == 0 ? "cainfo" : $"cainfo?ca={Uri.EscapeDataString(options.CaName)}";
        JsonElement result = await _connection.SendAsync(HttpMethod.Get, target, null, null, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => new CertificateAuthorityInformation(
            result.GetProperty("CAName").GetString() ?? "",
            AuthorityJson.TextOf(result.GetProperty("CAChain")),
            result.GetProperty("Version").GetString() ?? ""));
    }

    /// <summary>
    /// Gets the first certificate, by id and secret. Uses the secret up as often as it was registered for.
    /// </summary>
    /// <returns>The caller disposes of it.</returns>
    public async Task<Enrollment> EnrollAsync(
        string id, string secret, EnrollOptions? wishes = null, CancellationToken cancellation = default)
    {
        wishes ??= new EnrollOptions();
        EnrollmentKey key = EnrollmentKey.Create(wishes.KeyType);
        return await EnrollAsync(id, secret, key, wishes, cancellation).ConfigureAwait(false);
    }

    /// <summary>As above, for a key that is there already.</summary>
    /// <param name="key">Taken over: disposed of with the enrolment, or here when there is none.</param>
    public Task<Enrollment> EnrollAsync(
        string id, string secret, EnrollmentKey key, EnrollOptions wishes, CancellationToken cancellation = default) =>
        TakeAsync(key, () => _connection.SendAsync("enroll", RequestOf(key, id, wishes), id, secret, cancellation));

    /// <summary>Gets a new certificate, by the one that the caller has.</summary>
    /// <returns>With a new key, or the caller's own (<see cref="EnrollOptions.KeepsKey"/>).</returns>
    public async Task<Enrollment> ReenrollAsync(
        Enrollment caller, EnrollOptions? wishes = null, CancellationToken cancellation = default)
    {
        wishes ??= new EnrollOptions();
        EnrollmentKey key = wishes.KeepsKey ? caller.CopyKey() : EnrollmentKey.Create(wishes.KeyType);
        return await ReenrollAsync(caller, key, wishes, cancellation).ConfigureAwait(false);
    }

    /// <summary>As above, for a key that is there already, such as that of a TLS certificate.</summary>
    /// <param name="key">Taken over: disposed of with the enrolment, or here when there is none.</param>
    public Task<Enrollment> ReenrollAsync(
        Enrollment caller, EnrollmentKey key, EnrollOptions wishes, CancellationToken cancellation = default) =>
        TakeAsync(key, () => _connection.SendAsync(
            HttpMethod.Post, "reenroll", RequestOf(key, caller.Id, wishes), caller, cancellation));

    /// <returns>The secret with which the identity enrols.</returns>
    public async Task<string> RegisterAsync(
        Enrollment registrar, Registration registration, CancellationToken cancellation = default)
    {
        JsonObject body = AuthorityJson.Write(registration, options.CaName);
        JsonElement result = await _connection.SendAsync(HttpMethod.Post, "register", body, registrar, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => result.GetProperty("secret").GetString() ?? "");
    }

    /// <summary>Gives an identity another secret, as a registrar; the one before it opens nothing any more.</summary>
    /// <param name="uses">How often it may be used.</param>
    public Task SetSecretAsync(
        Enrollment registrar, string id, string secret, int uses, CancellationToken cancellation = default)
    {
        var body = new JsonObject { ["secret"] = secret, ["max_enrollments"] = uses, ["caname"] = options.CaName };
        return _connection.SendAsync(
            HttpMethod.Put, $"identities/{Uri.EscapeDataString(id)}", body, registrar, cancellation);
    }

    public async Task<RevocationResult> RevokeAsync(
        Enrollment revoker, RevocationOrder order, CancellationToken cancellation = default)
    {
        var body = new JsonObject
        {
            ["id"] = order.Id,
            ["aki"] = order.AuthorityKeyId,
            ["serial"] = order.SerialNumber,
            ["reason"] = order.Reason,
            ["gencrl"] = order.WantsList,
            ["caname"] = options.CaName,
        };
        JsonElement result = await _connection.SendAsync(HttpMethod.Post, "revoke", body, revoker, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => new RevocationResult(
            [
                .. result.GetProperty("RevokedCerts").EnumerateArray().Select(one => new CertificateNumber(
                    one.GetProperty("AKI").GetString() ?? "", one.GetProperty("Serial").GetString() ?? "")),
            ],
            AuthorityJson.TextOf(result.GetProperty("CRL"))));
    }

    /// <returns>The revocation list as PEM: every certificate that is revoked and has not expired.</returns>
    public async Task<string> GenerateCrlAsync(Enrollment caller, CancellationToken cancellation = default)
    {
        var body = new JsonObject { ["caname"] = options.CaName };
        JsonElement result = await _connection.SendAsync(HttpMethod.Post, "gencrl", body, caller, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.TextOf(result.GetProperty("CRL")));
    }

    /// <summary>The identities that the caller may act on, by id.</summary>
    public async Task<IReadOnlyList<RegisteredIdentity>> IdentitiesAsync(
        Enrollment registrar, CancellationToken cancellation = default)
    {
        JsonElement result = await _connection.SendAsync(HttpMethod.Get, "identities", null, registrar, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.IdentitiesOf(result));
    }

    public async Task<RegisteredIdentity> IdentityAsync(
        Enrollment registrar, string id, CancellationToken cancellation = default)
    {
        string target = $"identities/{Uri.EscapeDataString(id)}";
        JsonElement result = await _connection.SendAsync(HttpMethod.Get, target, null, registrar, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.IdentityOf(result));
    }

    /// <summary>The caller's own affiliation and everything below it.</summary>
    public async Task<Affiliation> AffiliationsAsync(
        Enrollment registrar, CancellationToken cancellation = default)
    {
        JsonElement result = await _connection.SendAsync(HttpMethod.Get, "affiliations", null, registrar, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.AffiliationOf(result));
    }

    /// <param name="path">As org1.department1; missing parents are added too.</param>
    public async Task<Affiliation> AddAffiliationAsync(
        Enrollment registrar, string path, CancellationToken cancellation = default)
    {
        var body = new JsonObject { ["name"] = path, ["caname"] = options.CaName };
        JsonElement result = await _connection
            .SendAsync(HttpMethod.Post, "affiliations?force=true", body, registrar, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.AffiliationOf(result));
    }

    /// <summary>Certificates of identities within the caller's affiliation.</summary>
    public async Task<IReadOnlyList<PresentedCertificate>> CertificatesAsync(
        Enrollment caller, CertificateFilter? filter = null, CancellationToken cancellation = default)
    {
        string target = "certificates" + QueryOf(filter ?? new CertificateFilter());
        JsonElement result = await _connection.SendAsync(HttpMethod.Get, target, null, caller, cancellation)
            .ConfigureAwait(false);
        return AuthorityJson.Read(options, () => AuthorityJson.CertificatesOf(result));
    }

    public void Dispose() => _connection.Dispose();

    private JsonObject RequestOf(EnrollmentKey key, string id, EnrollOptions wishes)
    {
        var body = new JsonObject
        {
            ["certificate_request"] = key.WriteRequest(id, wishes.Hosts),
            ["caname"] = wishes.CaName ?? options.CaName,
        };
        if (wishes.Profile.Length > 0)
            body["profile"] = wishes.Profile;
        if (wishes.NotAfter is not null)
            body["NotAfter"] = TimeOf(wishes.NotAfter);
        if (wishes.Attributes is not null)
            body["attr_reqs"] = new JsonArray([.. wishes.Attributes.Select(wish => new JsonObject
            {
                ["name"] = wish.TrimEnd('?'),
                ["optional"] = wish.EndsWith('?'),
            })]);

        return body;
    }

    private async Task<Enrollment> TakeAsync(
        EnrollmentKey key, Func<Task<JsonElement>> send)
    {
        bool isTaken = false;
        try
        {
            JsonElement result = await send().ConfigureAwait(false);
            Enrollment enrollment = AuthorityJson.Read(options, () =>
            {
                string chain = AuthorityJson.TextOf(result.GetProperty("ServerInfo").GetProperty("CAChain"));
                return Enrollment.TryCreate(
                    AuthorityJson.TextOf(result.GetProperty("Cert")), key, chain, out Enrollment? made,
                    out string? fault)
                    ? made
                    : throw new JsonException(fault);
            });
            isTaken = true;
            return enrollment;
        }
        finally
        {
            if (!isTaken)
                key.Dispose();
        }
    }

    private static string QueryOf(CertificateFilter filter)
    {
        var parts = new List<string>();
        Add(parts, "id", filter.Id);
        Add(parts, "serial", filter.SerialNumber);
        Add(parts, "aki", filter.AuthorityKeyId);
        Add(parts, "notrevoked", filter.NotRevoked ? "true" : "");
        Add(parts, "notexpired", filter.NotExpired ? "true" : "");
        Add(parts, "revoked_start", TimeOf(filter.RevokedFrom));
        Add(parts, "revoked_end", TimeOf(filter.RevokedUntil));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static void Add(List<string> parts, string name, string value)
    {
        if (value.Length > 0)
            parts.Add($"{name}={Uri.EscapeDataString(value)}");
    }

    private static string TimeOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
