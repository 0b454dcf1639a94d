using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Hosting.Tls;
using Node.Orderer.Etcd.Wire;
using Node.Orderer.Hosting;

namespace Node.Orderer.Etcd;

/// <summary>Asks the other members who belongs to the cluster, where members ask each other.</summary>
/// <remarks>
/// At their peer URLs members answer from their first moment on; at their client URLs only once there is a leader,
/// which the members of a cluster that begins would wait for in a circle.
/// </remarks>
internal sealed partial class EtcdPeers : IDisposable
{
    // A machine that is starting everything at once takes its time for the first handshake.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly (Uri Address, HttpClient Client)[] _others;

    /// <param name="own">What <see cref="EtcdOptions.Tls"/> names; null without TLS.</param>
    public EtcdPeers(EtcdOptions options, EtcdMemberOptions member, ServerIdentity? own, TimeProvider clock)
    {
        _others =
        [
            .. member.InitialCluster.Values.Select(url => new Uri(url))
                .Where(url => url != new Uri(member.PeerUrl))
                .Select(url => (
                    new Uri(url, "/members"),
                    new HttpClient(EtcdChannel.Transport(url, own, options.Tls, clock)) { Timeout = s_timeout })),
        ];
    }

    /// <summary>The members, as the first one says that answers; null when nobody does.</summary>
    public async Task<IReadOnlyList<Member>?> AskAsync(CancellationToken cancellation)
    {
        List<Task<IReadOnlyList<Member>?>> asked = [.. _others.Select(other => AskAsync(other, cancellation))];
        while (asked.Count > 0)
        {
            Task<IReadOnlyList<Member>?> first = await Task.WhenAny(asked);
            if (await first is { } members)
                return members;

            asked.Remove(first);
        }

        return null;
    }

    public void Dispose()
    {
        foreach ((_, HttpClient client) in _others)
            client.Dispose();
    }

    private static async Task<IReadOnlyList<Member>?> AskAsync(
        (Uri Address, HttpClient Client) other, CancellationToken cancellation)
    {
        try
        {
            byte[] text = await other.Client.GetByteArrayAsync(other.Address, cancellation);
            Entry[]? entries = JsonSerializer.Deserialize(text, MembersJson.Default.EntryArray);
            return entries is { Length: > 0 } ? [.. entries.Select(entry => entry.ToMember())] : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException)
        {
            // The last comes bare when the connection is reset in the moment that it is made.
            return null;   // Nobody is there.
        }
        catch (JsonException)
        {
            return null;   // Something else is.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;   // It does not answer in time.
        }
    }

    /// <summary>As etcd writes it; what is empty is left out.</summary>
    internal sealed record Entry(
        ulong Id, string? Name, string[]? PeerURLs, string[]? ClientURLs, bool IsLearner)
    {
        public Member ToMember() => new()
        {
            ID = Id, Name = Name ?? "", PeerURLs = { PeerURLs ?? [] }, ClientURLs = { ClientURLs ?? [] },
            IsLearner = IsLearner,
        };
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Entry[]))]
    private sealed partial class MembersJson : JsonSerializerContext;
}
