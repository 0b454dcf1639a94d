using System.Diagnostics;
using System.Globalization;
using Node.Membership.Material;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// A malicious orderer in the place of an honest one: on its host, at its address and port, with its keys and beside
/// its etcd member. It passes on what an honest one orders, until it is told to lie.
/// </summary>
internal sealed class MaliciousOrderer : IAsyncDisposable
{
    private static readonly string s_program =
        Path.Combine(Cli.Root, "artifacts/bin/Node.LyingOrderer/release/Node.LyingOrderer.dll");

    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(20);
    private readonly Process _process;

    private MaliciousOrderer(Process process) => _process = process;

    /// <param name="place">Whose process does not run any more; its etcd member does.</param>
    /// <param name="upstream">The honest orderer whose blocks it passes on.</param>
    public static async Task<MaliciousOrderer> StartAsync(HostedNetwork network, NodeRun place, NodeRun upstream)
    {
        Assert.True(
            File.Exists(s_program),
            $"{s_program} is not built; run ./test.sh or dotnet build tests/Node.LyingOrderer.");
        Assert.False(place.IsRunning, $"{place.Name} still runs");
        MemberLayout keys = network.Material.OrdererOrganization(place.Node.Domain).Node(place.Name);
        MemberLayout other = network.Material.OrdererOrganization(upstream.Node.Domain).Node(upstream.Name);
        var orderer = new MaliciousOrderer(place.Host.Open(
            "dotnet", s_program, At("0.0.0.0"), place.Node.MspId, keys.Msp, HostedTopology.Channel, At(upstream.Name),
            keys.TlsCertificateFile, keys.TlsKeyFile, other.TlsRootFile));
        string answer = await orderer.ReadAsync();
        Assert.StartsWith("listens on", answer, StringComparison.Ordinal);
        return orderer;
    }

    /// <summary>As which peers know whoever serves there.</summary>
    public static string NameOf(NodeRun place) => At(place.Name);

    /// <summary>How many blocks it has to pass on.</summary>
    public Task<ulong> HeightAsync() => LieAsync("None");

    /// <summary>Has it lie about all blocks that it has not got yet.</summary>
    /// <returns>The number of the first one.</returns>
    public async Task<ulong> LieAsync(string lie)
    {
        await _process.StandardInput.WriteLineAsync(lie);
        await _process.StandardInput.FlushAsync();
        string answer = await ReadAsync();
        Assert.StartsWith($"{lie} from ", answer, StringComparison.Ordinal);
        return ulong.Parse(answer[$"{lie} from ".Length..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        // The end of its input is the end of it; somebody who hangs is not waited for.
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_answerTimeout);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static string At(string host) => FormattableString.Invariant($"{host}:{HostedTopology.OrdererPort}");

    private async Task<string> ReadAsync()
    {
        using var limit = new CancellationTokenSource(s_answerTimeout);
        return await _process.StandardOutput.ReadLineAsync(limit.Token) ?? "it ended";
    }
}
