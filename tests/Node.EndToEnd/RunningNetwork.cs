using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Node.Client;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.EndToEnd;

/// <summary>
/// A network of real processes in a folder of its own, on ports of its own, ended and removed on disposal.
/// </summary>
public sealed class RunningNetwork : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    // How far each port of a network lies above the first: orderers with their etcd members, peers, certificate
    // authorities, REST, operations.
    private static readonly int[] s_ports =
    [
        0, 2, 3, 5, 10, 12, 13, 15, 20, 22, 23, 25, 30, 32, 33, 35, 1, 2001, 4, 1004, 2004, 1030, 2393, 2394, 2395,
        2396, 2397, 2398, 2399, 2400, 2401, 2402, 4001,
    ];

    // Ports from 20000 up, a hundred for each network; another test run on this machine begins elsewhere. All lie below
    // those that the system hands out itself.
    private const int PortFirst = 20_000;
    private const int PortSlots = 97;
    private static int s_networks = Environment.ProcessId % PortSlots;

    private readonly int _orderers;

    private RunningNetwork(string folder, int basePort, int orderers) =>
        (Folder, BasePort, _orderers) = (folder, basePort, orderers);

    public string Folder { get; }

    public int BasePort { get; }

    public static RunningNetwork Prepare(int orderers = 1) => Prepare(orderers, new Dictionary<string, string>());

    public static RunningNetwork Prepare(int orderers, IReadOnlyDictionary<string, string> variables)
    {
        string folder = Directory.CreateTempSubdirectory("hyperprov-e2e-").FullName;
        for (int attempt = 0; attempt < PortSlots; attempt++)
        {
            int basePort = PortFirst + Interlocked.Increment(ref s_networks) % PortSlots * 100;
            if (Array.TrueForAll(s_ports, above => IsFree(basePort + above)))
                return new RunningNetwork(folder, basePort, orderers) { Variables = variables };
        }

        throw new InvalidOperationException($"Of {PortSlots} hundreds of ports from {PortFirst} up none is free.");
    }

    public static async Task<RunningNetwork> StartAsync(int orderers = 1)
    {
        var network = Prepare(orderers);
        try
        {
            await network.UpAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>For the environment of everything that is started.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public Task<string> UpAsync() => Cli.MustAsync(
        Variables, "network", "up", "--dir", Folder, "--base-port", BasePort.ToString(CultureInfo.InvariantCulture),
        "--orderers", _orderers.ToString(CultureInfo.InvariantCulture));

    public Task<string> DownAsync() => Cli.MustAsync("network", "down", "--dir", Folder);

    public Task<string> MustAsync(params string[] arguments) =>
        Cli.MustAsync(Variables, [.. arguments, "--dir", Folder]);

    internal Task<CliResult> RunAsync(params string[] arguments) => Cli.RunAsync([.. arguments, "--dir", Folder]);

    /// <summary>Peers and orderers, without the certificate authorities.</summary>
    public IReadOnlyList<string> NodeNames() =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(Folder, "nodes")).Select(path => Path.GetFileName(path))
            .Where(name => !name.StartsWith("ca.", StringComparison.Ordinal)).Order(),
    ];

    public string NodeFolder(string node) => Path.Combine(Folder, "nodes", node);

    public string LogOf(string node) => File.ReadAllText(Path.Combine(NodeFolder(node), "log.txt"));

    /// <summary>As a power cut does: SIGKILL to exactly the process this network started under that name.</summary>
    public void Kill(string node) => KillMarked(Path.Combine(NodeFolder(node), "pid"));

    /// <summary>As <see cref="Kill"/>, for the etcd member of an orderer, which starts it again.</summary>
    public void KillEtcd(string orderer) => KillMarked(Path.Combine(NodeFolder(orderer), "etcd", "pid"));

    private static void KillMarked(string markFile)
    {
        string pid = File.ReadAllText(markFile).Split(' ', '\n')[0];
        using var process = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits up to two minutes; the failure shows what every node said last.</summary>
    public async Task UntilAsync(Func<Task<bool>> done, string awaited)
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        try
        {
            while (!await done())
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            string logs = string.Join('\n', NodeNames().Select(node =>
                $"--- {node}\n" + string.Join('\n', LogOf(node).Split('\n').TakeLast(15))));
            Assert.Fail($"waited {s_patience} for {awaited}:\n{logs}");
        }
    }

    /// <summary>
    /// Waits until the peers of both organisations have the same height. Who is told of a commit by one of them, and
    /// then asks the other, must wait for that.
    /// </summary>
    /// <remarks>For when nobody writes any more.</remarks>
    public async Task SettleAsync()
    {
        using Gateway org1 = Gateway.FromNetworkFolder(Folder, "org1", "User1");
        using Gateway org2 = Gateway.FromNetworkFolder(Folder, "org2", "User1");
        await UntilAsync(
            async () => await HeightAsync(org1) == await HeightAsync(org2), "both peers to have the same height");
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "nodes")))
            await Cli.RunAsync("network", "down", "--dir", Folder);

        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<ulong> HeightAsync(Gateway gateway)
    {
        Contract ledger = gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("qscc");
        ReadOnlyMemory<byte> answer =
            await ledger.EvaluateAsync("GetChainInfo", ["mychannel"], CancellationToken.None);
        return BlockchainInfo.Parser.ParseFrom(answer.Span).Height;
    }
}
