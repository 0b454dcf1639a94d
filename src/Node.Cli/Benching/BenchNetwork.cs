using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership.Topology;

namespace Node.Cli.Benching;

/// <summary>Sees to it that there is a network to measure, with the limits that the experiment asks for.</summary>
internal static class BenchNetwork
{
    /// <summary>How the orderer of 2019 cut blocks: after 2 s, 10 messages or 512 KB.</summary>
    public static BatchTopology OriginalLimits { get; } = BatchTopology.Default with
    {
        MaxMessageCount = 10,
        PreferredMaxBytes = 512 << 10,
        Timeout = TimeSpan.FromSeconds(2),
    };

    /// <param name="start">Starts the network of the folder, and makes it first when there is none.</param>
    /// <param name="areOriginal">Requires the limits of 2019, and gives them to a network that is made.</param>
    /// <exception cref="CommandFault">There is no network, or it has other limits.</exception>
    public static async Task PrepareAsync(
        Invocation invocation, NetworkStartOptions options, bool start, bool areOriginal,
        CancellationToken cancellation)
    {
        if (start)
            await NetworkStart.RunAsync(
                invocation, options with { Batch = areOriginal ? OriginalLimits : null }, cancellation);

        BatchTopology limits = LimitsOf(NetworkLayout.Open(invocation));
        if (areOriginal && Differ(limits, OriginalLimits))
            throw new CommandFault(
                ExitCode.Usage,
                $"the network in {invocation.Folder} cuts blocks after {Describe(limits)}; --original-limits needs " +
                $"{Describe(OriginalLimits)}. Name a new folder: --dir DIR --start.");
    }

    public static string Describe(BatchTopology limits) =>
        $"{limits.MaxMessageCount} messages, {limits.PreferredMaxBytes >> 10} KiB or " +
        $"{limits.Timeout.TotalSeconds:0.##} s";

    /// <summary>Of the channel that experiments write to.</summary>
    public static BatchTopology LimitsOf(NetworkLayout layout) =>
        layout.Topology.Channels.First(channel => channel.Id.Value == NetworkSession.DefaultChannel).Batch;

    private static bool Differ(BatchTopology one, BatchTopology other) =>
        one.MaxMessageCount != other.MaxMessageCount || one.PreferredMaxBytes != other.PreferredMaxBytes
        || one.Timeout != other.Timeout;
}
