using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Node.CatchUp;
using Node.LoadGen;
using Node.LyingOrderer;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Peer.Hosting;
using Node.Testing;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;
using Orderer = Node.LyingOrderer.LyingOrderer;

// catchup [TRANSACTIONS [TRANSACTIONS-IN-A-BLOCK [ORDERERS]]]
//
// Lets a fresh peer join a channel that is so many transactions long, and says how long it took: orderers, peer, TLS
// and synced writes in one process, on all cores. The crypto limit is what the same cores verify of signatures alone,
// measured right before and after: each transaction has three.
int transactions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20_000;
int perBlock = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
int orderers = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;

using TestNetwork network = TestNetwork.Create(
    NetworkTopology.Default(orderers, NetworkTopology.DefaultBasePort, KeyType.P256));
Console.WriteLine($"makes {transactions} transactions in blocks of {perBlock}");
HonestBlocks blocks = MakeBlocks(network, transactions, perBlock);
long bytes = blocks.All.Sum(block => (long)block.CalculateSize());
ulong height = (ulong)blocks.All.Count;
var running = new List<Orderer>();
for (int index = 0; index < orderers; index++)
{
    Orderer orderer = await StartOrdererAsync(network, index);
    blocks.All.ForEach(orderer.Chain.Add);

    // Signing is what an orderer did long ago.
    for (ulong number = 0; number < height; number++)
        await orderer.Chain.WaitAsync(number, CancellationToken.None);

    running.Add(orderer);
}

double before = CryptoLimit.Measure().VerifiesPerSecond;
Joined joined = await JoinAsync(network, running, height);
double after = CryptoLimit.Measure().VerifiesPerSecond;
foreach (Orderer orderer in running)
    await orderer.DisposeAsync();

double limit = (before + after) / 2 / 3 * Environment.ProcessorCount;
double rate = transactions / joined.Streaming.TotalSeconds;
Console.WriteLine($"transactions           {transactions}, {bytes / transactions} bytes each, {orderers} orderer(s)");
Console.WriteLine($"first block committed  {joined.First.TotalSeconds:F3} s after the peer serves");
Console.WriteLine($"all committed          {joined.Streaming.TotalSeconds:F2} s, {rate:F0} tx/s");
Console.WriteLine(
    $"crypto limit           {limit:F0} tx/s ({before:F0} and {after:F0} verifications/s on one core), "
    + $"reached {rate / limit:P0}");
Console.WriteLine(
    $"CPU                    {joined.Cpu.TotalMicroseconds / transactions:F0} us per transaction, orderers included");
Console.WriteLine(joined.Stages);
return 0;

static HonestBlocks MakeBlocks(TestNetwork network, int transactions, int perBlock)
{
    var blocks = new HonestBlocks(network.Genesis);
    var policy = new ApplicationPolicy
    {
        SignaturePolicy = PolicyText.Parse("AND('Org1MSP.peer', 'Org2MSP.peer')"),
    };
    blocks.Next(Definitions.Define(Transaction(network), "hyperprov", policy.ToByteString()).ToEnvelope());
    string value = new('v', 386);
    for (int made = 0; made < transactions; made += perBlock)
    {
        int first = made;
        byte[][] envelopes = new byte[Math.Min(perBlock, transactions - made)][];
        Parallel.For(0, envelopes.Length, index => envelopes[index] = Transaction(network)
            .Writing($"record/{first + index:D9}", value).Writing($"id/{first + index:D9}", value).ToEnvelope());
        blocks.Next(envelopes);
    }

    return blocks;
}

static Tx Transaction(TestNetwork network) =>
    Tx.Valid(network.ChannelId, network.Org1.User1, network.Org1.Node, network.Org2.Node)
        .At(TimeProvider.System.GetUtcNow());

static Task<Orderer> StartOrdererAsync(TestNetwork network, int index)
{
    MemberLayout layout = network.Orderer.Layout.Node(network.Topology.OrdererOrganizations[0].Nodes[index].Name);
    return Orderer.StartAsync(new LyingOrdererOptions
    {
        MspId = network.Orderer.MspId.Value,
        MspFolder = layout.Msp,
        TlsCertificateFile = layout.TlsCertificateFile,
        TlsKeyFile = layout.TlsKeyFile,
    });
}

static async Task<Joined> JoinAsync(TestNetwork network, List<Orderer> orderers, ulong height)
{
    NetworkOrganization organization = network.Org2;
    var options = new PeerOptions
    {
        ListenPort = 0,
        Tls = new TlsFiles
        {
            CertificateFile = organization.NodeLayout.TlsCertificateFile,
            KeyFile = organization.NodeLayout.TlsKeyFile,
            RootFiles = [organization.NodeLayout.TlsRootFile],
        },
        MspId = organization.MspId.Value,
        MspFolder = organization.NodeLayout.Msp,
        DataFolder = Path.Combine(network.Folder, "peer"),
        GenesisBlockFiles = [network.GenesisFile],
        OrdererEndpoints = [.. orderers.Select(orderer => new OrdererEndpointOverride
        {
            Host = "localhost",
            Port = orderer.Port,
            TlsRootFiles = [network.Orderer.NodeLayout.TlsRootFile],
        })],
        OperationsPort = FreePort.Find(),
        LogLevel = LogLevel.Warning,
    };
    using var stop = new CancellationTokenSource();
    using HttpClient operations = OperationsCaller.Create(
        organization.NodeLayout.TlsRootFile, organization.NodeLayout);
    var serves = new TaskCompletionSource();
    long began = 0;
    TimeSpan cpuBefore = default;
    Task peer = PeerHost.RunAsync(
        options,
        _ =>
        {
            began = Stopwatch.GetTimestamp();
            cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
            serves.SetResult();
        },
        stop.Token);
    await await Task.WhenAny(serves.Task, peer);

    var metrics = new Uri($"https://localhost:{options.OperationsPort}/metrics");
    TimeSpan first = default;
    string text;
    while (true)
    {
        text = await operations.GetStringAsync(metrics);
        ulong now = HeightIn(text);
        if (first == default && now > 1)
            first = Stopwatch.GetElapsedTime(began);
        if (now == height)
            break;

        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    TimeSpan streaming = Stopwatch.GetElapsedTime(began);
    TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime - cpuBefore;
    await stop.CancelAsync();
    await peer;
    string stages = string.Join('\n', text.Split('\n').Where(line =>
        line.StartsWith("hyperprov_stage_seconds", StringComparison.Ordinal)
        && !line.Contains("_bucket", StringComparison.Ordinal)));
    return new Joined(first, streaming, cpu, stages);
}

static ulong HeightIn(string metrics)
{
    string? line = metrics.Split('\n').FirstOrDefault(line =>
        line.StartsWith("hyperprov_ledger_height{", StringComparison.Ordinal));
    return line is null ? 0 : ulong.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}
