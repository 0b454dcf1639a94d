using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Node.Membership.Material;
using Node.Orderer.Hosting;
using Node.Orderer.Tests.Building;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Node.Testing;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Orderer.Tests.Hosting;

/// <summary>The orderer as clients see it, through the stub that the standard plugin generates.</summary>
[Collection("Whole orderers, whose figures are of one process")]
public sealed class OrdererHostTests : IDisposable
{
    private readonly TestNetwork _network = TestNetwork.Create();

    [Fact]
    public async Task A_client_broadcasts_half_closes_and_finds_its_envelope_in_a_block()
    {
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: false);
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        Envelope envelope = Transaction("k=v");

        BroadcastResponse answer = await BroadcastAsync(channel, envelope);
        List<DeliverResponse> responses = await DeliverAsync(channel, Seek(1, 1));

        Assert.True(Status.Success == answer.Status, answer.Info);
        Assert.Equal("1 Success", Frames.Text(responses));
        Assert.Equal(envelope.ToByteString(), Assert.Single(responses[0].Block.Data.Data));
    }

    [Fact]
    public async Task Everything_is_still_there_after_a_restart()
    {
        OrdererOptions options = RunningOrderer.OptionsFor(_network, clientCertificateRequired: false);
        ByteString before;
        await using (RunningOrderer orderer = await RunningOrderer.StartAsync(options))
        {
            using GrpcChannel channel = orderer.Connect(_network, member: null);
            await BroadcastAsync(channel, Transaction("k=v"));
            before = (await DeliverAsync(channel, Seek(0, 1)))[1].Block.ToByteString();
        }

        await using RunningOrderer again = await RunningOrderer.StartAsync(options);
        using GrpcChannel reconnected = again.Connect(_network, member: null);

        Assert.Equal(before, (await DeliverAsync(reconnected, Seek(0, 1)))[1].Block.ToByteString());
    }

    [Fact]
    public async Task Thousands_of_envelopes_on_one_stream_are_answered_in_order()
    {
        const int Count = 2000;
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: false);
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: Patience.Token);
        Envelope envelope = Transaction("again and again");

        Task writing = WriteAllAsync(call.RequestStream, Enumerable.Repeat(envelope, Count));
        int answers = 0;
        while (await call.ResponseStream.MoveNext(Patience.Token))
        {
            Assert.Equal(Status.Success, call.ResponseStream.Current.Status);
            answers++;
        }

        await writing;
        Assert.Equal(Count, answers);
    }

    [Fact]
    public async Task A_message_over_the_limit_ends_the_call_and_not_the_orderer()
    {
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: false);
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        var huge = new Envelope { Payload = UnsafeByteOperations.UnsafeWrap(new byte[OrdererLimits.MessageBytesMax]) };

        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: Patience.Token);
        Task writing = call.RequestStream.WriteAsync(huge, Patience.Token);
        RpcException refusal =
            await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Patience.Token));

        // The server does not wait for the rest of it, so the writer may notice.
        await Task.WhenAny(writing);
        Assert.True(StatusCode.ResourceExhausted == refusal.StatusCode, refusal.ToString());
        Assert.Equal(Status.Success, (await BroadcastAsync(channel, Transaction("after"))).Status);
    }

    [Fact]
    public async Task Under_mutual_TLS_a_stranger_cannot_connect_and_a_seek_is_bound_to_its_connection()
    {
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: true);
        MemberLayout member = _network.Org1.NodeLayout;
        using GrpcChannel stranger = orderer.Connect(_network, member: null);
        using GrpcChannel known = orderer.Connect(_network, member);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(
            () => BroadcastAsync(stranger, Transaction("k=v")));
        List<DeliverResponse> unbound = await DeliverAsync(known, Seek(0, 0));
        List<DeliverResponse> bound = await DeliverAsync(known, Seek(0, 0, HashOf(member.TlsCertificateFile)));

        Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
        Assert.Equal("BadRequest", Frames.Text(unbound));
        Assert.Equal("0 Success", Frames.Text(bound));
    }

    [Fact]
    public async Task Health_checks_are_told_whether_all_channels_are_open()
    {
        string channelFolder = Path.Combine(_network.Folder, "data", "channels");
        Directory.CreateDirectory(channelFolder);
        File.WriteAllText(Path.Combine(channelFolder, "mychannel"), "in the way");
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: false);
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        using AsyncServerStreamingCall<HealthCheckResponse> watch = new Health.HealthClient(channel).Watch(
            new HealthCheckRequest { Service = "orderer.AtomicBroadcast" }, cancellationToken: Patience.Token);

        await UntilAsync(watch, HealthCheckResponse.Types.ServingStatus.NotServing);
        File.Delete(Path.Combine(channelFolder, "mychannel"));
        await UntilAsync(watch, HealthCheckResponse.Types.ServingStatus.Serving);

        Assert.Equal(Status.Success, (await BroadcastAsync(channel, Transaction("k=v"))).Status);
    }

    [Fact]
    public async Task Operations_tell_health_version_and_figures()
    {
        await using RunningOrderer orderer = await StartAsync(clientCertificateRequired: false);
        using GrpcChannel channel = orderer.Connect(_network, member: null);
        await BroadcastAsync(channel, Transaction("k=v"));
        await DeliverAsync(channel, Seek(1, 1));
        using HttpClient http = OperationsCaller.Create(
            _network.Orderer.NodeLayout.TlsRootFile, _network.Orderer.NodeLayout);
        http.BaseAddress = new Uri($"https://localhost:{orderer.OperationsPort}");

        string health = await http.GetStringAsync(new Uri("/healthz", UriKind.Relative), Patience.Token);
        string version = await http.GetStringAsync(new Uri("/version", UriKind.Relative), Patience.Token);
        string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Patience.Token);
        using HttpResponseMessage other = await http.GetAsync(new Uri("/other", UriKind.Relative), Patience.Token);

        Assert.Contains("\"Status\":\"OK\"", health, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"Version\":\"0.", version, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("orderer_height{channel=\"mychannel\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("orderer_answers_total{status=\"Success\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("orderer_queue_envelopes{channel=\"mychannel\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task All_faults_of_the_options_are_told_at_once()
    {
        var options = new OrdererOptions
        {
            ListenPort = 70_000,
            MspId = "",
            MspFolder = "/nowhere/msp",
            DataFolder = "/nowhere/data",
            GenesisBlockFiles = ["/nowhere/mychannel.block"],
        };

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => RunningOrderer.StartAsync(options));

        foreach (string part in (string[])["70000", "MspId", "/nowhere/msp", "/nowhere/mychannel.block"])
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _network.Dispose();

    private static async Task UntilAsync(
        AsyncServerStreamingCall<HealthCheckResponse> watch, HealthCheckResponse.Types.ServingStatus status)
    {
        do
            Assert.True(await watch.ResponseStream.MoveNext(Patience.Token), $"The watch ended before {status}.");
        while (watch.ResponseStream.Current.Status != status);
    }

    private Task<RunningOrderer> StartAsync(bool clientCertificateRequired) =>
        RunningOrderer.StartAsync(RunningOrderer.OptionsFor(_network, clientCertificateRequired));

    private static async Task<BroadcastResponse> BroadcastAsync(GrpcChannel channel, Envelope envelope)
    {
        using AsyncDuplexStreamingCall<Envelope, BroadcastResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Broadcast(cancellationToken: Patience.Token);
        await WriteAllAsync(call.RequestStream, [envelope]);
        Assert.True(await call.ResponseStream.MoveNext(Patience.Token), "There is no answer.");
        BroadcastResponse answer = call.ResponseStream.Current;
        Assert.False(await call.ResponseStream.MoveNext(Patience.Token), "There is more than one answer.");
        return answer;
    }

    private static async Task<List<DeliverResponse>> DeliverAsync(GrpcChannel channel, Envelope seek)
    {
        using AsyncDuplexStreamingCall<Envelope, DeliverResponse> call =
            new AtomicBroadcast.AtomicBroadcastClient(channel).Deliver(cancellationToken: Patience.Token);
        await WriteAllAsync(call.RequestStream, [seek]);
        var responses = new List<DeliverResponse>();
        while (await call.ResponseStream.MoveNext(Patience.Token))
            responses.Add(call.ResponseStream.Current);

        return responses;
    }

    private static async Task WriteAllAsync(IClientStreamWriter<Envelope> stream, IEnumerable<Envelope> envelopes)
    {
        foreach (Envelope envelope in envelopes)
            await stream.WriteAsync(envelope, Patience.Token);

        await stream.CompleteAsync();
    }

    private Envelope Transaction(string content) =>
        Sign(HeaderType.EndorserTransaction, ByteString.CopyFromUtf8(content), ByteString.Empty);

    private Envelope Seek(ulong start, ulong stop, ByteString? tlsCertHash = null)
    {
        var seek = new SeekInfo
        {
            Start = new SeekPosition { Specified = new SeekSpecified { Number = start } },
            Stop = new SeekPosition { Specified = new SeekSpecified { Number = stop } },
        };
        return Sign(HeaderType.DeliverSeekInfo, seek.ToByteString(), tlsCertHash ?? ByteString.Empty);
    }

    private Envelope Sign(HeaderType type, ByteString content, ByteString tlsCertHash) =>
        new SignedEnvelope(_network.ChannelId, type, _network.Org1.User1, content)
        {
            Time = TimeProvider.System.GetUtcNow(),
            TlsCertHash = tlsCertHash,
        }.ToMessage();

    private static ByteString HashOf(string certificateFile)
    {
        using var certificate =
            X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        return ByteString.CopyFrom(Hash32.Of(certificate.RawData).AsSpan());
    }
}
