using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.EndToEnd.Hosts;

/// <summary>Every port that any process of the network listens on, tried by strangers.</summary>
[Collection(HostedNetworkShared.Name)]
public class PortTests(HostedNetwork network)
{
    private const string ListenState = "0A";   // In /proc/net/tcp.
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(5);

    private static readonly string[] s_knocks =
        ["GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "\0\u0001garbage\u00ff\r\n\r\n"];

    private static readonly int[] s_known =
    [
        HostedTopology.OrdererPort, HostedTopology.PeerPort, HostedTopology.EtcdClientPort,
        HostedTopology.EtcdPeerPort, HostedTopology.OperationsPort,
    ];

    [Fact]
    public async Task No_port_speaks_without_TLS_or_answers_strangers_and_nothing_ends_by_their_knocking()
    {
        await network.MakeWellAsync();
        int[] before = [.. network.Nodes.Select(node => node.ProcessId)];
        using X509Certificate2 foreign = NewForeignCertificate();
        var faults = new List<string>();
        foreach (NodeRun node in network.Nodes)
        {
            int[] ports = ListeningPorts(node);
            Assert.Contains(HostedTopology.OperationsPort, ports);
            foreach (int port in ports)
            {
                if (!s_known.Contains(port))
                    faults.Add($"{node.Name} listens on {port}, which nobody has thought of");

                foreach (string knock in s_knocks)
                    if (await AnswersPlainAsync(node, port, knock))
                        faults.Add($"{node.Name} answers on {port} without TLS");

                if (port is not (HostedTopology.OrdererPort or HostedTopology.PeerPort))
                    foreach (X509Certificate2? certificate in new[] { null, foreign })
                        if (await AnswersStrangerAsync(node, port, certificate))
                            faults.Add($"{node.Name} serves a stranger on {port}");
            }
        }

        Assert.Empty(faults);
        Assert.Equal(before, network.Nodes.Select(node => node.ProcessId));
        foreach (NodeRun node in network.Nodes)
            await node.UntilHealthyAsync();
    }

    // Of the host's namespace, whoever listens.
    private static int[] ListeningPorts(NodeRun node) =>
    [
        .. new[] { "tcp", "tcp6" }
            .SelectMany(table => File.ReadLines(FormattableString.Invariant($"/proc/{node.ProcessId}/net/{table}")))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 3 && fields[3] == ListenState)
            .Select(fields => int.Parse(fields[1].Split(':')[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .Distinct().Order(),
    ];

    // A TLS alert, or etcd's word that it speaks TLS only, is a refusal.
    private static async Task<bool> AnswersPlainAsync(NodeRun node, int port, string knock)
    {
        using Socket socket = await ConnectAsync(node, port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(knock));
        string answer = await ReadAsync(new NetworkStream(socket));
        return answer.Length > 0 && answer[0] != '\x15'
            && !answer.Contains(" 400 Bad Request", StringComparison.Ordinal);
    }

    private static async Task<bool> AnswersStrangerAsync(NodeRun node, int port, X509Certificate2? certificate)
    {
        using Socket socket = await ConnectAsync(node, port);
        await using var tls = new SslStream(new NetworkStream(socket));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = node.Name,
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, server, _, _) => server is not null,
            });
            string path = port == HostedTopology.OperationsPort ? "/metrics" : "/version";
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {node.Name}\r\n\r\n"));
            return (await ReadAsync(tls)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static async Task<Socket> ConnectAsync(NodeRun node, int port)
    {
        using var limit = new CancellationTokenSource(s_answerTimeout);
        return await node.Host.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
    }

    // What came until the other side closed or fell silent.
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

    private static X509Certificate2 NewForeignCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orderer.example.com", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
