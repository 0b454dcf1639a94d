using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Node.Protocol;

namespace Node.Client.Enrolling;

/// <summary>Sends requests to a certificate authority and opens its envelope.</summary>
/// <remarks>Owned by <see cref="CertificateAuthority"/>. Any thread.</remarks>
internal sealed class AuthorityConnection : IDisposable
{
    private const string Prefix = "/api/v1/";
    private const int AnswerBytesMax = 64 << 20;

    private readonly HttpClient _http;
    private readonly Uri _address;

    public AuthorityConnection(CertificateAuthorityOptions options)
    {
        _address = options.Address;
        _http = new HttpClient(HandlerOf(options))
        {
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    /// <summary>As one identity, by a signed token; anonymous when there is none.</summary>
    public Task<JsonElement> SendAsync(
        HttpMethod method, string target, JsonObject? body, Enrollment? caller, CancellationToken cancellation)
    {
        byte[] bytes = body is null ? [] : Encoding.UTF8.GetBytes(body.ToJsonString());
        string? authorization = caller is null ? null : TokenOf(method, Prefix + target, bytes, caller);
        return SendAsync(method, target, bytes, authorization, cancellation);
    }

    /// <summary>As somebody who knows a secret.</summary>
    public Task<JsonElement> SendAsync(
        string target, JsonObject body, string id, string secret, CancellationToken cancellation)
    {
        string pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"));
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        return SendAsync(HttpMethod.Post, target, bytes, $"Basic {pair}", cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static string TokenOf(HttpMethod method, string target, byte[] body, Enrollment caller)
    {
        if (!caller.CanSignTokens)
            throw new CertificateAuthorityException(
                401, 20, $"The certificate of {caller.Id} has an Ed25519 key, for which Fabric CA's tokens have no " +
                    "form: enrol anew with id and secret, or act as an identity with a P-256 key.",
                retryAfter: null);

        string certificate = Convert.ToBase64String(Encoding.UTF8.GetBytes(caller.CertificatePem));
        string signed = $"{method.Method}.{Convert.ToBase64String(Encoding.UTF8.GetBytes(target))}." +
            $"{Convert.ToBase64String(body)}.{certificate}";
        return $"{certificate}.{Convert.ToBase64String(caller.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private async Task<JsonElement> SendAsync(
        HttpMethod method, string target, byte[] body, string? authorization, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address, Prefix + target));
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using HttpResponseMessage response =
                await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return Open(target, response, answer);
        }
        catch (HttpRequestException e)
        {
            throw new PeerUnreachableException(_address.Authority, e.InnerException?.Message ?? e.Message, e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PeerUnreachableException(_address.Authority, "no answer in time", e);
        }
    }

    private JsonElement Open(string target, HttpResponseMessage response, byte[] answer)
    {
        int status = (int)response.StatusCode;
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            JsonElement root = document.RootElement;
            if (root.GetProperty("success").GetBoolean())
                return root.GetProperty("result").Clone();

            JsonElement error = root.GetProperty("errors")[0];
            throw CertificateAuthorityException.Refused(
                target.Split('?')[0], status, error.GetProperty("code").GetInt32(),
                (error.GetProperty("message").GetString() ?? "").TrimEnd('.'), response.Headers.RetryAfter?.Delta);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or IndexOutOfRangeException or FormatException)
        {
            throw CertificateAuthorityException.NotAnAuthority(_address.ToString(), status, e.Message);
        }
    }

    private static SocketsHttpHandler HandlerOf(CertificateAuthorityOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        if (options.TlsRootsPem is not { } pem)
            return handler;

        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(pem);
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        return handler;
    }
}
