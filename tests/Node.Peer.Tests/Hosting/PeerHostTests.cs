using System.Net;
using Node.Ledger;
using Node.Membership.Material;
using Node.Peer.Hosting;
using Node.Protocol.Wire.Peer;
using Node.Testing;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Hosting;

public sealed class PeerHostTests
{
    [Fact]
    public async Task What_the_orderer_accepts_is_committed_alike_on_every_peer()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.DefineContractAsync();
        Tx[] transactions = [.. Enumerable.Range(0, 40).Select(i => network.Transaction().Writing($"k{i}", "v"))];
        await WaitForHeightAsync(network, network.Peer1, 2);

        await network.BroadcastAsync([.. transactions.Select(tx => tx.ToEnvelope())]);

        foreach (Tx tx in transactions)
        {
            TransactionPosition first = await WaitForAsync(network, network.Peer1, tx);
            Assert.Equal(TxValidationCode.Valid, first.Code);
            Assert.Equal(first, await WaitForAsync(network, network.Peer2, tx));
        }

        LedgerTip tip = network.ChannelOf(network.Peer1).Ledger.Tip;
        await WaitForHeightAsync(network, network.Peer2, tip.Height);
        Assert.Equal(tip.CommitHash, network.ChannelOf(network.Peer2).Ledger.Tip.CommitHash);
    }

    [Fact]
    public async Task A_peer_that_was_away_catches_up_and_an_orderer_that_was_away_is_found_again()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.DefineContractAsync();
        await WaitForHeightAsync(network, network.Peer1, 2);
        await network.StopAsync("peer2");
        Tx meanwhile = network.Transaction().Writing("k", "1");
        await network.BroadcastAsync(meanwhile.ToEnvelope());
        await WaitForAsync(network, network.Peer1, meanwhile);

        await network.StartPeerAsync("peer2", network.Material.Org2);
        Assert.Equal(TxValidationCode.Valid, (await WaitForAsync(network, network.Peer2, meanwhile)).Code);

        await network.StopAsync("orderer");
        await network.StartOrdererAsync();
        Tx after = network.Transaction().Writing("k", "2");
        await network.BroadcastAsync(after.ToEnvelope());
        Assert.Equal(TxValidationCode.Valid, (await WaitForAsync(network, network.Peer1, after)).Code);
        Assert.Equal(TxValidationCode.Valid, (await WaitForAsync(network, network.Peer2, after)).Code);
    }

    [Fact]
    public async Task Operations_say_how_the_peer_is()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await network.DefineContractAsync();
        await WaitForHeightAsync(network, network.Peer1, 2);
        MemberLayout member = network.Material.Org1.NodeLayout;
        using HttpClient http = OperationsCaller.Create(member.TlsRootFile, member);

        string health = await http.GetStringAsync(network.Operations("peer1", "/healthz"));
        string version = await http.GetStringAsync(network.Operations("peer1", "/version"));
        string metrics = await http.GetStringAsync(network.Operations("peer1", "/metrics"));
        using HttpResponseMessage elsewhere = await http.GetAsync(network.Operations("peer1", "/elsewhere"));
        using HttpResponseMessage post = await http.PostAsync(network.Operations("peer1", "/healthz"), content: null);

        Assert.StartsWith("{\"status\":\"OK\"", health, StringComparison.Ordinal);
        Assert.Contains("Version", version, StringComparison.Ordinal);
        Assert.Contains("hyperprov_ledger_height{channel=\"mychannel\"} 2", metrics, StringComparison.Ordinal);
        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), (elsewhere.StatusCode, post.StatusCode));

        network.ChannelOf(network.Peer1).Fault = "the disk is full";
        using HttpResponseMessage ill = await http.GetAsync(network.Operations("peer1", "/healthz"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ill.StatusCode);
        Assert.Contains("the disk is full", await ill.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_cannot_be_used_are_refused_with_all_their_faults()
    {
        var options = new PeerOptions
        {
            ListenPort = 70_000,
            MspId = "",
            MspFolder = "/nowhere",
            DataFolder = "/nowhere",
            GenesisBlockFiles = ["/nowhere/genesis.block"],
        };

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => PeerHost.RunAsync(options, started: null, CancellationToken.None));

        Assert.Contains("70000", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MspId", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere does not exist", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("genesis.block", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<TransactionPosition> WaitForAsync(RunningNetwork network, PeerNode peer, Tx tx) =>
        network.ChannelOf(peer).Commits.WaitForTransactionAsync(tx.Id, CancellationToken.None).AsTask()
            .WaitAsync(RunningNetwork.Patience);

    private static Task<ulong> WaitForHeightAsync(RunningNetwork network, PeerNode peer, ulong height) =>
        network.ChannelOf(peer).Commits.WaitForHeightAsync(height, CancellationToken.None).AsTask()
            .WaitAsync(RunningNetwork.Patience);
}
