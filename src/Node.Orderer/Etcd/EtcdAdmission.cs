using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Node.Hosting.Tls;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>How this orderer's member may start, if at all.</summary>
/// <param name="Reason">Why it may not; null when it may.</param>
/// <param name="IsNew">Begins the cluster together with the others.</param>
/// <param name="Members">Name to peer URL, as the flag initial-cluster wants them.</param>
internal sealed record Admission(string? Reason, bool IsNew, IReadOnlyDictionary<string, string> Members);

/// <summary>Asks the other members, before this orderer's member starts, whether and as what it takes part.</summary>
/// <remarks>
/// A member that was removed does not start again; one that was added joins as a learner, and becomes a voter when it
/// is in sync. One whose data are lost, or are an old copy of the disk, must not vote with them: it could elect a
/// leader that lacks entries which were acknowledged with its help. It leaves the cluster and joins it anew, which the
/// others agree to only as long as they are a majority without it. An old copy is recognised by the orderer's blocks,
/// which end before the position that it had told the others they reach. When no other member answers, it starts as it
/// is: after a power cut all of them do. One caller.
/// </remarks>
/// <param name="tips">Where the blocks of each channel end, before anything was told to the others.</param>
internal sealed class EtcdAdmission(
    EtcdOptions options, EtcdMemberOptions member,
    Func<CancellationToken, Task<IReadOnlyDictionary<ChannelId, LogPosition>>> tips,
    ILogger logger, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_askTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_changeTimeout = TimeSpan.FromSeconds(5);

    private readonly ServerIdentity? _identity =
        options.Tls is { } files ? ServerIdentity.Load(files.CertificateFile, files.KeyFile) : null;

    private EtcdEndpoint[]? _endpoints;
    private EtcdPeers? _peers;
    private bool _isLearner;
    private bool _isFirst = true;

    private EtcdEndpoint[] Others => _endpoints ??=
    [
        .. options.Endpoints.Where(url => new Uri(url) != new Uri(member.ClientUrl))
            .Select(url => new EtcdEndpoint(new Uri(url), _identity, options.Tls, clock)),
    ];

    private EtcdPeers Peers => _peers ??= new EtcdPeers(options, member, _identity, clock);

    private string Data => Path.Combine(member.DataFolder, "data");

    // The member's id in the cluster, hex, beside its data.
    private string IdFile => Path.Combine(member.DataFolder, "member-id");

    // There while this member leaves the cluster in order to join it anew.
    private string RejoinFile => Path.Combine(member.DataFolder, "rejoins");

    public async Task<Admission> DecideAsync(CancellationToken cancellation)
    {
        bool first = _isFirst;
        _isFirst = false;
        Directory.CreateDirectory(member.DataFolder);
        bool hasData = Directory.Exists(Path.Combine(Data, "member"));
        if (await Peers.AskAsync(cancellation) is not { } list)
            return new Admission(Reason: null, IsNew: !member.JoinsExisting, member.InitialCluster);
        if (list.FirstOrDefault(one => one.PeerURLs.Any(IsOurs)) is not { } own)
            return await JoinAgainAsync(hasData, cancellation);

        _isLearner = own.IsLearner;
        if (hasData && File.Exists(IdFile) && await File.ReadAllTextAsync(IdFile, cancellation) != Text(own.ID))
        {
            SetAside();   // Of an earlier membership, which ended while this orderer was away.
            hasData = false;
        }

        bool hasStarted = own.ClientURLs.Count > 0;
        if (!hasStarted && own.Name.Length > 0)
            return new Admission(Reason: null, IsNew: true, member.InitialCluster);

        string? doubt = !hasStarted ? null
            : !hasData ? "its data folder is empty"
            : first ? await FindOldCopyAsync(cancellation) : null;
        if (doubt is not null)
            return await ReplaceAsync(own, doubt, cancellation);

        await File.WriteAllTextAsync(IdFile, Text(own.ID), cancellation);
        return new Admission(Reason: null, IsNew: false, Joining(list));
    }

    /// <summary>Makes a voter of this member when it is a learner and in sync. Called from time to time.</summary>
    public async Task PromoteAsync(CancellationToken cancellation)
    {
        if (!_isLearner || await Peers.AskAsync(cancellation) is not { } list)
            return;

        Member? own = list.FirstOrDefault(one => one.PeerURLs.Any(IsOurs));
        _isLearner = own?.IsLearner ?? false;
        if (own is null || !_isLearner)
            return;

        var promotion = new MemberPromoteRequest { ID = own.ID };
        (MemberPromoteResponse? done, _) = await TryEachAsync(
            (other, call) => other.Cluster.MemberPromoteAsync(promotion, call), cancellation);
        if (done is null)
            return;   // Not in sync yet.

        _isLearner = false;
        OrdererLog.MemberPromoted(logger, options.Name);
    }

    /// <summary>Finds out whether a member that was taken over is a learner.</summary>
    public async Task LookAsync(CancellationToken cancellation) =>
        _isLearner = await Peers.AskAsync(cancellation) is { } list
            && list.Any(one => one.IsLearner && one.PeerURLs.Any(IsOurs));

    public void Dispose()
    {
        _peers?.Dispose();
        foreach (EtcdEndpoint other in _endpoints ?? [])
            other.Dispose();
    }

    private async Task<Admission> JoinAgainAsync(bool hasData, CancellationToken cancellation)
    {
        if (hasData)
            SetAside();
        if (!File.Exists(RejoinFile))
        {
            return Refuse(
                $"the cluster has no member at {member.PeerUrl}: this orderer was removed from it, or not added yet. "
                + $"Add it with: hyperprov orderer add {options.Name}");
        }

        var request = new MemberAddRequest { PeerURLs = { member.PeerUrl }, IsLearner = true };
        (MemberAddResponse? added, string fault) = await TryEachAsync(
            (other, call) => other.Cluster.MemberAddAsync(request, call), cancellation);
        if (added is null)
            return Refuse($"the other members do not take it in again now: {fault}");

        File.Delete(RejoinFile);
        _isLearner = true;
        await File.WriteAllTextAsync(IdFile, Text(added.Member.ID), cancellation);
        return new Admission(Reason: null, IsNew: false, Joining(added.Members));
    }

    private async Task<Admission> ReplaceAsync(Member own, string doubt, CancellationToken cancellation)
    {
        OrdererLog.MemberReplaced(logger, options.Name, doubt);
        await File.WriteAllTextAsync(RejoinFile, doubt, cancellation);
        var removal = new MemberRemoveRequest { ID = own.ID };
        (MemberRemoveResponse? removed, string fault) = await TryEachAsync(
            (other, call) => other.Cluster.MemberRemoveAsync(removal, call), cancellation);
        if (removed is null)
        {
            return Refuse(
                $"{doubt}, so it must join the cluster anew, and a majority of the other members is needed for that: "
                + fault);
        }

        return await JoinAgainAsync(Directory.Exists(Path.Combine(Data, "member")), cancellation);
    }

    // The others know how far our blocks were durable. Blocks that end earlier are those of an older disk.
    private async Task<string?> FindOldCopyAsync(CancellationToken cancellation)
    {
        foreach ((ChannelId channel, LogPosition tip) in await tips(cancellation))
        {
            var keys = new EtcdKeys(channel);
            var read = new RangeRequest { Key = keys.DurableOf(options.Name), Serializable = true };
            foreach (EtcdEndpoint other in Others)
            {
                (RangeResponse? found, _) = await TryAsync(
                    other, s_askTimeout, (one, call) => one.Keys.RangeAsync(read, call), cancellation);
                if (found is { Kvs: [var mark, ..] } && EtcdKeys.TryDecode(mark.Value, out LogPosition told)
                    && told > tip)
                {
                    return $"its blocks of channel {channel} end at position {tip}, and it had told the others that "
                        + $"they reach {told}: the disk was restored from an old copy";
                }
            }
        }

        return null;
    }

    private async Task<(T? Answer, string Fault)> TryEachAsync<T>(
        Func<EtcdEndpoint, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation)
        where T : class
    {
        string faults = "none is configured";
        foreach (EtcdEndpoint other in Others)
        {
            (T? answer, string fault) = await TryAsync(other, s_changeTimeout, call, cancellation);
            if (answer is not null)
                return (answer, "");

            faults = $"{other.Address}: {fault}";
        }

        return (null, faults);
    }

    private async Task<(T? Answer, string Fault)> TryAsync<T>(
        EtcdEndpoint other, TimeSpan timeout, Func<EtcdEndpoint, CallOptions, AsyncUnaryCall<T>> call,
        CancellationToken cancellation)
        where T : class
    {
        try
        {
            DateTime deadline = clock.GetUtcNow().UtcDateTime + timeout;
            using AsyncUnaryCall<T> attempt =
                call(other, new CallOptions(deadline: deadline, cancellationToken: cancellation));
            return (await attempt.ResponseAsync, "");
        }
        catch (RpcException failure) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Message, failure, cancellation);
        }
        catch (RpcException failure)
        {
            return (null, failure.Status.Detail);
        }
    }

    // Not deleted: whoever asks why finds what was there. One copy is kept.
    private void SetAside()
    {
        string aside = Data + ".left";
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);

        Directory.Move(Data, aside);
        File.Delete(IdFile);
    }

    private Dictionary<string, string> Joining(IEnumerable<Member> members) => members.ToDictionary(
        one => one.Name.Length > 0 && !one.PeerURLs.Any(IsOurs) ? one.Name
            : one.PeerURLs.Any(IsOurs) ? options.Name : Text(one.ID),
        one => one.PeerURLs[0],
        StringComparer.Ordinal);

    private bool IsOurs(string url) => new Uri(url) == new Uri(member.PeerUrl);

    private static Admission Refuse(string reason) =>
        new(reason, IsNew: false, new Dictionary<string, string>());

    private static string Text(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);
}
