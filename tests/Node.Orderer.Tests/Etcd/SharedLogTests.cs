using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Orderer.Hosting;
using Node.Orderer.Tests.Building;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing;
using Metadata = Node.Protocol.Wire.Common.Metadata;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Tests.Etcd;

/// <summary>Several whole orderers on one log.</summary>
[Collection("Whole orderers, whose figures are of one process")]
public sealed class SharedLogTests : IAsyncLifetime, IDisposable
{
    private readonly EtcdCluster _cluster = new();
    private readonly TestNetwork _network;
    private readonly NetworkTopology _topology;

    public SharedLogTests()
    {
        // The orderers find each other by the channel's configuration, so its ports must be real ones.
        int[] ports = EtcdCluster.FreePorts(3);
        NetworkTopology topology = NetworkTopology.Default(orderers: 3, basePort: 7050, KeyType.P256);
        OrganizationTopology organization = topology.OrdererOrganizations[0];
        NodeTopology[] nodes = [.. organization.Nodes.Select((node, index) => node with { Port = ports[index] })];
        _topology = topology with { OrdererOrganizations = [organization with { Nodes = nodes }] };
        _network = TestNetwork.Create(_topology);
    }

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task Every_orderer_makes_the_same_blocks_but_for_its_own_signature()
    {
        await using RunningOrderer one = await StartAsync(0, "same");
        await using RunningOrderer two = await StartAsync(1, "same");
        await BroadcastAsync(one, "a");
        await BroadcastAsync(two, "b");
        await BroadcastAsync(one, "c");

        List<Block> ofOne = await BlocksAsync(one, last: 3);
        List<Block> ofTwo = await BlocksAsync(two, last: 3);

        Assert.Equal(ofOne.Select(WithoutSignature), ofTwo.Select(WithoutSignature));
        Assert.Equal(["a", "b", "c"], ofTwo.Skip(1).Select(Content));
    }

    [Fact]
    public async Task An_orderer_that_was_away_longer_than_the_log_reaches_back_fetches_the_blocks()
    {
        const int Written = 12;
        await using RunningOrderer one = await StartAsync(0, "late", entriesKept: 2);
        await using (RunningOrderer two = await StartAsync(1, "late", entriesKept: 2))
            await BroadcastAsync(two, "0");

        for (int index = 1; index < Written; index++)
            await BroadcastAsync(one, $"{index}");

        await using RunningOrderer stranger = await StartAsync(2, "late", entriesKept: 2);
        await using RunningOrderer back = await StartAsync(1, "late", entriesKept: 2);
        await BroadcastAsync(back, "last");

        List<Block> ofOne = await BlocksAsync(one, last: Written + 1);
        foreach (RunningOrderer other in (RunningOrderer[])[stranger, back])
        {
            List<Block> blocks = await BlocksAsync(other, last: Written + 1);
            Assert.Equal(ofOne.Select(WithoutSignature), blocks.Select(WithoutSignature));
            Assert.Equal("last", Content(blocks[^1]));
        }
    }

    private async Task<RunningOrderer> StartAsync(int index, string data, int entriesKept = 2_000)
    {
        NodeTopology node = _topology.OrdererOrganizations[0].Nodes[index];
        MemberLayout material = _network.Orderer.Layout.Node(node.Name);
        EtcdOptions seen = _cluster.OptionsOf(0);
        return await RunningOrderer.StartAsync(new OrdererOptions
        {
            ListenPort = node.Port,
            LogLevel = "None",
            MspId = _network.Orderer.MspId.Value,
            MspFolder = material.Msp,
            DataFolder = Path.Combine(_network.Folder, data, node.Name),
            GenesisBlockFiles = [_network.GenesisFile],
            Tls = new OrdererTlsFiles
            {
                CertificateFile = material.TlsCertificateFile,
                KeyFile = material.TlsKeyFile,
                RootFiles = [material.TlsRootFile],
            },
            Etcd = new EtcdOptions
            {
                Name = node.Name, Endpoints = seen.Endpoints, Tls = seen.Tls, EntriesKept = entriesKept,
            },
        });
    }

    private async Task BroadcastAsync(RunningOrderer orderer, string content)
    {
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        byte[] data = System.Text.Encoding.UTF8.GetBytes(content);
        Envelope envelope = Sign(HeaderType.EndorserTransaction, ByteString.CopyFrom(data));
        using var patience = new CancellationTokenSource(Patience.Limit);
        Status status = Status.Unknown;
        while (status != Status.Success)
        {
            // An orderer that has just started opens its channel first.
            using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
                new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: patience.Token);
            await call.RequestStream.WriteAsync(envelope, patience.Token);
            Assert.True(await call.ResponseStream.MoveNext(patience.Token));
            status = call.ResponseStream.Current.Status;
            Assert.True(
                status is Status.Success or Status.ServiceUnavailable, call.ResponseStream.Current.Info);
        }
    }

    private async Task<List<Block>> BlocksAsync(RunningOrderer orderer, ulong last)
    {
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        var seek = new SeekInfo
        {
            Start = new SeekPosition { Specified = new SeekSpecified { Number = 0 } },
            Stop = new SeekPosition { Specified = new SeekSpecified { Number = last } },
        };
        using AsyncDuplexStreamingCall<Envelope, DeliverResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Deliver(cancellationToken: Patience.Token);
        await call.RequestStream.WriteAsync(Sign(HeaderType.DeliverSeekInfo, seek.ToByteString()), Patience.Token);
        var blocks = new List<Block>();
        while (await call.ResponseStream.MoveNext(Patience.Token)
            && call.ResponseStream.Current.TypeCase == DeliverResponse.TypeOneofCase.Block)
            blocks.Add(call.ResponseStream.Current.Block);

        Assert.Equal((int)last + 1, blocks.Count);
        return blocks;
    }

    private Envelope Sign(HeaderType type, ByteString content) =>
        new SignedEnvelope(_network.ChannelId, type, _network.Org1.User1, content)
        {
            Time = TimeProvider.System.GetUtcNow(),
        }.ToMessage();

    // Header, data, and what the orderers agreed to sign.
    private static string WithoutSignature(Block block)
    {
        Metadata signed = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        return $"{block.Header} {block.Data} {signed.Value.ToBase64()}";
    }

    private static string Content(Block block)
    {
        Assert.True(DecodedEnvelope.TryDecode(block.Data.Data[0].Memory, out DecodedEnvelope? envelope, out _));
        return System.Text.Encoding.UTF8.GetString(envelope.Data.Span);
    }
}
