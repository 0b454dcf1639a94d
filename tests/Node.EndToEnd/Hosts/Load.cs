using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Node.Client;
using Node.Protocol;

namespace Node.EndToEnd.Hosts;

/// <summary>What one client was told about one transaction. Times are the test's own clock's, 0 for never.</summary>
internal sealed class LoadRecord(string peer, TxId id, long beganAt)
{
    public string Peer => peer;

    public TxId Id => id;

    public long BeganAt => beganAt;

    /// <summary>Submit returned: the transaction has its durable place in the order.</summary>
    public long AcknowledgedAt { get; set; }

    /// <summary>CommitStatus returned.</summary>
    public long CommittedAt { get; set; }

    public CommitStatus? Status { get; set; }

    /// <summary>Why it went no further.</summary>
    public string? Fault { get; set; }
}

/// <summary>
/// Clients at every peer, each beginning so many transactions a second whether or not earlier ones are answered.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private const int InFlightMax = 400;   // Of one client: twenty seconds' worth that hangs.
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(20);
    private static int s_loads;

    private readonly IReadOnlyList<HostedClient> _clients;
    private readonly ConcurrentQueue<LoadRecord> _records = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly int _number = Interlocked.Increment(ref s_loads);
    private readonly Task _running;

    private Load(IReadOnlyList<HostedClient> clients)
    {
        _clients = clients;
        _running = Task.WhenAll(clients.Select(RunAsync));
    }

    public static TimeProvider Clock => TimeProvider.System;

    public IReadOnlyCollection<LoadRecord> Records => _records;

    public static Load Start(IReadOnlyList<HostedClient> clients) => new(clients);

    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Begins no more, and waits for what is under way.</summary>
    public async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Until every client has seen so many commits of transactions that it began from now on.</summary>
    /// <returns>How long the slowest client's first commit took.</returns>
    public async Task<TimeSpan> UntilCommitsAsync(IReadOnlyList<string> peers, int commits, TimeSpan limit)
    {
        long since = Clock.GetTimestamp();
        await Wait.UntilAsync(
            () => peers.All(peer => CommitsSince(peer, since) >= commits), limit,
            () => $"{commits} commits at each peer; there are "
                + string.Join(", ", peers.Select(peer => FormattableString.Invariant(
                    $"{CommitsSince(peer, since)} at {peer}")))
                + $". Refusals: {Faults(since)}");
        return FirstCommitAfter(peers, since);
    }

    /// <summary>From an instant to the slowest peer's first commit of a transaction that began after it.</summary>
    public TimeSpan FirstCommitAfter(IReadOnlyList<string> peers, long instant) => peers.Max(peer =>
        _records.Where(record => record.Peer == peer && record.BeganAt >= instant && record.CommittedAt > 0)
            .Select(record => Clock.GetElapsedTime(instant, record.CommittedAt))
            .DefaultIfEmpty(TimeSpan.MaxValue).Min());

    public string Faults(long since) => string.Join(" | ", _records
        .Where(record => record.BeganAt >= since && record.Fault is not null)
        .GroupBy(record => $"{record.Peer}: {Shorten(record)}")
        .Select(group => $"{group.Count()}x {group.Key}").Take(12));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private int CommitsSince(string peer, long since) =>
        _records.Count(record => record.Peer == peer && record.BeganAt >= since && record.CommittedAt > 0);

    private static string Shorten(LoadRecord record)
    {
        string fault = (record.Fault ?? "").Replace(record.Id.Value, "…", StringComparison.Ordinal);
        return fault.Length > 300 ? fault[..300] : fault;
    }

    private async Task RunAsync(HostedClient client)
    {
        var inFlight = new List<Task>();
        using var timer = new PeriodicTimer(s_every, Clock);
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            inFlight.RemoveAll(task => task.IsCompleted);
            if (inFlight.Count < InFlightMax)
                inFlight.Add(WriteAsync(client, FormattableString.Invariant($"load-{_number}-{client.Peer}-{i}")));

            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await Task.WhenAll(inFlight);
    }

    private async Task WriteAsync(HostedClient client, string key)
    {
        string checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        Proposal proposal = client.Contract.NewProposal("set", key, checksum, "file://store", key);
        var record = new LoadRecord(client.Peer, proposal.TransactionId, Clock.GetTimestamp());
        _records.Enqueue(record);
        try
        {
            using var limit = new CancellationTokenSource(s_callTimeout, Clock);
            Transaction transaction = await proposal.EndorseAsync(limit.Token);
            Commit commit = await transaction.SubmitAsync(limit.Token);
            record.AcknowledgedAt = Clock.GetTimestamp();
            record.Status = await commit.GetStatusAsync(limit.Token);
            record.CommittedAt = Clock.GetTimestamp();
        }
        catch (Exception e) when (e is GatewayException or PeerUnreachableException or OperationCanceledException)
        {
            // It may be on the ledger or not, unless Submit had returned.
            record.Fault = $"{(record.AcknowledgedAt == 0 ? "not acknowledged" : "acknowledged")}: {e.Message}";
        }
    }
}
