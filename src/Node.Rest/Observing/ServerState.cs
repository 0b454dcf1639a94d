using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Node.Client;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Identities;
using Node.Rest.Ledgers;
using Node.Rest.Problems;

namespace Node.Rest.Observing;

internal sealed record HealthView(string Status, string? Reason);

/// <summary>What runs here, and what it bounds.</summary>
internal sealed record VersionView(string Version, string Api, string Channel, string Contract, LimitsView Limits);

/// <summary>The limits that a caller meets.</summary>
internal sealed record LimitsView(
    long UploadBytes,
    int JsonBytes,
    int BatchRecords,
    int PageRecords,
    int RequestsPerSecond,
    int ConcurrentRequests,
    int EventStreams);

/// <summary>Operations about the server itself. They need no credentials.</summary>
internal sealed class ServerState(
    RestChannel channel, LimitsView limits, RestMetrics metrics, Func<CallerSession> own, CancellationToken stopping)
{
    private const string Tag = "Server";

    private static readonly TimeSpan s_peerTimeout = TimeSpan.FromSeconds(2);

    public IEnumerable<Operation> Operations() =>
    [
        Open("/healthz", "getHealth", "Whether the server and its peer work", ReadyAsync),
        Open("/livez", "getLiveness", "Whether the server runs", call => SayAsync(call, fault: null)),
        Open("/readyz", "getReadiness", "Whether requests can be carried out: the peer answers", ReadyAsync),
        new("GET", "/version", "getVersion", "Version and limits", VersionAsync)
        {
            Tag = Tag,
            IsOpen = true,
            Answers = [Answer.Json(200, "What runs here", typeof(VersionView))],
        },
        new("GET", "/metrics", "getMetrics", "Counts for Prometheus, told to this machine alone", Metrics)
        {
            Tag = Tag,
            IsOpen = true,
            Answers = [Answer.Bytes("The text format, version 0.0.4", "text/plain")],
        },
    ];

    private static Operation Open(string path, string id, string summary, Func<Call, Task> run) =>
        new("GET", path, id, summary, run)
        {
            Tag = Tag,
            IsOpen = true,
            Answers = [Answer.Json(200, "Yes", typeof(HealthView)), Answer.Json(503, "No", typeof(HealthView))],
        };

    private async Task ReadyAsync(Call call)
    {
        if (stopping.IsCancellationRequested)
        {
            await SayAsync(call, "the server stops");
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        limit.CancelAfter(s_peerTimeout);
        try
        {
            await LedgerReading.HeightAsync(own(), channel, limit.Token);
            await SayAsync(call, fault: null);
        }
        catch (OperationCanceledException) when (!call.Cancellation.IsCancellationRequested)
        {
            await SayAsync(
                call, FormattableString.Invariant($"the peer did not answer within {s_peerTimeout.TotalSeconds} s"));
        }
        catch (Exception e) when (
            e is GatewayException or PeerUnreachableException or NetworkFolderException or RequestFault)
        {
            await SayAsync(call, e.Message);
        }
    }

    private static Task SayAsync(Call call, string? fault) => call.WriteJsonAsync(
        fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
        new HealthView(fault is null ? "OK" : "Service Unavailable", fault), RestJson.Api.HealthView);

    private Task VersionAsync(Call call)
    {
        string version = Assembly.GetExecutingAssembly()
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return call.WriteJsonAsync(
            StatusCodes.Status200OK, new VersionView(version, "v1", channel.Id.Value, channel.Contract, limits),
            RestJson.Api.VersionView);
    }

    private Task Metrics(Call call)
    {
        IPAddress? remote = call.Context.Connection.RemoteIpAddress;
        return remote is not null && IPAddress.IsLoopback(remote)
            ? call.WriteTextAsync("text/plain; version=0.0.4; charset=utf-8", metrics.Print())
            : throw new RequestFault(new Problem(
                ProblemKind.Forbidden, "Metrics are told to this machine alone.")
            {
                Next = "Read them on the machine that runs the server.",
            });
    }
}
