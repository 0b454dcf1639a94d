using Node.Client;
using Node.Client.Following;
using Node.Client.Receipts;
using Node.Peer.Tests.Gateways;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Testing.Blocks;

namespace Node.Peer.Tests.Proving;

/// <summary>A light client over two real peers, and an orderer with valid keys that tells each another chain.</summary>
public sealed class LightClientOverPeersTests : IAsyncLifetime
{
    private readonly GatewayBench _bench = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-light-").FullName;
    private readonly List<Gateway> _gateways = [];

    [Fact]
    public async Task Honest_peers_are_followed_and_a_forking_orderer_is_caught_with_evidence()
    {
        for (int block = 0; block < 12; block++)
            await _bench.CommitAsync(_bench.Record("k").ToEnvelope());

        LightClient client = await OpenAsync();
        Assert.Equal(_bench.Chain.Height - 1, (await client.CatchUpAsync(CancellationToken.None)).Number);
        await client.VerifyConsistencyAsync(first: 3, client.Tip.Number, CancellationToken.None);
        LightBlock seventh = await client.VerifyBlockAsync(7, CancellationToken.None);
        Assert.Equal(7UL, seventh.Number);

        ulong parting = _bench.Chain.Height;
        TestChain branch = _bench.Chain.Branch();
        for (int block = 0; block < 5; block++)
        {
            await _bench.Served1.Peer.CommitAsync(_bench.Chain.Next(_bench.Record("told to org1").ToEnvelope()));
            await _bench.Served2.Peer.CommitAsync(branch.Next(_bench.Record("told to org2").ToEnvelope()));
        }

        LightClient again = await OpenAsync();
        ForkDetectedException fork = await Assert.ThrowsAsync<ForkDetectedException>(
            () => again.CatchUpAsync(CancellationToken.None).WaitAsync(GatewayBench.Patience));

        Assert.Equal(parting, fork.Evidence.BlockNumber);
        byte[] file = await File.ReadAllBytesAsync(fork.EvidenceFile!);
        Assert.True(ForkEvidence.TryParse(file, out ForkEvidence? evidence, out string? fault), fault);
        Assert.All(evidence.Verify(GenesisHash()), step => Assert.Equal(StepOutcome.Passed, step.Outcome));
    }

    public Task InitializeAsync() => _bench.InitializeAsync();

    public async Task DisposeAsync()
    {
        foreach (Gateway gateway in _gateways)
            gateway.Dispose();

        await _bench.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<LightClient> OpenAsync()
    {
        var options = new LightClientOptions
        {
            GenesisHash = GenesisHash(),
            StateFile = Path.Combine(_folder, "state"),
            EvidenceFolder = _folder,
            Clock = _bench.Clock,
        };
        return LightClient.OpenAsync(
            options, [Connect(_bench.Address1), Connect(_bench.Address2)], CancellationToken.None);
    }

    private Network Connect(string endpoint)
    {
        Membership.SigningIdentity client = _bench.Channel.Client1;
        var gateway = Gateway.Connect(new GatewayOptions
        {
            Endpoint = endpoint,
            Identity = new ClientIdentity(client.MspId, client.Serialized),
            Signer = client.Sign,
            Clock = _bench.Clock,
            EvaluateTimeout = TimeSpan.FromDays(3_650),   // The bench's clock stands still, that of deadlines does not.
        });
        _gateways.Add(gateway);
        return gateway.GetNetwork(_bench.Channel.Id);
    }

    private Hash32 GenesisHash()
    {
        Assert.True(BlockBytes.TryDecode(_bench.Chain.Genesis, out BlockBytes? genesis, out string? fault), fault);
        return genesis.Hash;
    }
}
