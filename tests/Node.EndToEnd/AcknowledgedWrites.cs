using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Node.Client;
using Node.Protocol;

namespace Node.EndToEnd;

/// <summary>
/// Writers that go on while nodes die, come and leave, and what they were told is committed. Each writes one record
/// after the other, half of them as Org1, half as Org2, and dials again when a call fails.
/// </summary>
internal sealed class AcknowledgedWrites : IAsyncDisposable
{
    private static readonly ChannelId s_channel = ChannelId.Of("mychannel");
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(10);

    private readonly RunningNetwork _network;
    private readonly ConcurrentDictionary<string, string> _checksums = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private AcknowledgedWrites(RunningNetwork network, string name, int writers)
    {
        _network = network;
        _running = Task.WhenAll(Enumerable.Range(0, writers).Select(writer =>
            WriteAsync($"{name}-{writer}", writer % 2 == 0 ? "org1" : "org2")));
    }

    /// <param name="name">What their keys begin with.</param>
    public static AcknowledgedWrites Start(RunningNetwork network, string name, int writers) =>
        new(network, name, writers);

    /// <summary>Until so many more were acknowledged than there are now.</summary>
    public Task MoreAsync(int count)
    {
        int wanted = _checksums.Count + count;
        return _network.UntilAsync(() => Task.FromResult(_checksums.Count >= wanted), "more writes");
    }

    /// <summary>Begins no more, waits for what is under way, and for both peers to have the same height.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _network.SettleAsync();
    }

    /// <summary>Requires that the peer of this organisation has every record that was acknowledged.</summary>
    public async Task AllArePresentAsync(string org)
    {
        using Gateway gateway = Gateway.FromNetworkFolder(_network.Folder, org, "User1");
        Contract contract = gateway.GetNetwork(s_channel).GetContract("hyperprov");
        foreach ((string key, string checksum) in _checksums)
        {
            ReadOnlyMemory<byte> found = await contract.EvaluateAsync("checkhash", [key], CancellationToken.None);
            Assert.Equal(checksum, Encoding.UTF8.GetString(found.Span));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task WriteAsync(string name, string org)
    {
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            try
            {
                using Gateway gateway = Gateway.FromNetworkFolder(_network.Folder, org, "User1");
                Contract contract = gateway.GetNetwork(s_channel).GetContract("hyperprov");
                for (; !_stop.IsCancellationRequested; i++)
                {
                    string key = $"{name}-{i}";
                    string checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                    limit.CancelAfter(s_callTimeout);
                    await contract.SubmitAsync("set", [key, checksum, "file://store", key], limit.Token);
                    _checksums[key] = checksum;
                }
            }
            catch (Exception e) when (e is GatewayException or PeerUnreachableException or OperationCanceledException)
            {
                // A node is down or on its way out, or the test ends: what was not acknowledged may be there or not.
                // Dial again with the next key.
            }
        }
    }
}
