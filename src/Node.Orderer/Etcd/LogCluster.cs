using System.Globalization;
using Grpc.Core;
using Node.Hosting.Tls;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>One etcd member of the cluster that keeps the ordered log.</summary>
/// <param name="Name">Of the orderer that runs it; empty as long as it has not started.</param>
/// <param name="State">"leader", "voter", "learner", "not started" or "unreachable".</param>
public sealed record LogMember(string Id, string Name, string PeerUrl, string ClientUrl, string State)
{
    public bool Votes => State is "leader" or "voter" or "unreachable";

    public bool Answers => State is "leader" or "voter" or "learner";
}

/// <summary>The members of the cluster that keeps the ordered log, for whoever administers it.</summary>
/// <remarks>
/// One change at a time; a change that would leave no majority of answering voters is refused. Every call may be
/// repeated: what is done already is left alone. Any thread.
/// </remarks>
public sealed class LogCluster : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_askTimeout = TimeSpan.FromSeconds(3);

    private readonly EtcdClient _client;
    private readonly EtcdOptions _options;
    private readonly ServerIdentity? _identity;
    private readonly TimeProvider _clock;

    /// <param name="options">Endpoints and TLS files; a member of its own is not looked at.</param>
    /// <exception cref="ArgumentException">The TLS files cannot be used.</exception>
    public LogCluster(EtcdOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _identity = options.Tls is { } files ? ServerIdentity.Load(files.CertificateFile, files.KeyFile) : null;
        _client = new EtcdClient(
            [.. options.Endpoints.Select(url => new EtcdEndpoint(new Uri(url), _identity, options.Tls, clock))], clock);
    }

    /// <exception cref="StorageFailedException">No member answers.</exception>
    public async Task<IReadOnlyList<LogMember>> ListAsync(CancellationToken cancellation)
    {
        MemberListResponse list = await _client.MembersAsync(s_patience, cancellation);
        return await Task.WhenAll(list.Members.Select(member => DescribeAsync(member, cancellation)));
    }

    /// <summary>Adds a member that does not vote until it is in sync; its orderer sees to that once it runs.</summary>
    /// <returns>Why it is refused; null when it is there.</returns>
    public async Task<string?> AddAsync(string peerUrl, CancellationToken cancellation)
    {
        IReadOnlyList<LogMember> members = await ListAsync(cancellation);
        if (members.Any(member => IsAt(member, peerUrl)))
            return null;
        if (FaultOfChange(members, except: null) is { } refusal)
            return refusal;

        await ChangeAsync(
            () => _client.AddLearnerAsync(peerUrl, s_patience, cancellation),
            now => now.Any(member => IsAt(member, peerUrl)),
            cancellation);
        return null;
    }

    /// <summary>Why a member may not be removed now; null when it may, or is gone.</summary>
    public async Task<string?> FindFaultOfRemovalAsync(string peerUrl, CancellationToken cancellation)
    {
        IReadOnlyList<LogMember> members = await ListAsync(cancellation);
        return members.FirstOrDefault(member => IsAt(member, peerUrl)) is { } leaving
            ? FaultOfChange(members, except: leaving)
            : null;
    }

    /// <summary>Removes a member: its orderer's etcd ends, and does not start again.</summary>
    /// <returns>Why it is refused; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(string peerUrl, CancellationToken cancellation)
    {
        IReadOnlyList<LogMember> members = await ListAsync(cancellation);
        if (members.FirstOrDefault(member => IsAt(member, peerUrl)) is not { } leaving)
            return null;
        if (FaultOfChange(members, except: leaving) is { } refusal)
            return refusal;

        // A leader that hands over first costs the others no election.
        if (leaving.State == "leader")
            await HandOverAsync(leaving, members, cancellation);

        await ChangeAsync(
            () => _client.RemoveMemberAsync(IdOf(leaving), s_patience, cancellation),
            now => !now.Any(member => IsAt(member, peerUrl)),
            cancellation);
        return null;
    }

    /// <summary>The log waits for an orderer no longer that is gone for good.</summary>
    public async Task ForgetAsync(string orderer, ChannelId channel, CancellationToken cancellation)
    {
        var keys = new EtcdKeys(channel);
        var forget = new TxnRequest { Success = { EtcdSpace.Delete(keys.DurableOf(orderer)) } };
        await _client.TransactAsync(forget, s_patience, cancellation);
    }

    public void Dispose() => _client.Dispose();

    // A change whose answer is lost is asked for again, and then refused since it was made.
    private async Task ChangeAsync(
        Func<Task> change, Func<IReadOnlyList<LogMember>, bool> isMade, CancellationToken cancellation)
    {
        try
        {
            await change();
        }
        catch (StorageFailedException) when (!cancellation.IsCancellationRequested)
        {
            if (!isMade(await ListAsync(cancellation)))
                throw;
        }
    }

    // Null when the change may be made now.
    private static string? FaultOfChange(IReadOnlyList<LogMember> members, LogMember? except)
    {
        LogMember[] others = [.. members.Where(member => member != except)];
        if (others.FirstOrDefault(member => !member.Votes) is { } changing)
        {
            return $"another change is in flight: the member at {changing.PeerUrl} is {changing.State}. Finish it, or "
                + "remove that one first";
        }

        if (except is { Votes: false })
            return null;
        if (others.Length == 0)
            return "it is the only member, which keeps the whole log";

        int voters = others.Length + (except is null ? 1 : 0);
        int needed = (voters / 2) + 1;
        int answering = others.Count(member => member.Answers);
        return answering >= needed
            ? null
            : $"of the {voters} members there would be then, {needed} must answer, and only {answering} do: start the "
                + "others first";
    }

    private async Task<LogMember> DescribeAsync(Member member, CancellationToken cancellation)
    {
        string state = "not started";
        if (member.ClientURLs.Count > 0)
            state = await StateAsync(member, cancellation);

        return new LogMember(
            member.ID.ToString("x", CultureInfo.InvariantCulture), member.Name, member.PeerURLs.FirstOrDefault() ?? "",
            member.ClientURLs.FirstOrDefault() ?? "", state);
    }

    private async Task<string> StateAsync(Member member, CancellationToken cancellation)
    {
        using var endpoint = new EtcdEndpoint(new Uri(member.ClientURLs[0]), _identity, _options.Tls, _clock);
        try
        {
            DateTime deadline = _clock.GetUtcNow().UtcDateTime + s_askTimeout;
            StatusResponse status = await endpoint.Upkeep.StatusAsync(
                new StatusRequest(), new CallOptions(deadline: deadline, cancellationToken: cancellation));
            return member.IsLearner ? "learner" : status.Leader == member.ID ? "leader" : "voter";
        }
        catch (RpcException failure) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Message, failure, cancellation);
        }
        catch (RpcException)
        {
            return member.IsLearner ? "learner" : "unreachable";
        }
    }

    private async Task HandOverAsync(
        LogMember leader, IReadOnlyList<LogMember> members, CancellationToken cancellation)
    {
        if (members.FirstOrDefault(member => member.State == "voter") is not { } next)
            return;

        using var endpoint = new EtcdEndpoint(new Uri(leader.ClientUrl), _identity, _options.Tls, _clock);
        try
        {
            DateTime deadline = _clock.GetUtcNow().UtcDateTime + s_patience;
            await endpoint.Upkeep.MoveLeaderAsync(
                new MoveLeaderRequest { TargetID = IdOf(next) },
                new CallOptions(deadline: deadline, cancellationToken: cancellation));
        }
        catch (RpcException) when (!cancellation.IsCancellationRequested)
        {
            // Then the others elect one when it is gone.
        }
    }

    private static bool IsAt(LogMember member, string peerUrl) => new Uri(member.PeerUrl) == new Uri(peerUrl);

    private static ulong IdOf(LogMember member) =>
        ulong.Parse(member.Id, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
