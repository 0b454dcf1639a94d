using System.Globalization;
using Node.Cli.Benching.Measuring;
using Node.Cli.Benching.Reporting;
using Node.Cli.Benching.Sampling;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client;
using Node.Client.Storing;

namespace Node.Cli.Benching.Experiments;

/// <summary>What experiments run on: a network, clients, a store of their own, and the processes to watch.</summary>
/// <remarks>Clients are spread over the organisations in turn, each with a connection to its own peer.</remarks>
internal sealed class BenchBed : IDisposable
{
    private readonly Invocation _invocation;
    private readonly NetworkLayout _layout;
    private readonly List<NetworkSession> _sessions = [];
    private readonly string _storeFolder;
    private readonly string _run;
    private int _prefixes;

    private BenchBed(
        Invocation invocation, NetworkLayout layout, BenchScale scale, int inFlight, string storeFolder,
        Action<string> report)
    {
        _invocation = invocation;
        _layout = layout;
        _storeFolder = storeFolder;
        Scale = scale;
        InFlight = inFlight;
        Report = report;
        Store = new FolderStore(storeFolder);
        Power = PowerMeter.Find("/sys", Clock);
        _run = Clock.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    }

    public BenchScale Scale { get; }

    /// <summary>The machine's load average before anything was measured.</summary>
    public string LoadBefore { get; } = MachineDescription.ReadLoad();

    /// <summary>Transactions of one client at once, where an experiment does not say otherwise.</summary>
    public int InFlight { get; }

    /// <summary>Tells a person what is being measured.</summary>
    public Action<string> Report { get; }

    public FolderStore Store { get; }

    public PowerMeter Power { get; }

    public TimeProvider Clock => _invocation.Console.Clock;

    /// <summary>The nodes of the network that run, and this program.</summary>
    public IReadOnlyList<WatchedProcess> Processes =>
    [
        .. _layout.Nodes
            .Select(place => (place.Node.Name, Id: _layout.NodeAt(place).ProcessId))
            .Where(node => node.Id is not null)
            .Select(node => new WatchedProcess(node.Name, node.Id.GetValueOrDefault())),
        new WatchedProcess("client", Environment.ProcessId),
    ];

    /// <summary>The peer of the first client's organisation.</summary>
    public string FirstPeer => _layout.Topology.Organizations[0].Nodes[0].Name;

    /// <param name="workFolder">Contents lie below it while they are of use.</param>
    public static BenchBed Open(
        Invocation invocation, BenchScale scale, int inFlight, string workFolder, Action<string> report) =>
        new(
            invocation, NetworkLayout.Open(invocation), scale, inFlight, Path.Combine(workFolder, "contents"), report);

    public Contract ContractOf(int client)
    {
        while (_sessions.Count <= client)
        {
            string organization =
                _layout.Topology.Organizations[_sessions.Count % _layout.Topology.Organizations.Count].MspId.Value;
            _sessions.Add(NetworkSession.Open(_invocation, organization, _invocation.User));
        }

        return _sessions[client].ContractOf(NetworkSession.DefaultChannel, NetworkSession.DefaultContract);
    }

    public RecordWriter WriterOf(int client) => new(ContractOf(client), Store, Clock);

    /// <summary>Keys that no run has used yet begin like this.</summary>
    public string NewPrefix(string word)
    {
        _prefixes++;
        return $"bench/{_run}/{_prefixes.ToString(CultureInfo.InvariantCulture)}-{word}/";
    }

    /// <summary>
    /// A batch as the benchmark of 2019 has it: so many transactions of the first client, then wait for all.
    /// </summary>
    public Task<RunTimes> BatchAsync(
        string word, int count, byte[]? content, CancellationToken cancellation) =>
        BatchAsync(new RecordShape(NewPrefix(word), content, WritesLedger: true), count, InFlight, cancellation);

    public Task<RunTimes> BatchAsync(RecordShape shape, int count, int inFlight, CancellationToken cancellation)
    {
        RecordWriter writer = WriterOf(0);
        var run = new LoadRun(
            (number, begun, due, token) => writer.WriteAsync(shape, number, begun, due, token), Clock);
        return run.ClosedAsync(count, inFlight, cancellation);
    }

    /// <summary>So many transactions at a fixed rate.</summary>
    public Task<RunTimes> OpenAsync(RecordShape shape, int count, double perSecond, CancellationToken cancellation)
    {
        const int PlacesMax = 4_096;
        RecordWriter writer = WriterOf(0);
        var run = new LoadRun(
            (number, begun, due, token) => writer.WriteAsync(shape, number, begun, due, token), Clock);
        return run.OpenAsync(count, perSecond, PlacesMax, cancellation);
    }

    /// <summary>Runs a load while the processes are watched, for the given time at least.</summary>
    public async Task<(RunTimes Times, IReadOnlyList<ResourceSample> Samples)> WatchAsync(
        Func<Task<RunTimes>> load, TimeSpan duration, CancellationToken cancellation)
    {
        await using var monitor = ResourceMonitor.Start(Processes, Power, Scale.SamplePeriod, Clock);
        Task over = Task.Delay(duration, Clock, cancellation);
        RunTimes times = await load();
        await over;
        return (times, await monitor.StopAsync());
    }

    /// <summary>So that the first measured call does not pay for connections and compilation.</summary>
    public async Task WarmUpAsync(int clients, CancellationToken cancellation)
    {
        const int Transactions = 200;
        for (int client = 0; client < clients; client++)
        {
            RecordWriter writer = WriterOf(client);
            var shape = new RecordShape(NewPrefix("warm"), Content: null, WritesLedger: true);
            var run = new LoadRun(
                (number, begun, due, token) => writer.WriteAsync(shape, number, begun, due, token), Clock);
            RunTimes times = await run.ClosedAsync(Transactions, inFlight: 16, cancellation);
            if (times.Committed == 0)
                throw new CommandFault(
                    ExitCode.Refused, $"no transaction of the warm-up was committed: {times.FailureText()}");
        }
    }

    /// <summary>Removes stored contents, so that the next step finds the same disk.</summary>
    public void ClearStore()
    {
        if (Directory.Exists(_storeFolder))
            Directory.Delete(_storeFolder, recursive: true);
    }

    public void Dispose()
    {
        foreach (NetworkSession session in _sessions)
            session.Dispose();

        ClearStore();
    }
}
