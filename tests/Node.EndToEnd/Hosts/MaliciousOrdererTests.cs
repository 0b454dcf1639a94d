using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Node.Membership.Material;
using Node.Protocol.Decoding;
using Node.Testing.Figures;
using Xunit.Abstractions;

namespace Node.EndToEnd.Hosts;

/// <summary>One of three orderers has its keys and lies, while clients write at every peer.</summary>
[Collection(HostedNetworkShared.Name)]
public sealed partial class MaliciousOrdererTests(HostedNetwork network, ITestOutputHelper output)
{
    private static readonly TimeSpan s_rerouteEvery = TimeSpan.FromSeconds(1);

    // What it does about every block from some moment on, what peers call it, and whether two signed blocks show it.
    [Theory]
    [InlineData("Fork",     "Lying",    true)]
    [InlineData("Reorder",  "Lying",    true)]
    [InlineData("Resign",   "Lying",    true)]
    [InlineData("Withhold", "Stalling", false)]
    public async Task A_malicious_orderer_is_refused_and_named_and_the_honest_ones_go_on(
        string lie, string fault, bool isShownByTwoBlocks)
    {
        NodeRun place = network.Orderers[1];
        var day = new Day(network, output);
        try
        {
            await day.LiveThroughAsync(
                async load =>
                {
                    // It has nothing to gain from breaking the log: its member of the etcd cluster goes on.
                    place.Kill();
                    int member = place.EtcdProcessId;
                    await using (MaliciousOrderer liar =
                        await MaliciousOrderer.StartAsync(network, place, upstream: network.Orderers[0]))
                    {
                        await UntilAllPullFromAsync(place, liar, load);
                        await LieAsync(day, load, liar, new Accusation(place, lie, fault, isShownByTwoBlocks));
                    }

                    place.Start();
                    await place.UntilHealthyAsync();
                    Assert.Equal(member, place.EtcdProcessId);
                },
                $"malicious-{lie}");
        }
        finally
        {
            await ForgetAsync();
        }
    }

    private async Task LieAsync(Day day, Load load, MaliciousOrderer liar, Accusation accusation)
    {
        Witness[] witnesses = [.. network.Peers.Select(peer => new Witness(peer, accusation.Place))];
        long began = Load.Clock.GetTimestamp();
        ulong from = await liar.LieAsync(accusation.Lie);
        await day.ResumedAsync(load, began, $"{accusation.Place.Name} began to {accusation.Lie} at block {from}");
        foreach (Witness witness in witnesses)
        {
            await Wait.UntilAsync(
                () => witness.Names(accusation), Day.Patience,
                () => $"{witness.Peer.Name} to say that {accusation.Place.Name} is {accusation.Fault}:\n"
                    + witness.Peer.LastWords());
            Assert.Empty(witness.OthersAccused());
            await RequireFiguresAsync(witness.Peer, accusation);
            await RequireEvidenceAsync(witness, accusation);
            Assert.StartsWith("200", await witness.Peer.HealthAsync(), StringComparison.Ordinal);
        }

        // With nobody in the way: the peers have left it.
        await load.UntilCommitsAsync(Day.Peers, commits: 40, Day.Patience);
    }

    // A peer stays with the orderer that it has; when it loses the connection it asks the next one.
    private async Task UntilAllPullFromAsync(NodeRun place, MaliciousOrderer liar, Load load)
    {
        ulong height = await network.Checks.HeightAsync(network.Peers[0].Name);
        await Wait.UntilAsync(
            async () => await liar.HeightAsync() > height, Day.Patience,
            () => $"the one in the place of {place.Name} to have {height} blocks");
        foreach (NodeRun peer in network.Peers)
        {
            LogTail log = LogTail.FromBeginning(peer);
            long rerouted = 0;
            string source = "";
            await Wait.UntilAsync(
                () =>
                {
                    source = PullPattern().Matches(log.Read())[^1].Groups[1].Value;
                    if (source == MaliciousOrderer.NameOf(place))
                        return true;
                    if (rerouted != 0 && Load.Clock.GetElapsedTime(rerouted) < s_rerouteEvery)
                        return false;

                    rerouted = Load.Clock.GetTimestamp();
                    network.Hosts.Link(peer.Name, source.Split(':')[0]).Reset();
                    return false;
                },
                Day.Patience, () => $"{peer.Name} to pull from {place.Name}; it pulls from {source}");
        }

        await load.UntilCommitsAsync(Day.Peers, commits: 20, Day.Patience);
        Assert.All(network.Peers, peer => Assert.Equal(
            MaliciousOrderer.NameOf(place),
            PullPattern().Matches(LogTail.FromBeginning(peer).Read())[^1].Groups[1].Value));
    }

    private async Task RequireFiguresAsync(NodeRun peer, Accusation accusation)
    {
        MemberLayout user = network.Material.PeerOrganization(peer.Node.Domain).User("User1");
        using X509Certificate2 certificate =
            X509Certificate2.CreateFromPemFile(user.TlsCertificateFile, user.TlsKeyFile);
        using HttpClient http = peer.Host.NewHttpClient(certificate);
        string text = await http.GetStringAsync(
            new UriBuilder("https", "127.0.0.1", HostedTopology.OperationsPort, "metrics").Uri);
        IReadOnlyDictionary<string, ScrapedMetric> figures = PrometheusText.Parse(text);
        string liar = MaliciousOrderer.NameOf(accusation.Place);
        Assert.Contains(
            figures["hyperprov_orderer_faults_total"].Samples,
            sample => sample.Labels["orderer"] == liar && sample.Labels["fault"] == accusation.Fault
                && sample.Value >= 1);
        Assert.Equal(
            accusation.Fault == "Lying" ? 1 : 0, figures["hyperprov_orderers_shunned"].Samples.Sum(one => one.Value));

        // It is there from the first pair of contradicting blocks on.
        Assert.Equal(accusation.IsShownByTwoBlocks, figures.ContainsKey("hyperprov_equivocations_total"));
    }

    private async Task RequireEvidenceAsync(Witness witness, Accusation accusation)
    {
        string[] files = witness.NewEvidence();
        Assert.Equal(accusation.IsShownByTwoBlocks, files.Length > 0);
        string genesis = GenesisHash();
        foreach (string file in files)
        {
            string told = await Cli.MustAsync("verify-evidence", file, "--genesis", genesis);
            Assert.Contains("signed two contradicting blocks", told, StringComparison.Ordinal);
            CliResult elsewhere = await Cli.RunAsync("verify-evidence", file, "--genesis", new string('0', 64));
            Assert.Equal(1, elsewhere.ExitCode);
        }
    }

    private string GenesisHash()
    {
        string file = Path.Combine(network.PlanFolder, "genesis", $"{HostedTopology.Channel}.block");
        Assert.True(BlockBytes.TryDecode(File.ReadAllBytes(file), out BlockBytes? block, out string? fault), fault);
        return block.Hash.ToString();
    }

    // Lies are remembered until a restart, and the orderer that is honest again is one like the others on other days.
    private async Task ForgetAsync()
    {
        await Task.WhenAll(network.Peers.Select(peer => peer.StopAsync()));
        await network.MakeWellAsync();
    }

    [GeneratedRegex(@"pulls blocks from (\S+), starting at")]
    private static partial Regex PullPattern();

    [GeneratedRegex(@"orderer (\S+) (?:lied about block|\((?:Lying|Stalling|Lagging)\))")]
    private static partial Regex AccusedPattern();

    private sealed record Accusation(NodeRun Place, string Lie, string Fault, bool IsShownByTwoBlocks);

    /// <summary>What one peer says and keeps from the moment on at which this is made.</summary>
    private sealed class Witness(NodeRun peer, NodeRun place)
    {
        private readonly LogTail _log = LogTail.FromEnd(peer);
        private readonly string[] _before = Evidence(peer);

        public NodeRun Peer => peer;

        public bool Names(Accusation accusation)
        {
            string log = _log.Read();
            string name = MaliciousOrderer.NameOf(accusation.Place);
            return accusation.Fault == "Lying"
                ? log.Contains($"orderer {name} lied about block", StringComparison.Ordinal)
                    && log.Contains($"{name} gave block", StringComparison.Ordinal)
                    && log.Contains("verify-evidence", StringComparison.Ordinal)
                : log.Contains($"leaves orderer {name} ({accusation.Fault})", StringComparison.Ordinal);
        }

        public string[] OthersAccused() =>
        [
            .. AccusedPattern().Matches(_log.Read()).Select(match => match.Value)
                .Where(text => !text.Contains(MaliciousOrderer.NameOf(place), StringComparison.Ordinal)),
        ];

        public string[] NewEvidence() => [.. Evidence(peer).Except(_before)];

        private static string[] Evidence(NodeRun peer)
        {
            string folder = Path.Combine(peer.Folder, "data", "evidence");
            return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
        }
    }
}
