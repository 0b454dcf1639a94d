using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.LoadGen;

/// <summary>The command line of the load generator.</summary>
internal sealed class LoadCommand
{
    private readonly Option<string> _endpoint = Required("--endpoint", "host:port of the gateway peer");
    private readonly Option<string> _tlsRoot = Required("--tls-root", "PEM file of the TLS root");
    private readonly Option<string?> _serverName = new("--server-name")
    {
        Description = "name to expect in the peer's certificate",
    };

    private readonly Option<string> _certificate = Required("--cert", "PEM file of the client's certificate");
    private readonly Option<string> _key = Required("--key", "PEM file of its private key");
    private readonly Option<string> _msp = Given("--msp", "the client's organisation", "Org1MSP");
    private readonly Option<string> _channel = Given("--channel", "channel to use", "mychannel");
    private readonly Option<string> _contract = Given("--contract", "contract to call", "hyperprov");
    private readonly Option<string> _function = Given("--function", "its function", "set");
    private readonly Option<string[]> _arguments = new("--arg")
    {
        Description = "argument template, repeatable: {n} {run} {last} {hex:L} {mod:M} {pad:L} are filled in",
    };

    private readonly Option<bool> _evaluate = new("--evaluate") { Description = "query instead of submit" };
    private readonly Option<string> _mode = Given("--mode", "closed or open loop", "closed");
    private readonly Option<int> _clients = Given("--clients", "workers, or most in flight in the open loop", 1);
    private readonly Option<double> _rate = Given("--rate", "open loop: transactions per second", 0.0);
    private readonly Option<double> _duration = Given("--duration", "measured seconds", 30.0);
    private readonly Option<double> _warmUp = Given("--warmup", "seconds before measuring", 5.0);
    private readonly Option<long> _count = Given("--count", "stop after so many transactions; 0 is no limit", 0L);
    private readonly Option<int> _connections = Given("--connections", "TLS connections", 4);
    private readonly Option<double> _deadline = Given("--deadline", "seconds per call", 30.0);
    private readonly Option<string[]> _processes = new("--process") { Description = "name=pid, repeatable" };
    private readonly Option<int> _verifications =
        Given("--verifications", "signature checks per transaction in the whole system", 10);

    private readonly Option<int> _signatures =
        Given("--signatures", "signatures made per transaction in the whole system", 5);

    private readonly Option<string?> _json = new("--json") { Description = "write the figures to this file" };
    private readonly Option<string?> _samples = new("--samples")
    {
        Description = "write every raw sample to this CSV file",
    };

    public LoadCommand()
    {
        Root = new RootCommand(
            "Puts load on a Fabric Gateway endpoint and prints what was committed, how fast, at what cost.");
        foreach (Option option in (Option[])
        [
            _endpoint, _tlsRoot, _serverName, _certificate, _key, _msp, _channel, _contract, _function, _arguments,
            _evaluate, _mode, _clients, _rate, _duration, _warmUp, _count, _connections, _deadline, _processes,
            _verifications, _signatures, _json, _samples,
        ])
            Root.Add(option);
    }

    public RootCommand Root { get; }

    public bool TryRead(
        ParseResult parsed, [NotNullWhen(true)] out LoadOptions? options, [NotNullWhen(false)] out string? fault)
    {
        options = null;
        fault = null;
        var processes = new List<NamedProcess>();
        foreach (string process in parsed.GetValue(_processes) ?? [])
        {
            string[] parts = process.Split('=');
            if (parts.Length == 2
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
                processes.Add(new NamedProcess(parts[0], pid));
            else
                fault = $"--process {process}: expected name=pid";
        }

        processes.Add(new NamedProcess("loadgen", Environment.ProcessId));
        if (parsed.GetValue(_mode) is not ("closed" or "open"))
            fault = $"--mode {parsed.GetValue(_mode)}: expected closed or open";
        if (parsed.GetValue(_mode) == "open" && parsed.GetValue(_rate) <= 0)
            fault = "--mode open needs --rate above 0 transactions per second";
        if (parsed.GetValue(_clients) < 1 || parsed.GetValue(_connections) < 1)
            fault = "--clients and --connections must be at least 1";
        if (fault is not null)
            return false;

        options = Read(parsed, processes);
        return true;
    }

    private LoadOptions Read(ParseResult parsed, IReadOnlyList<NamedProcess> processes) => new()
    {
        Endpoint = parsed.GetRequiredValue(_endpoint),
        TlsRootFile = parsed.GetRequiredValue(_tlsRoot),
        ServerName = parsed.GetValue(_serverName),
        CertificateFile = parsed.GetRequiredValue(_certificate),
        KeyFile = parsed.GetRequiredValue(_key),
        MspId = parsed.GetRequiredValue(_msp),
        Channel = parsed.GetRequiredValue(_channel),
        Contract = parsed.GetRequiredValue(_contract),
        Function = parsed.GetRequiredValue(_function),
        Arguments = parsed.GetValue(_arguments) ?? [],
        Evaluate = parsed.GetValue(_evaluate),
        Mode = parsed.GetValue(_mode) == "open" ? LoadMode.Open : LoadMode.Closed,
        Clients = parsed.GetValue(_clients),
        Rate = parsed.GetValue(_rate),
        Duration = TimeSpan.FromSeconds(parsed.GetValue(_duration)),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        Count = parsed.GetValue(_count),
        Connections = parsed.GetValue(_connections),
        Deadline = TimeSpan.FromSeconds(parsed.GetValue(_deadline)),
        Processes = processes,
        VerificationsPerTransaction = parsed.GetValue(_verifications),
        SignaturesPerTransaction = parsed.GetValue(_signatures),
        JsonFile = parsed.GetValue(_json),
        SamplesFile = parsed.GetValue(_samples),
    };

    private static Option<string> Required(string name, string description) =>
        new(name) { Description = description, Required = true };

    private static Option<T> Given<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
