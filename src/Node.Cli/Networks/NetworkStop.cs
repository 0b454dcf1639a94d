using Node.Cli.Running;

namespace Node.Cli.Networks;

/// <summary>Stops the network of a folder: authorities and peers before orderers, each within a bounded time.</summary>
internal static class NetworkStop
{
    public static async Task RunAsync(NetworkLayout layout, Invocation invocation, CancellationToken cancellation)
    {
        // An orderer stops its etcd member itself; one that was killed left it behind.
        NodeProcess[] running =
        [
            .. layout.LocalCas.Select(layout.NodeAt)
                .Concat(layout.LocalNodes.Reverse().Select(layout.NodeAt))
                .Concat(layout.LocalNodes.Select(layout.EtcdAt))
                .Where(process => process.IsRunning),
        ];
        if (running.Length == 0)
        {
            invocation.Progress.Say("The network does not run");
            return;
        }

        await invocation.Progress.WhileAsync("Stopping the network", async say =>
        {
            foreach (NodeProcess process in running)
            {
                say($"Stopping {process.Name}");
                if (!await process.StopAsync(invocation.Console.Clock, cancellation))
                    invocation.Progress.Say($"{process.Name} did not end when asked and was ended by force; its " +
                        "ledger recovers at the next start");
            }
        });
        invocation.Progress.Say($"Stopped {string.Join(", ", running.Select(process => process.Name))}");
    }
}
