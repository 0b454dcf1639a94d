using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Node.Hosting.Tls;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Peer.Tests.Endorsing;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Time;
using Node.Testing.Transactions;
using StaticCollectionConfig = Node.Protocol.Wire.Peer.StaticCollectionConfig;
using DeliverClient = Node.Protocol.Wire.Peer.Deliver.DeliverClient;
using GatewayClient = Node.Protocol.Wire.Gateway.Gateway.GatewayClient;

namespace Node.Peer.Tests.Gateways;

/// <summary>
/// Two peers of two organisations that serve real sockets and know each other by the channel configuration. Blocks are
/// made by a <see cref="TestChain"/>; who commits them is up to the test.
/// </summary>
public sealed class GatewayBench : IAsyncLifetime
{
    public const string BothPeers = "AND('Org1MSP.peer', 'Org2MSP.peer')";
    public const string AnyPeer = "OR('Org1MSP.peer', 'Org2MSP.peer')";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-gateway-").FullName;
    private readonly NodeDialer _dialer = new(own: null, TimeProvider.System);
    private readonly int _port1 = FreePort();
    private readonly int _port2 = FreePort();
    private TestChain? _chain;
    private ServedPeer? _served1;
    private ServedPeer? _served2;

    public static DateTimeOffset Now { get; } = TestIssuer.Epoch.AddDays(30);

    public TestChannel Channel { get; } = new();

    /// <summary>Where the peers send envelopes; nothing listens there unless a test starts something.</summary>
    public int OrdererPort { get; } = FreePort();

    internal ManualClock Clock { get; } = new(Now);

    internal TestChain Chain => _chain!;   // Set before any test runs.

    internal ServedPeer Served1 => _served1!;

    internal ServedPeer Served2 => _served2!;

    internal TestPeer Peer1 => Served1.Peer;

    internal GatewayClient Gateway => new(Connection);

    internal DeliverClient Deliver => new(Connection);

    internal GrpcChannel Connection => _dialer.Dial("localhost", _port1, []);

    internal string Address1 => $"localhost:{_port1}";

    internal string Address2 => $"localhost:{_port2}";

    public async Task InitializeAsync()
    {
        Channel.AnchorPeers["Org1"] = [new AnchorPeer { Host = "localhost", Port = _port1 }];
        Channel.AnchorPeers["Org2"] = [new AnchorPeer { Host = "localhost", Port = _port2 }];
        _chain = new TestChain(Channel);
        string genesis = Path.Combine(_folder, "genesis.block");
        await File.WriteAllBytesAsync(genesis, _chain.Genesis);
        _served1 = Serve(Channel.Peer1, Channel.Org1, "peer1", _port1, genesis);
        _served2 = Serve(Channel.Peer2, Channel.Org2, "peer2", _port2, genesis);
        await _served1.StartAsync();
        await _served2.StartAsync();
        await DefineAsync(BothPeers);
    }

    public async Task DisposeAsync()
    {
        foreach (ServedPeer served in (ServedPeer[])[Served1, Served2])
        {
            await served.DisposeAsync();
            await served.Peer.DisposeAsync();
        }

        _dialer.Dispose();
        Channel.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Gives the contract hyperprov this endorsement policy from the next block on.</summary>
    internal Task DefineAsync(string policy, params StaticCollectionConfig[] collections) =>
        CommitAsync(Definitions.Define(Channel, "hyperprov", policy, collections).ToEnvelope());

    /// <summary>The next block, on both peers.</summary>
    internal Task CommitAsync(params byte[][] envelopes) => CommitBlockAsync(Chain.Next(envelopes));

    internal async Task CommitBlockAsync(byte[] block)
    {
        await Served1.Peer.CommitAsync(block);
        await Served2.Peer.CommitAsync(block);
    }

    /// <summary>A transaction that records a key, made without the gateway.</summary>
    internal Tx Record(string key) => Tx.Valid(Channel).Writing(key, "{}").Emitting("recorded", key);

    internal ProposalBuilder Proposal(string function, params string[] arguments) =>
        new(Channel.Client1, Clock.GetUtcNow(), function, arguments);

    internal async Task<Transaction> EndorseAsync(ProposalBuilder proposal, params string[] organizations)
    {
        var request = new EndorseRequest { ProposedTransaction = proposal.Build() };
        request.EndorsingOrganizations.Add(organizations);
        EndorseResponse response = await Gateway.EndorseAsync(request).ResponseAsync.WaitAsync(Patience);
        Assert.True(response.PreparedTransaction.Signature.IsEmpty);
        return Transaction.Parser.ParseFrom(
            Payload.Parser.ParseFrom(response.PreparedTransaction.Payload).Data);
    }

    /// <summary>What the gateway gave, signed by the client: ready to be ordered.</summary>
    internal async Task<byte[]> EnvelopeAsync(ProposalBuilder proposal)
    {
        EndorseResponse response = await Gateway.EndorseAsync(
            new EndorseRequest { ProposedTransaction = proposal.Build() });
        response.PreparedTransaction.Signature =
            ByteString.CopyFrom(Channel.Client1.Sign(response.PreparedTransaction.Payload.Span));
        return response.PreparedTransaction.ToByteArray();
    }

    internal async Task<Response> EvaluateAsync(ProposalBuilder proposal, params string[] organizations)
    {
        var request = new EvaluateRequest { ProposedTransaction = proposal.Build() };
        request.TargetOrganizations.Add(organizations);
        return (await Gateway.EvaluateAsync(request).ResponseAsync.WaitAsync(Patience)).Result;
    }

    internal SignedCommitStatusRequest CommitStatusRequest(string txId, SigningIdentity signer) =>
        CommitStatusRequest(txId, signer, Channel.Id.Value);

    internal static SignedCommitStatusRequest CommitStatusRequest(
        string txId, SigningIdentity signer, string channel)
    {
        var request = new CommitStatusRequest
        {
            TransactionId = txId,
            ChannelId = channel,
            Identity = ByteString.CopyFrom(signer.Serialized.Span),
        };
        ByteString bytes = request.ToByteString();
        return new SignedCommitStatusRequest
        {
            Request = bytes,
            Signature = ByteString.CopyFrom(signer.Sign(bytes.Span)),
        };
    }

    internal SignedChaincodeEventsRequest EventsRequest(Action<ChaincodeEventsRequest> change) =>
        EventsRequest(Channel.Client1, change);

    internal SignedChaincodeEventsRequest EventsRequest(
        SigningIdentity signer, Action<ChaincodeEventsRequest> change)
    {
        var request = new ChaincodeEventsRequest
        {
            ChannelId = Channel.Id.Value,
            ChaincodeId = "hyperprov",
            Identity = ByteString.CopyFrom(signer.Serialized.Span),
        };
        change(request);
        ByteString bytes = request.ToByteString();
        return new SignedChaincodeEventsRequest
        {
            Request = bytes,
            Signature = ByteString.CopyFrom(signer.Sign(bytes.Span)),
        };
    }

    /// <summary>Which organisations endorsed, as "Org1MSP Org2MSP".</summary>
    internal static string EndorsersOf(Transaction transaction) => string.Join(
        ' ',
        ActionOf(transaction).Action.Endorsements.Select(endorsement =>
            Protocol.Wire.Msp.SerializedIdentity.Parser.ParseFrom(endorsement.Endorser).Mspid));

    internal static ChaincodeActionPayload ActionOf(Transaction transaction) =>
        ChaincodeActionPayload.Parser.ParseFrom(Assert.Single(transaction.Actions).Payload);

    /// <summary>The refusal that a call must end with.</summary>
    internal static async Task<RpcException> RefusalAsync(StatusCode expected, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => call().WaitAsync(Patience));
        Assert.True(expected == refusal.StatusCode, $"{expected} was expected, not {refusal.Status}");
        return refusal;
    }

    /// <summary>The details of a refusal, each as "address mspid message".</summary>
    internal static string[] DetailsOf(RpcException refusal)
    {
        byte[]? bytes = refusal.Trailers.GetValueBytes("grpc-status-details-bin");
        if (bytes is null)
            return [];

        var status = Protocol.Wire.Rpc.Status.Parser.ParseFrom(bytes);
        Assert.Equal(((int)refusal.StatusCode, refusal.Status.Detail), (status.Code, status.Message));
        return [.. status.Details.Select(any =>
        {
            Assert.Equal("type.googleapis.com/gateway.ErrorDetail", any.TypeUrl);
            var detail = ErrorDetail.Parser.ParseFrom(any.Value);
            return $"{detail.Address} {detail.MspId} {detail.Message}";
        })];
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private ServedPeer Serve(SigningIdentity signer, TestIssuer organization, string name, int port, string genesis)
    {
        string folder = Path.Combine(_folder, name);
        var peer = new TestPeer(signer, organization, $"localhost:{port}", folder, genesis, Clock);
        var options = new PeerOptions
        {
            ListenPort = port,
            MspId = organization.MspId.Value,
            MspFolder = _folder,
            DataFolder = folder,
            OrdererEndpoints = [new OrdererEndpointOverride { Host = "localhost", Port = OrdererPort }],
        };
        return new ServedPeer(peer, _dialer, options);
    }
}
