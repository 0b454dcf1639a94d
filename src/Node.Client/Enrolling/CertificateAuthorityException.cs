using System.Globalization;

namespace Node.Client.Enrolling;

/// <summary>A certificate authority refused a request, or answered something else than an authority does.</summary>
public sealed class CertificateAuthorityException : Exception
{
    internal CertificateAuthorityException(int status, int code, string message, TimeSpan? retryAfter)
        : base(message)
    {
        Status = status;
        Code = code;
        RetryAfter = retryAfter;
    }

    /// <summary>
    /// HTTP status: 401 not believed, 403 not allowed, 404 not there, 409 there already, 429 too often.
    /// </summary>
    public int Status { get; }

    /// <summary>Fabric CA's code of the fault; 0 when there is none.</summary>
    public int Code { get; }

    /// <summary>When to come again after too many failed attempts; null where waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static CertificateAuthorityException NotAnAuthority(string address, int status, string why) => new(
        status, code: 0, $"What answers at {address} is no certificate authority (HTTP {status}): {why}",
        retryAfter: null);

    internal static CertificateAuthorityException Refused(
        string endpoint, int status, int code, string message, TimeSpan? retryAfter)
    {
        string wait = retryAfter is { } time
            ? string.Create(CultureInfo.InvariantCulture, $" Come again in {time.TotalSeconds:0} s.")
            : "";
        string hint = status switch
        {
            401 => " Id or secret are wrong, the secret is used up, or identity or certificate are revoked; the " +
                "authority's log says which.",
            403 when code == 71 => " The caller lacks a right; the authority's log says which.",
            _ => "",
        };
        return new CertificateAuthorityException(
            status, code, $"The certificate authority refused {endpoint}: {message}.{hint}{wait}", retryAfter);
    }
}
