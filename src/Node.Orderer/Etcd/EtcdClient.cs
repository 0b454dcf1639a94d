using Grpc.Core;
using Node.Orderer.Etcd.Wire;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>Speaks to an etcd cluster: the next member when one does not answer, within bounds of time.</summary>
/// <remarks>
/// Any thread. Every request made here may be repeated: it reads, or its condition tells whether it was done already.
/// Members are asked to refuse while they see no leader, so that one that is cut off says so at once. A request that
/// went out under a leader that is one no longer is repeated as soon as the member knows the next one.
/// </remarks>
internal sealed class EtcdClient(IReadOnlyList<EtcdEndpoint> endpoints, TimeProvider clock) : IDisposable
{
    /// <summary>How long one member may take for one request.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2);

    // So long a member that did not answer is passed over while others do: each try would cost an attempt's time.
    private static readonly TimeSpan s_silenceRemembered = TimeSpan.FromSeconds(30);

    // So long others are asked once our own member, the first, failed. It is on this machine: it cannot be cut off from
    // us, and what comes from it needs no ping to be known as alive.
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(1);

    // So often a member that takes its time is asked whether it follows another leader meanwhile.
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(200);

    // It says so from memory: another one that has not by then is silent, whatever its own work takes.
    private static readonly TimeSpan s_lookTimeout = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly Metadata s_hasLeader = new() { { "hasleader", "true" } };

    private int _current;
    private long _leftHomeAt;
    private ulong _term;   // The newest that a member told of.

    /// <summary>host:port of all members, for messages.</summary>
    public string Addresses { get; } = string.Join(", ", endpoints.Select(endpoint => endpoint.Address));

    public IReadOnlyList<EtcdEndpoint> Endpoints => endpoints;

    public Task<TxnResponse> TransactAsync(TxnRequest request, TimeSpan patience, CancellationToken cancellation) =>
        CallAsync("transact", (endpoint, options) => endpoint.Keys.TxnAsync(request, options), patience, cancellation);

    public Task<RangeResponse> RangeAsync(RangeRequest request, TimeSpan patience, CancellationToken cancellation) =>
        CallAsync("read", (endpoint, options) => endpoint.Keys.RangeAsync(request, options), patience, cancellation);

    public async Task CompactAsync(long revision, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(
                "compact",
                (endpoint, options) =>
                    endpoint.Keys.CompactAsync(new CompactionRequest { Revision = revision }, options),
                patience,
                cancellation);
        }
        catch (StorageFailedException failure)
            when (failure.InnerException is RpcException { StatusCode: StatusCode.OutOfRange })
        {
            // Another orderer was first, and went further.
        }
    }

    public Task<MemberListResponse> MembersAsync(TimeSpan patience, CancellationToken cancellation) => CallAsync(
        "list the members",
        (endpoint, options) => endpoint.Cluster.MemberListAsync(new MemberListRequest(), options),
        patience,
        cancellation);

    public Task<MemberAddResponse> AddLearnerAsync(
        string peerUrl, TimeSpan patience, CancellationToken cancellation) => CallAsync(
        "add a member",
        (endpoint, options) => endpoint.Cluster.MemberAddAsync(
            new MemberAddRequest { PeerURLs = { peerUrl }, IsLearner = true }, options),
        patience,
        cancellation);

    public Task<MemberRemoveResponse> RemoveMemberAsync(
        ulong id, TimeSpan patience, CancellationToken cancellation) => CallAsync(
        "remove a member",
        (endpoint, options) => endpoint.Cluster.MemberRemoveAsync(new MemberRemoveRequest { ID = id }, options),
        patience,
        cancellation);

    /// <summary>Whether this is what a failed call says when the log has used up its quota.</summary>
    public static bool IsFull(StorageFailedException failure) =>
        failure.InnerException is RpcException { StatusCode: StatusCode.ResourceExhausted } refusal
        && refusal.Status.Detail.Contains("space exceeded", StringComparison.Ordinal);

    /// <summary>Opens a watch at our own member, or at whichever answered last.</summary>
    /// <remarks>
    /// Another one's watch ends after a second, since a member that falls silent looks like one with nothing to
    /// tell.
    /// </remarks>
    public EtcdWatch Watch(WatchCreateRequest request, CancellationToken cancellation)
    {
        EtcdEndpoint endpoint = Current;
        var life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (endpoint != endpoints[0])
            life.CancelAfter(s_away);

        var call = endpoint.Watches.Watch(new CallOptions(s_hasLeader, cancellationToken: life.Token));
        return new EtcdWatch(call, request, life, () => Leave(endpoint, isSilent: false));
    }

    public void Dispose()
    {
        foreach (EtcdEndpoint endpoint in endpoints)
            endpoint.Dispose();
    }

    private EtcdEndpoint Current
    {
        get
        {
            int current = Volatile.Read(ref _current);
            if (current != 0 && clock.GetElapsedTime(Volatile.Read(ref _leftHomeAt)) >= s_away)
                Interlocked.CompareExchange(ref _current, 0, current);

            return endpoints[Volatile.Read(ref _current) % endpoints.Count];
        }
    }

    private async Task<T> CallAsync<T>(
        string operation,
        Func<EtcdEndpoint, CallOptions, AsyncUnaryCall<T>> call,
        TimeSpan patience,
        CancellationToken cancellation)
    {
        long began = clock.GetTimestamp();
        while (true)
        {
            EtcdEndpoint endpoint = Current;
            try
            {
                ulong term = Volatile.Read(ref _term);
                using AsyncUnaryCall<T> attempt = call(
                    endpoint, new CallOptions(s_hasLeader, DeadlineIn(AttemptTimeout), cancellation));
                if (await IsAnsweredAsync(attempt.ResponseAsync, endpoint, term, cancellation))
                    return await attempt.ResponseAsync;

                continue;
            }
            catch (RpcException failure) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(failure.Message, failure, cancellation);
            }
            catch (RpcException failure) when (IsPassing(failure) && clock.GetElapsedTime(began) < patience)
            {
                Leave(endpoint, IsSilent(endpoint, failure));
            }
            catch (RpcException failure)
            {
                throw new StorageFailedException(
                    operation, $"etcd ({Addresses})", $"{endpoint.Address}: {failure.Status.Detail}", failure);
            }

            await Task.Delay(s_retryDelay, clock, cancellation);
        }
    }

    private DateTime DeadlineIn(TimeSpan span) => clock.GetUtcNow().UtcDateTime + span;

    // False when the member follows another leader than it did before the request: what it passed on to the last one is
    // lost most of the time, and the member itself would wait for it for seconds.
    private async Task<bool> IsAnsweredAsync(
        Task response, EtcdEndpoint endpoint, ulong term, CancellationToken cancellation)
    {
        while (true)
        {
            Task look = Task.Delay(s_lookEvery, clock, cancellation);
            if (await Task.WhenAny(response, look) == response || cancellation.IsCancellationRequested)
                return true;
            if (await LedTermAsync(endpoint, cancellation) is not { } now || now <= term)
                continue;

            Volatile.Write(ref _term, Math.Max(now, Volatile.Read(ref _term)));
            if (!response.IsCompleted)
                return false;
        }
    }

    // Null while it sees no leader, or does not say. Another one than ours that is silent fails the request.
    private async Task<ulong?> LedTermAsync(EtcdEndpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(deadline: DeadlineIn(s_lookTimeout), cancellationToken: cancellation);
            StatusResponse status = await endpoint.Upkeep.StatusAsync(new StatusRequest(), options);
            return status.Leader == 0 ? null : status.Header.RaftTerm;
        }
        catch (RpcException failure) when (endpoint == endpoints[0] || !IsPassing(failure))
        {
            return null;
        }
    }

    // Whoever comes first moves everybody on; the others have moved already.
    private void Leave(EtcdEndpoint endpoint, bool isSilent)
    {
        endpoint.SilentSince = isSilent ? clock.GetTimestamp() : null;
        if (endpoint == endpoints[0])
            Volatile.Write(ref _leftHomeAt, clock.GetTimestamp());

        int current = Volatile.Read(ref _current);
        if (endpoints[current % endpoints.Count] != endpoint)
            return;

        // Itself as well: a member that answers, if only that it sees no leader, will hear of one before a member does
        // that nobody reaches.
        for (int step = 1; step <= endpoints.Count; step++)
        {
            int next = (current + step) % endpoints.Count;
            if (endpoints[next].SilentSince is { } since && clock.GetElapsedTime(since) < s_silenceRemembered)
                continue;

            Interlocked.CompareExchange(ref _current, next, current);
            return;
        }

        Interlocked.CompareExchange(ref _current, (current + 1) % endpoints.Count, current);
    }

    // Our own member, the first one, is there when it takes its time: it waits for a leader.
    private bool IsSilent(EtcdEndpoint endpoint, RpcException failure) =>
        !failure.Status.Detail.StartsWith("etcdserver:", StringComparison.Ordinal)
        && !(endpoint == endpoints[0] && failure.StatusCode == StatusCode.DeadlineExceeded);

    private static bool IsPassing(RpcException failure) =>
        failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled
            or StatusCode.Internal or StatusCode.Unknown;
}
