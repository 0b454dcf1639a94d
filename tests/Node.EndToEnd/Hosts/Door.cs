using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// One port of a host, knocked at from the host itself, so that what listens on loopback alone is reached too.
/// </summary>
internal sealed class Door(NodeRun node, int port)
{
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Sockets that others can send to: TCP that listens, and whatever else is bound to a port.</summary>
    /// <returns>As "tcp 7050", in order, each once.</returns>
    public static string[] OpenOn(Host host)
    {
        const string Listening = "0A";
        const string Script = "grep -s : /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/raw "
            + "/proc/net/raw6 /proc/net/udplite /proc/net/udplite6; true";
        return
        [
            .. host.Run("/bin/sh", "-c", Script).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (Kind: KindOf(line), Fields: FieldsOf(line)))
                .Where(entry => entry.Fields is [_, _, var state, ..] && (entry.Kind != "tcp" || state == Listening))
                .Select(entry => FormattableString.Invariant($"{entry.Kind} {PortOf(entry.Fields[0])}"))
                .Distinct().Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What answers to bytes in the clear; empty for nothing, and for a TLS alert.</summary>
    public async Task<string> KnockAsync(string bytes)
    {
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        string answer = await ReadAsync(new NetworkStream(socket));
        return answer.StartsWith('\x15') ? "" : answer;
    }

    /// <summary>The status of the answer to a request of HTTP/1.1 over TLS; 0 when there is none.</summary>
    /// <param name="certificate">
    /// Presented if the server asks, whatever authorities it names; null presents none.
    /// </param>
    /// <param name="request">Its first line without the version, header lines, an empty line and a body.</param>
    public async Task<int> AskAsync(X509Certificate2? certificate, HttpQuestion request)
    {
        using Socket socket = await ConnectAsync();
        await using var tls = new SslStream(new NetworkStream(socket));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = node.Name,
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),

                // Whom it reaches at its own loopback is known without a certificate.
                RemoteCertificateValidationCallback = (_, server, _, _) => server is not null,
            });
            await tls.WriteAsync(Encoding.ASCII.GetBytes(request.ToText(node.Name)));
            string answer = await ReadAsync(tls);
            return answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
                ? int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture)
                : 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return 0;
        }
    }

    // grep puts the file in front: "/proc/net/tcp6:   0: 00…00:1B8A 00…00:0000 0A …".
    private static string KindOf(string line) => line.Split(':')[0].Split('/')[^1].TrimEnd('6');

    private static string[] FieldsOf(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(field => field.EndsWith(':'))];

    private static int PortOf(string address) =>
        int.Parse(address.Split(':')[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task<Socket> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(s_answerTimeout);
        return await node.Host.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
    }

    // What came first, until the other side closed or fell silent.
    private static async Task<string> ReadAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(s_answerTimeout);
        byte[] buffer = new byte[4096];
        try
        {
            return Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, limit.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return "";
        }
    }
}

/// <summary>One request of HTTP/1.1.</summary>
/// <param name="Authorization">Null leaves the header out.</param>
internal sealed record HttpQuestion(string Method, string Target, string? Authorization = null, string Body = "")
{
    public static HttpQuestion Get(string target) => new("GET", target);

    public string ToText(string host) =>
        FormattableString.Invariant($"{Method} {Target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n")
        + (Authorization is null ? "" : $"Authorization: {Authorization}\r\n")
        + (Body.Length == 0
            ? ""
            : FormattableString.Invariant($"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n"))
        + $"\r\n{Body}";
}
