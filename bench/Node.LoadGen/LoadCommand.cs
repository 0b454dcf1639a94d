using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.LoadGen;

/// <summary>The command line of the load generator.</summary>
internal sealed class LoadCommand
{
    private readonly Option<string> _endpoint = new("--endpoint") { Description = "host:port of the gateway peer", Required = true };
    private readonly Option<string> _tlsRoot = new("--tls-root") { Description = "PEM file of the TLS root", Required = true };
    private readonly Option<string?> _serverName = new("--server-name") { Description = "name to expect in the certificate" };
    private readonly Option<string> _certificate = new("--cert") { Description = "PEM file of the client's certificate", Required = true };
    private readonly Option<string> _key = new("--key") { Description = "PEM file of its private key", Required = true };
    private readonly Option<string> _msp = new("--msp") { DefaultValueFactory = _ => "Org1MSP" };
    private readonly Option<string> _channel = new("--channel") { DefaultValueFactory = _ => "mychannel" };
    private readonly Option<string> _contract = new("--contract") { DefaultValueFactory = _ => "hyperprov" };
    private readonly Option<string> _function = new("--function") { DefaultValueFactory = _ => "set" };
    private readonly Option<string[]> _arguments = new("--arg")
    {
        Description = "argument template, repeatable: {n} {run} {last} {hex:L} {mod:M} {pad:L} are filled in",
    };

    private readonly Option<bool> _evaluate = new("--evaluate") { Description = "query instead of submit" };
    private readonly Option<string> _mode = new("--mode") { Description = "closed or open", DefaultValueFactory = _ => "closed" };
    private readonly Option<int> _clients = new("--clients") { DefaultValueFactory = _ => 1 };
    private readonly Option<double> _rate = new("--rate") { Description = "open loop: transactions per second" };
    private readonly Option<double> _duration = new("--duration") { Description = "seconds", DefaultValueFactory = _ => 30 };
    private readonly Option<double> _warmUp = new("--warmup") { Description = "seconds", DefaultValueFactory = _ => 5 };
    private readonly Option<long> _count = new("--count") { Description = "stop after so many transactions" };
    private readonly Option<int> _connections = new("--connections") { DefaultValueFactory = _ => 4 };
    private readonly Option<double> _deadline = new("--deadline") { Description = "seconds per call", DefaultValueFactory = _ => 30 };
    private readonly Option<string[]> _processes = new("--process") { Description = "name=pid, repeatable" };
    private readonly Option<int> _verifications = new("--verifications")
    {
        Description = "signature checks per transaction in the whole system", DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> _signatures = new("--signatures") { DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _json = new("--json") { Description = "write the figures to this file" };
    private readonly Option<string?> _samples = new("--samples") { Description = "write every raw sample to this CSV file" };

    public LoadCommand()
    {
        Root = new RootCommand("Puts load on a Fabric Gateway endpoint and prints what was committed, how fast, at what cost.");
        foreach (Option option in (Option[])
        [
            _endpoint, _tlsRoot, _serverName, _certificate, _key, _msp, _channel, _contract, _function, _arguments, _evaluate,
            _mode, _clients, _rate, _duration, _warmUp, _count, _connections, _deadline, _processes, _verifications,
            _signatures, _json, _samples,
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
            if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
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
}
