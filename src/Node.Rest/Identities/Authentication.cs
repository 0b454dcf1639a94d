using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Node.Rest.Problems;

namespace Node.Rest.Identities;

/// <summary>Says on whose behalf a request comes: by API key, or by the client certificate of the connection.</summary>
/// <remarks>Any thread. A key counts before a certificate: whoever sends one means it.</remarks>
internal sealed class Authentication(ApiKeyRing keys, UserFolders users) : IDisposable
{
    private const string KeyHeader = "X-API-Key";
    private const string Scheme = "Bearer ";

    // Guessing a key is hopeless; this keeps those who try anyway from filling the log and the processor.
    private readonly PartitionedRateLimiter<HttpContext> _wrongCredentials =
        PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = RestLimits.WrongCredentialsPerMinute,
                Window = TimeSpan.FromMinutes(1),
                QueueLimit = 0,
            }));

    /// <returns>The caller, or the problem with its credentials.</returns>
    public (IdentityName? Caller, Problem? Problem) Identify(HttpContext context)
    {
        if (!TryReadKey(context.Request, out string? key))
            return IdentifyByCertificate(context);

        if (keys.Find(key) is not { } entry)
            return (null, Wrong(context, "The API key is not one of this server's."));

        return entry.Revoked is { } revoked
            ? (null, new Problem(
                ProblemKind.KeyRevoked,
                FormattableString.Invariant($"The API key {entry.Id} was revoked at {revoked:u}."))
            {
                Subject = entry.Id,
                Next = "Ask the server's operator for a new one: ./hyperprov rest key create --user NAME",
            })
            : (entry.Identity, null);
    }

    public void Dispose() => _wrongCredentials.Dispose();

    private (IdentityName? Caller, Problem? Problem) IdentifyByCertificate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return (null, new Problem(ProblemKind.CredentialsMissing, "The request names nobody.")
            {
                Subject = "Authorization",
                Next = "Send Authorization: Bearer hpk_…, or use a client certificate over TLS. "
                    + "Keys are made with: ./hyperprov rest key create --user NAME",
            });

        return users.TryIdentify(certificate, out IdentityName? identity, out string? fault)
            ? (identity, null)
            : (null, Wrong(context, $"The client certificate {certificate.Subject} names nobody: {fault}."));
    }

    private Problem Wrong(HttpContext context, string detail)
    {
        using RateLimitLease lease = _wrongCredentials.AttemptAcquire(context);
        return lease.IsAcquired
            ? new Problem(ProblemKind.CredentialsWrong, detail)
            {
                Next = "Use a key that ./hyperprov rest key list shows, or the certificate of a user whose folder the "
                    + "server holds.",
            }
            : new Problem(ProblemKind.RateLimited, "Too many wrong credentials came from this address.")
            {
                Limit = FormattableString.Invariant($"{RestLimits.WrongCredentialsPerMinute} per minute"),
                RetryAfter = TimeSpan.FromMinutes(1),
                Next = "Wait, and use the right ones.",
            };
    }

    private static bool TryReadKey(HttpRequest request, [NotNullWhen(true)] out string? key)
    {
        StringValues authorization = request.Headers.Authorization;
        key = authorization.Count == 1
            && authorization[0] is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? text[Scheme.Length..].Trim()
                : null;
        if (key is null && request.Headers.TryGetValue(KeyHeader, out StringValues values) && values.Count == 1)
            key = values[0];

        return key is not null;
    }
}
