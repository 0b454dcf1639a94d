using Node.Testing.Time;
using Xunit.Abstractions;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// One day of the hosted network: clients write at every peer while things happen, and then all is looked at.
/// </summary>
internal sealed class Day(HostedNetwork network, ITestOutputHelper output)
{
    /// <summary>For what must happen, however busy the machine is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_resumeMax = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<string> Peers { get; } = [.. HostedTopology.Peers.Select(peer => peer.Name)];

    /// <param name="name">Of the folder that logs are kept in when it ends badly.</param>
    public async Task LiveThroughAsync(Func<Load, Task> day, string name)
    {
        await network.MakeWellAsync();
        await using Load load = Load.Start(network.Clients);
        try
        {
            await load.UntilCommitsAsync(Peers, commits: 20, Patience);
            await day(load);
            if (!load.IsStopped)
                await load.UntilCommitsAsync(Peers, commits: 20, Patience);

            await load.StopAsync();
            await network.Checks.RequireAllAsync(load);
        }
        catch
        {
            output.WriteLine($"What every node said is in {network.KeepLogs(name)}");
            throw;
        }

        int acknowledged = load.Records.Count(record => record.AcknowledgedAt > 0);
        int committed = load.Records.Count(record => record.CommittedAt > 0);
        output.WriteLine(
            $"{load.Records.Count} transactions, {acknowledged} acknowledged, {committed} told of their commit. " +
            load.Faults(since: 0));
    }

    /// <summary>Requires the slowest client's next commit within three seconds of an instant.</summary>
    public Task ResumedAsync(Load load, long since, string what) => ResumedAsync(load, since, Peers, what);

    /// <inheritdoc cref="ResumedAsync(Load, long, string)"/>
    /// <param name="peers">Whose clients count.</param>
    public async Task ResumedAsync(Load load, long since, IReadOnlyList<string> peers, string what)
    {
        await Wait.UntilAsync(
            () => load.FirstCommitAfter(peers, since) < TimeSpan.MaxValue, Patience,
            () => $"commits after {what}: {load.Faults(since)}");
        TimeSpan took = load.FirstCommitAfter(peers, since);
        output.WriteLine($"{took.TotalSeconds:0.00} s after {what} the slowest client had its next commit.");
        TimeSpan limit = s_resumeMax * Crowd.Factor();
        Assert.True(took <= limit, $"commits resumed {took} after {what}, the limit is {limit}: {load.Faults(since)}");
    }
}
