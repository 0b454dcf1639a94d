using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Node.Ca.Answering;
using Node.Ca.Registering;
using Node.Ca.Storing;

namespace Node.Ca.Admitting;

/// <summary>An identity that proved itself, or why it did not.</summary>
internal readonly record struct Admission(IdentityRecord? Identity, CaRefusal? Refusal);

/// <summary>Lets in who knows an enrolment id and its secret (HTTP Basic).</summary>
/// <remarks>
/// Hashing is slow on purpose, so few hash at once and the others wait; who waits in vain is bounded by
/// <see cref="CaLimits.RequestsMax"/>. An unknown id costs the same time as a wrong secret.
/// </remarks>
internal sealed class SecretAdmission(CaStore store, int iterations, AttemptPair attempts) : IDisposable
{
    private const string Scheme = "Basic ";
    private readonly SecretHash _nobody = SecretHash.Nobody(iterations);
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    public async Task<Admission> AdmitAsync(CaRequest request, CancellationToken cancellation)
    {
        if (request.Authorization is null)
            return Refuse(new CaRefusal(401, CaRefusal.NoAuthorization, "No authorization header"));
        if (!TryReadBasic(request.Authorization, out string? id, out string? secret))
            return Refuse(CaRefusal.Unauthenticated(CaRefusal.NoUserOrSecret, "the header is no HTTP Basic"));

        string address = NameOf(request.Address);
        if (RefusalToTry(id, address) is { } early)
            return Refuse(early);

        await _hashing.WaitAsync(cancellation);
        try
        {
            // Others may have failed while this one waited.
            return RefusalToTry(id, address) is { } late ? Refuse(late) : Check(id, secret, address);
        }
        finally
        {
            _hashing.Release();
        }
    }

    public void Dispose() => _hashing.Dispose();

    private Admission Check(string id, string secret, string address)
    {
        IdentityRecord? identity = id.Contains('\0', StringComparison.Ordinal) ? null : store.FindIdentity(id);
        bool right = (identity?.Secret ?? _nobody).Matches(secret);
        if (identity is not null && right)
        {
            attempts.Identities.Succeed(id);
            return identity.Revoked is null
                ? new Admission(identity, Refusal: null)
                : Refuse(CaRefusal.Unauthenticated(CaRefusal.IdentityRevoked, $"the identity {id} is revoked"));
        }

        int ofIdentity = attempts.Identities.Fail(id);
        int ofAddress = attempts.Addresses.Fail(address);
        string times = $"failure {ofIdentity} of this id, {ofAddress} from {address}";
        return Refuse(identity is null
            ? CaRefusal.Unauthenticated(CaRefusal.UserInvalid, $"there is no identity {Shown(id)}; {times}")
            : CaRefusal.Unauthenticated(CaRefusal.SecretInvalid, $"wrong secret for {id}; {times}"));
    }

    private CaRefusal? RefusalToTry(string id, string address)
    {
        TimeSpan? wait = attempts.Identities.WaitFor(id) ?? attempts.Addresses.WaitFor(address);
        return wait is null
            ? null
            : new CaRefusal(
                429, CaRefusal.NotAuthenticated, "Too many failed attempts; see the header Retry-After")
            {
                RetryAfter = wait,
            };
    }

    private static Admission Refuse(CaRefusal refusal) => new(Identity: null, refusal);

    // Who has one IPv6 address has 2^64 of them.
    private static string NameOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private static string Shown(string id) =>
        id.Length <= CaLimits.IdBytesMax && !id.Any(char.IsControl) ? id : $"of {id.Length} characters";

    private static bool TryReadBasic(
        string header, [NotNullWhen(true)] out string? id, [NotNullWhen(true)] out string? secret)
    {
        id = secret = null;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;

        byte[] decoded = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), decoded, out int length))
            return false;

        string pair = Encoding.UTF8.GetString(decoded, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || pair.Length - colon - 1 > CaLimits.SecretCharsMax)
            return false;

        id = pair[..colon];
        secret = pair[(colon + 1)..];
        return secret.Length > 0;
    }
}

/// <summary>Failed attempts by identity and by address.</summary>
internal sealed record AttemptPair(AttemptLimiter Identities, AttemptLimiter Addresses)
{
    public static AttemptPair Create(TimeProvider clock) => new(
        new AttemptLimiter(AttemptRules.OfIdentity, clock), new AttemptLimiter(AttemptRules.OfAddress, clock));
}
