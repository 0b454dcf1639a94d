using Node.Cli.Running;

namespace Node.Cli.Networks;

/// <summary>Stops the network of a folder: peers before orderers, each within a bounded time.</summary>
internal static class NetworkStop
{
    public static async Task RunAsync(NetworkLayout layout, Invocation invocation, CancellationToken cancellation)
    {
        NodePlace[] running = [.. layout.Nodes.Reverse().Where(place => layout.NodeAt(place).IsRunning)];
        if (running.Length == 0)
        {
            invocation.Progress.Say("The network does not run");
            return;
        }

        await invocation.Progress.WhileAsync("Stopping the network", async say =>
        {
            foreach (NodePlace place in running)
            {
                say($"Stopping {place.Node.Name}");
                if (!await layout.NodeAt(place).StopAsync(invocation.Console.Clock, cancellation))
                    invocation.Progress.Say($"{place.Node.Name} did not end when asked and was ended by force; its " +
                        "ledger recovers at the next start");
            }
        });
        invocation.Progress.Say($"Stopped {string.Join(", ", running.Select(place => place.Node.Name))}");
    }
}
