using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Node.Membership.Material;

namespace Node.EndToEnd.Hosts;

/// <summary>One node on its host, as a process that is started, killed and started again.</summary>
internal sealed class NodeRun(HostedNode node, Host host, string configFile) : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(30);
    private static readonly string s_launcher = Path.Combine(Cli.Root, "deploy", "hyperprov");
    private Process? _process;

    public HostedNode Node => node;

    public Host Host => host;

    public string Name => node.Name;

    /// <summary>nodes/NAME of the host's own network folder: configuration, data, mark.</summary>
    public string Folder => Path.GetDirectoryName(configFile)!;   // The file has a folder.

    public string LogFile => Path.Combine(host.Folder, "log.txt");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>While it runs.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{Name} does not run");

    /// <summary>Of an orderer's etcd member as it is marked, whether it still runs or not; 0 for none.</summary>
    public int EtcdProcessId
    {
        get
        {
            string mark = Path.Combine(Folder, "etcd", "pid");
            return File.Exists(mark)
                && int.TryParse(
                    File.ReadAllText(mark).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? id
                : 0;
        }
    }

    /// <summary>For its environment at every start from now on.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    public void Start()
    {
        Assert.False(IsRunning, $"{Name} runs already");
        _process?.Dispose();

        // As systemd starts it, with the settings that keep a node small.
        var variables = new Dictionary<string, string>(Variables)
        {
            ["HYPERPROV_HOME"] = Path.GetDirectoryName(Cli.Program)!,   // The program lies in a folder.
        };
        _process = host.Start(
            LogFile, variables, "/bin/sh", s_launcher, node.Role, "start", "--config", configFile);
    }

    /// <summary>As a power cut does, to the node's own process.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>Asks it to end, and fails when it does not.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;

        Command.Must("kill", "-TERM", FormattableString.Invariant($"{process.Id}"));
        using var limit = new CancellationTokenSource(s_stopTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"{Name} did not stop within {s_stopTimeout}:\n{LastWords()}");
        }
    }

    /// <summary>What /healthz answers: "200 …", "503 …", or "" when nobody is there.</summary>
    public async Task<string> HealthAsync()
    {
        using HttpClient http = host.NewHttpClient(certificate: null);
        foreach (string scheme in (string[])["https", "http"])
        {
            try
            {
                var address = new UriBuilder(
                    scheme, $"{IPAddress.Loopback}", HostedTopology.OperationsPort, "healthz").Uri;
                using HttpResponseMessage answer = await http.GetAsync(address);
                return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Nobody there, or not this way.
            }
        }

        return "";
    }

    /// <summary>An orderer's etcd member is a voter and sees a leader that answers it.</summary>
    public async Task<bool> IsMemberWellAsync(MemberLayout material)
    {
        using X509Certificate2 certificate =
            X509Certificate2.CreateFromPemFile(material.TlsCertificateFile, material.TlsKeyFile);
        using HttpClient http = host.NewHttpClient(certificate);
        try
        {
            var address = new UriBuilder(
                "https", $"{IPAddress.Loopback}", HostedTopology.EtcdClientPort, "health").Uri;
            return (await http.GetStringAsync(address)).Contains("\"true\"", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public async Task UntilHealthyAsync()
    {
        string health = "";
        await Wait.UntilAsync(
            async () =>
            {
                Assert.True(IsRunning, $"{Name} ended:\n{LastWords()}");
                health = await HealthAsync();
                return health.StartsWith("200", StringComparison.Ordinal);
            },
            s_startTimeout, () => $"{Name} to be healthy; it says '{health}':\n{LastWords()}");
    }

    public string LastWords() => string.Join('\n', Log.Split('\n').TakeLast(15));

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _process = null;
        return ValueTask.CompletedTask;
    }
}
