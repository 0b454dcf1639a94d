using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Orderer.Hosting;
using Node.Orderer.Tests.Building;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Tests.Participating;

/// <summary>Channels join and leave an orderer that runs, as Fabric's osnadmin asks for it.</summary>
[Collection("Whole orderers, whose figures are of one process")]
public sealed class ParticipationTests : IDisposable
{
    private readonly TestNetwork _network = TestNetwork.Create();

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_channel_is_joined_used_listed_and_removed_without_a_restart()
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options());
        using AdminClient admin = Admin(orderer);

        AdminAnswer none = await admin.ListAsync();
        AdminAnswer joined = await admin.JoinAsync(_network.GenesisBytes);
        Status ordered = await BroadcastUntilOpenAsync(orderer);
        AdminAnswer list = await admin.ListAsync();
        AdminAnswer shown = await admin.ShowAsync("mychannel");
        AdminAnswer removed = await admin.RemoveAsync("mychannel");
        AdminAnswer gone = await admin.ShowAsync("mychannel");

        Assert.Equal("200 {\"systemChannel\":null,\"channels\":null}\n", none.ToString());
        Assert.Equal(201, joined.Status);
        Assert.Equal("/participation/v1/channels/mychannel", joined.Location);
        Assert.Equal("application/json", joined.ContentType);
        Assert.StartsWith(
            "{\"name\":\"mychannel\",\"url\":\"/participation/v1/channels/mychannel\","
            + "\"consensusRelation\":\"consenter\",\"status\":\"", joined.Text, StringComparison.Ordinal);
        Assert.Equal(Status.Success, ordered);
        Assert.Equal(
            "200 {\"systemChannel\":null,\"channels\":"
            + "[{\"name\":\"mychannel\",\"url\":\"/participation/v1/channels/mychannel\"}]}\n", list.ToString());
        Assert.EndsWith("\"status\":\"active\",\"height\":2}\n", shown.Text, StringComparison.Ordinal);
        Assert.Equal("204 ", removed.ToString());
        Assert.Equal("404 {\"error\":\"channel does not exist\"}\n", gone.ToString());
        Assert.Equal(Status.BadRequest, await BroadcastAsync(orderer));
        Assert.False(Directory.Exists(Path.Combine(_network.Folder, "data", "channels", "mychannel")));
    }

    [Fact]
    public async Task What_was_joined_is_served_after_a_restart_and_what_was_removed_is_not_even_if_configured()
    {
        await using (RunningOrderer orderer = await RunningOrderer.StartAsync(Options()))
        {
            using AdminClient admin = Admin(orderer);
            Assert.Equal(201, (await admin.JoinAsync(_network.GenesisBytes)).Status);
        }

        await using (RunningOrderer again = await RunningOrderer.StartAsync(Options(_network.GenesisFile)))
        {
            using AdminClient admin = Admin(again);
            Assert.Equal(Status.Success, await BroadcastUntilOpenAsync(again));
            Assert.Equal(204, (await admin.RemoveAsync("mychannel")).Status);
        }

        await using RunningOrderer last = await RunningOrderer.StartAsync(Options(_network.GenesisFile));
        using AdminClient asked = Admin(last);
        Assert.Equal("200 {\"systemChannel\":null,\"channels\":null}\n", (await asked.ListAsync()).ToString());
    }

    [Fact]
    public async Task A_removal_that_was_cut_short_is_finished_at_the_next_start()
    {
        await using (RunningOrderer orderer = await RunningOrderer.StartAsync(Options()))
        {
            using AdminClient admin = Admin(orderer);
            Assert.Equal(201, (await admin.JoinAsync(_network.GenesisBytes)).Status);
            await BroadcastUntilOpenAsync(orderer);
        }

        // All that the first durable step of a removal leaves.
        string data = Path.Combine(_network.Folder, "data");
        await File.WriteAllTextAsync(Path.Combine(data, "participation", "mychannel.removed"), "2");
        await using RunningOrderer again = await RunningOrderer.StartAsync(Options());
        using AdminClient asked = Admin(again);

        Assert.Equal(404, (await asked.ShowAsync("mychannel")).Status);
        Assert.False(Directory.Exists(Path.Combine(data, "channels", "mychannel")));
        Assert.False(File.Exists(Path.Combine(data, "participation", "mychannel.block")));
    }

    [Fact]
    public async Task A_history_that_was_deleted_here_is_not_begun_a_second_time()
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options());
        using AdminClient admin = Admin(orderer);
        await admin.JoinAsync(_network.GenesisBytes);
        await BroadcastUntilOpenAsync(orderer);
        await admin.RemoveAsync("mychannel");

        AdminAnswer again = await admin.JoinAsync(_network.GenesisBytes);

        Assert.Equal(400, again.Status);
        Assert.Contains("removed here with 2 blocks", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_as_Fabric_refuses_it()
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options(_network.GenesisFile));
        using AdminClient admin = Admin(orderer);
        byte[] form = AdminClient.Form("config-block", "config.block", _network.GenesisBytes);
        const string One = AdminClient.Channels + "/mychannel";

        var answers = new Dictionary<string, AdminAnswer>
        {
            ["exists"] = await admin.JoinAsync(_network.GenesisBytes),
            ["no block"] = await admin.JoinAsync("nonsense"u8.ToArray()),
            ["other part"] = await admin.SendAsync(
                "POST", AdminClient.Channels, AdminClient.Form("other", "config.block", _network.GenesisBytes)),
            ["no form"] = await admin.SendAsync("POST", AdminClient.Channels, "{}"u8.ToArray()),
            ["method"] = await admin.SendAsync("PATCH", AdminClient.Channels, body: null),
            ["post to one"] = await admin.SendAsync("POST", One, form),
            ["accept"] = await admin.SendAsync("GET", One, body: null, accept: "text/html"),
            ["unknown"] = await admin.RemoveAsync("other"),
            ["name"] = await admin.ShowAsync("UPPER"),
            ["update"] = await admin.UpdateAsync("nonsense"u8.ToArray()),
            ["root"] = await admin.SendAsync("GET", "/participation/v1/", body: null),
            ["elsewhere"] = await admin.SendAsync("GET", "/", body: null),
        };

        Assert.Equal("405 {\"error\":\"cannot join: channel already exists\"}\n", answers["exists"].ToString());
        Assert.Equal("GET, DELETE", answers["exists"].Allow);
        Assert.StartsWith("400 {\"error\":\"invalid join block: ", answers["no block"].ToString());
        Assert.Equal(
            "400 {\"error\":\"form does not contains part key: config-block\"}\n", answers["other part"].ToString());
        Assert.Equal(400, answers["no form"].Status);
        Assert.Equal("405 {\"error\":\"invalid request method: PATCH\"}\n", answers["method"].ToString());
        Assert.Equal(405, answers["post to one"].Status);
        Assert.Equal("GET, DELETE", answers["post to one"].Allow);
        Assert.Equal(
            "406 {\"error\":\"response Content-Type is application/json only\"}\n", answers["accept"].ToString());
        Assert.Equal("404 {\"error\":\"cannot remove: channel does not exist\"}\n", answers["unknown"].ToString());
        Assert.StartsWith("400 {\"error\":\"invalid channel ID: ", answers["name"].ToString());
        Assert.Equal(400, answers["update"].Status);
        Assert.Equal(302, answers["root"].Status);
        Assert.Equal(AdminClient.Channels, answers["root"].Location);
        Assert.Equal(404, answers["elsewhere"].Status);
    }

    [Theory]
    [InlineData("newest", 1)]
    [InlineData("oldest", 0)]
    [InlineData("config", 0)]
    [InlineData("1", 1)]
    public async Task Blocks_are_handed_out_as_they_are(string which, ulong number)
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options(_network.GenesisFile));
        using AdminClient admin = Admin(orderer);
        await BroadcastUntilOpenAsync(orderer);

        AdminAnswer answer = await admin.SendAsync(
            "GET", $"{AdminClient.Channels}/mychannel/blocks/{which}", body: null);
        AdminAnswer beyond = await admin.SendAsync("GET", $"{AdminClient.Channels}/mychannel/blocks/99", body: null);
        AdminAnswer none = await admin.SendAsync("GET", $"{AdminClient.Channels}/mychannel/blocks/last", body: null);

        Assert.Equal(200, answer.Status);
        Assert.Equal("application/octet-stream", answer.ContentType);
        Assert.Equal(number, Block.Parser.ParseFrom(answer.Body).Header.Number);
        Assert.Equal(404, beyond.Status);
        Assert.Equal(400, none.Status);
    }

    [Fact]
    public async Task Whoever_has_no_certificate_of_the_administrators_root_is_not_heard()
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options());
        using var nobody = new AdminClient(_network, orderer.AdminPort, client: null);
        using var stranger = new AdminClient(_network, orderer.AdminPort, _network.Org1.Layout.User("Admin"));

        await Assert.ThrowsAnyAsync<HttpRequestException>(nobody.ListAsync);
        await Assert.ThrowsAnyAsync<HttpRequestException>(stranger.ListAsync);
    }

    [Fact]
    public async Task An_api_that_is_switched_off_says_so()
    {
        await using RunningOrderer orderer = await RunningOrderer.StartAsync(Options(participates: false));
        using AdminClient admin = Admin(orderer);

        Assert.Equal(
            "503 {\"error\":\"channel participation API is disabled\"}\n", (await admin.ListAsync()).ToString());
    }

    private OrdererOptions Options(params string[] genesisFiles) => Options(participates: true, genesisFiles);

    private OrdererOptions Options(bool participates, params string[] genesisFiles)
    {
        OrdererOptions usual = RunningOrderer.OptionsFor(_network, clientCertificateRequired: false);
        return new OrdererOptions
        {
            ListenPort = 0,
            LogLevel = usual.LogLevel,
            MspId = usual.MspId,
            MspFolder = usual.MspFolder,
            DataFolder = usual.DataFolder,
            GenesisBlockFiles = genesisFiles,
            Tls = usual.Tls,
            Admin = new AdminOptions { ListenPort = 0, Tls = usual.Tls!, ChannelParticipation = participates },
        };
    }

    private AdminClient Admin(RunningOrderer orderer) =>
        new(_network, orderer.AdminPort, _network.Orderer.Layout.User("Admin"));

    private async Task<Status> BroadcastUntilOpenAsync(RunningOrderer orderer)
    {
        Status status = Status.ServiceUnavailable;
        while (status == Status.ServiceUnavailable)
            status = await BroadcastAsync(orderer);

        return status;
    }

    private async Task<Status> BroadcastAsync(RunningOrderer orderer)
    {
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: Patience.Token);
        Envelope envelope = new SignedEnvelope(
            _network.ChannelId, HeaderType.EndorserTransaction, _network.Org1.User1, ByteString.CopyFromUtf8("k=v"))
        {
            Time = TimeProvider.System.GetUtcNow(),
        }.ToMessage();
        await call.RequestStream.WriteAsync(envelope, Patience.Token);
        Assert.True(await call.ResponseStream.MoveNext(Patience.Token));
        return call.ResponseStream.Current.Status;
    }
}
