using System.CommandLine;
using Node.Ca.Hosting;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Hosting.Idling;
using Node.Orderer.Hosting;
using Node.Peer.Hosting;

namespace Node.Cli.Commands.Nodes;

/// <summary>
/// <c>peer start</c>, <c>orderer start</c> and <c>ca start</c>: run one node in this process until it is told to stop.
/// </summary>
internal static class NodeStartCommand
{
    private static readonly Option<string?> s_config = new("--config")
    {
        Description = $"The node's configuration (docs/cli.md; default: what {NodeConfig.Variable} names)",
        HelpName = "FILE",
    };

    private static readonly Option<bool> s_insecure = new("--insecure")
    {
        Description = "No port of this node speaks TLS, whatever the configuration says; the log says so at each start",
    };

    public static Command CreatePeer() => new("peer", "Run a peer")
    {
        new Verb(
            "start", "Run a peer in this process until SIGTERM or Ctrl-C",
            "peer start --config hyperprov-data/nodes/peer0.org1.example.com/config.json")
            .Takes(s_config, s_insecure)
            .Runs((invocation, cancellation) => RunAsync(
                invocation,
                (path, insecure) => PeerHost.RunAsync(
                    NodeConfig.ReadPeer(path, insecure), started: null, cancellation))),
    };

    public static Command CreateOrderer() => new("orderer", "Run an orderer")
    {
        new Verb(
            "start", "Run an orderer in this process until SIGTERM or Ctrl-C",
            "orderer start --config hyperprov-data/nodes/orderer.example.com/config.json")
            .Takes(s_config, s_insecure)
            .Runs((invocation, cancellation) => RunAsync(
                invocation,
                (path, insecure) => OrdererHost.RunAsync(
                    NodeConfig.ReadOrderer(path, insecure), started: null, cancellation))),
    };

    public static Command CreateCa() => new("ca", "Run a certificate authority")
    {
        new Verb(
            "start", "Run a certificate authority in this process until SIGTERM or Ctrl-C",
            "ca start --config hyperprov-data/nodes/ca.org1.example.com/config.json")
            .Takes(s_config, s_insecure)
            .Runs((invocation, cancellation) => RunAsync(
                invocation,
                (path, insecure) => RunCaAsync(
                    NodeConfig.ReadCa(path, insecure), invocation.Console, cancellation))),
    };

    private static Task RunCaAsync(CaOptions options, CliConsole console, CancellationToken cancellation) =>
        CaHost.RunAsync(
            options, () => RegistrarPrompt.Ask(console, options.RegistrarFile), started: null, cancellation);

    private static async Task<ExitCode> RunAsync(Invocation invocation, Func<string, bool, Task> run)
    {
        string path = NodeConfig.PathOf(invocation.Get(s_config), invocation.Console);
        string markFile = Path.Combine(Path.GetDirectoryName(path)!, "pid");
        if (RunMark.TryRead(markFile, out RunMark? other) && other.IsAlive()
            && other.Id != Environment.ProcessId)
            throw new CommandFault(
                ExitCode.Local,
                $"this node runs already, as process {other.Id}. Stop it with: ./hyperprov network down");

        // Reads the file first, so a wrong path is told before a mark is left beside it.
        Task running = run(path, invocation.Get(s_insecure));
        RunMark.OfThisProcess().Write(markFile);
        await using var trim = IdleTrim.Start(invocation.Console.Clock);
        try
        {
            await running;
        }
        catch (ArgumentException e)
        {
            throw new CommandFault(ExitCode.Usage, $"{path}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it was starting: that is a stop like any other.
        }
        finally
        {
            File.Delete(markFile);
        }

        return ExitCode.Ok;
    }
}
