using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Membership;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Orderer.Hosting;
using Node.Orderer.Tests.Building;
using Node.Orderer.Tests.Participating;
using Node.Protocol;
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
    // In how many rounds two updates must have met on their way at least once.
    private const uint RacesMax = 100;

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

    // Issue 4, point 1: "two config updates in flight at once leave one config block and one refusal".
    [Fact]
    public async Task Of_two_config_updates_in_flight_at_once_one_becomes_a_block_everywhere_and_one_is_refused()
    {
        await using RunningOrderer one = await StartAsync(0, "race");
        await using RunningOrderer two = await StartAsync(1, "race");
        await using RunningOrderer three = await StartAsync(2, "race");
        foreach (RunningOrderer orderer in (RunningOrderer[])[one, two, three])
            await BroadcastAsync(orderer, "open");

        using GrpcChannel first = one.Connect(_network, member: null);
        using GrpcChannel second = two.Connect(_network, member: null);
        var winners = new List<uint>();
        bool wereBothInFlight = false;
        while (!wereBothInFlight)
        {
            // Of one configuration, at two orderers that know nothing of each other's.
            uint round = (uint)winners.Count;
            Assert.True(round < RacesMax, $"in {RacesMax} rounds no two updates were in flight at once");
            uint[] counts = [1_000 + round, 2_000 + round];
            BroadcastResponse[] answers = await Task.WhenAll(
                AskAsync(first, NewBatchSize(counts[0], fromVersion: round)),
                AskAsync(second, NewBatchSize(counts[1], fromVersion: round)));

            Assert.Equal(
                [Status.Success, Status.BadRequest], answers.Select(answer => answer.Status).Order());
            int loser = Array.FindIndex(answers, answer => answer.Status != Status.Success);
            winners.Add(counts[1 - loser]);
            wereBothInFlight = answers[loser].Info.Contains(
                "another config update came first, and this one no longer fits", StringComparison.Ordinal);
        }

        await BroadcastAsync(three, "after");
        ulong last = (ulong)winners.Count + 4;
        List<Block> blocks = await BlocksAsync(one, last);
        foreach (RunningOrderer other in (RunningOrderer[])[two, three])
            Assert.Equal(blocks.Select(WithoutSignature), (await BlocksAsync(other, last)).Select(WithoutSignature));
        Assert.Equal(winners, blocks.Skip(4).SkipLast(1).Select(MaxMessageCountOf));
        Assert.Equal("after", Content(blocks[^1]));
    }

    [Fact]
    public async Task An_orderer_joined_with_a_later_config_block_fetches_all_up_to_it_and_orders()
    {
        await using RunningOrderer one = await StartAsync(0, "joined");
        await BroadcastAsync(one, "before");
        await SetBatchSizeAsync(one, 77);
        await BroadcastAsync(one, "behind");
        Block config = (await BlocksAsync(one, last: 3))[2];

        await using RunningOrderer joined = await StartAsync(2, "joined", isToBeJoined: true);
        using var admin = new AdminClient(_network, joined.AdminPort, _network.Orderer.Layout.User("Admin"));
        AdminAnswer answer = await admin.JoinAsync(config.ToByteArray());
        await BroadcastAsync(joined, "by the one that joined");
        List<Block> blocks = await BlocksAsync(joined, last: 4);
        await UntilSaidAsync(
            "\"status\":\"active\",\"height\":5}", async () => (await admin.ShowAsync("mychannel")).Text);

        Assert.Equal(201, answer.Status);
        Assert.Contains("\"status\":\"onboarding\"", answer.Text, StringComparison.Ordinal);
        Assert.Equal((await BlocksAsync(one, last: 4)).Select(WithoutSignature), blocks.Select(WithoutSignature));
        Assert.Equal(77u, MaxMessageCountOf(blocks[2]));
        Assert.Equal("by the one that joined", Content(blocks[4]));
    }

    // As by an administrator who was given a block of another chain: its number is there, its hash is not.
    [Fact]
    public async Task An_orderer_joined_with_a_block_of_another_chain_serves_nothing_and_says_why()
    {
        await using RunningOrderer one = await StartAsync(0, "foreign");
        await BroadcastAsync(one, "open");
        await SetBatchSizeAsync(one, 77);
        Block foreign = (await BlocksAsync(one, last: 2))[2];
        foreign.Header.PreviousHash = ByteString.CopyFrom(new byte[Hash32.Bytes]);

        await using RunningOrderer joined = await StartAsync(2, "foreign", isToBeJoined: true);
        using var admin = new AdminClient(_network, joined.AdminPort, _network.Orderer.Layout.User("Admin"));
        AdminAnswer answer = await admin.JoinAsync(foreign.ToByteArray());
        using HttpClient operations = OperationsCaller.Create(
            _network.Orderer.NodeLayout.TlsRootFile, _network.Orderer.NodeLayout);
        var health = new Uri($"https://localhost:{joined.OperationsPort}/healthz");
        await UntilSaidAsync("block 2 is not the one that this orderer was joined with", async () =>
        {
            using HttpResponseMessage told = await operations.GetAsync(health, Patience.Token);
            return await told.Content.ReadAsStringAsync(Patience.Token);
        });

        using GrpcChannel refused = joined.Connect(_network, member: null);
        Envelope envelope = Sign(HeaderType.EndorserTransaction, ByteString.CopyFromUtf8("nowhere"));
        Assert.Equal(201, answer.Status);
        Assert.Equal(Status.ServiceUnavailable, (await AskAsync(refused, envelope)).Status);
        Assert.Contains(
            "\"status\":\"onboarding\"", (await admin.ShowAsync("mychannel")).Text, StringComparison.Ordinal);
    }

    // The first configuration update of its channel.
    private async Task SetBatchSizeAsync(RunningOrderer orderer, uint messages)
    {
        using GrpcChannel connection = orderer.Connect(_network, member: null);
        Assert.Equal(Status.Success, (await AskAsync(connection, NewBatchSize(messages, fromVersion: 0))).Status);
    }

    /// <param name="isToBeJoined">It is configured with no channel.</param>
    private async Task<RunningOrderer> StartAsync(
        int index, string data, int entriesKept = 2_000, bool isToBeJoined = false)
    {
        NodeTopology node = _topology.OrdererOrganizations[0].Nodes[index];
        MemberLayout material = _network.Orderer.Layout.Node(node.Name);
        EtcdOptions seen = _cluster.OptionsOf(0);
        var tls = new OrdererTlsFiles
        {
            CertificateFile = material.TlsCertificateFile,
            KeyFile = material.TlsKeyFile,
            RootFiles = [material.TlsRootFile],
        };
        return await RunningOrderer.StartAsync(new OrdererOptions
        {
            ListenPort = node.Port,
            OperationsPort = 0,
            LogLevel = "None",
            MspId = _network.Orderer.MspId.Value,
            MspFolder = material.Msp,
            DataFolder = Path.Combine(_network.Folder, data, node.Name),
            GenesisBlockFiles = isToBeJoined ? [] : [_network.GenesisFile],
            Tls = tls,
            Admin = new AdminOptions { ListenPort = 0, Tls = tls },
            Etcd = new EtcdOptions
            {
                Name = node.Name, Endpoints = seen.Endpoints, Tls = seen.Tls, EntriesKept = entriesKept,
            },
        });
    }

    private async Task BroadcastAsync(RunningOrderer orderer, string content)
    {
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        Envelope envelope = Sign(HeaderType.EndorserTransaction, ByteString.CopyFromUtf8(content));
        CancellationToken patience = Patience.Token;
        Status status = Status.Unknown;
        while (status != Status.Success)
        {
            // An orderer that has just started opens its channel first.
            patience.ThrowIfCancellationRequested();
            BroadcastResponse answer = await AskAsync(channel, envelope);
            status = answer.Status;
            Assert.True(status is Status.Success or Status.ServiceUnavailable, answer.Info);
        }
    }

    private static async Task<BroadcastResponse> AskAsync(GrpcChannel channel, Envelope envelope)
    {
        CancellationToken patience = Patience.Token;
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: patience);
        await call.RequestStream.WriteAsync(envelope, patience);
        Assert.True(await call.ResponseStream.MoveNext(patience));
        return call.ResponseStream.Current;
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

    private Envelope NewBatchSize(uint maxMessageCount, ulong fromVersion) => (BatchSizeUpdate.SignedBy(
        _network.Orderer.Admin, _network.ChannelId, maxMessageCount, fromVersion) with
    {
        Time = TimeProvider.System.GetUtcNow(),
    }).ToMessage();

    private static async Task UntilSaidAsync(string wanted, Func<Task<string>> ask)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        CancellationToken patience = Patience.Token;
        while (!(await ask()).Contains(wanted, StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(patience);
    }

    private static uint MaxMessageCountOf(Block block)
    {
        Assert.True(ChannelConfig.TryFromConfigBlock(block, out ChannelConfig? config, out string? fault), fault);
        return BatchSize.Parser.ParseFrom(
            config.Config.ChannelGroup.Groups["Orderer"].Values["BatchSize"].Value).MaxMessageCount;
    }

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
