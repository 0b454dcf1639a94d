using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Node.Contracts;
using Node.Contracts.Lifecycle;
using Node.Contracts.Provenance;
using Node.Hosting.Tls;
using Node.Peer.Delivering;
using Node.Peer.Endorsing;
using Node.Peer.Hosting;
using Node.Peer.Tests.Endorsing;
using Node.Protocol.Wire.Peer;
using EndorserBase = Node.Protocol.Wire.Peer.Endorser.EndorserBase;

namespace Node.Peer.Tests.Gateways;

/// <summary>The services of one peer on a port of loopback, in the clear. Can be stopped and started again.</summary>
internal sealed class ServedPeer(TestPeer peer, NodeDialer dialer, PeerOptions options) : IAsyncDisposable
{
    private WebApplication? _application;

    public TestPeer Peer => peer;

    /// <summary>False lets it endorse as a peer of Fabric does, from the next start on: it knows no heights.</summary>
    public bool KnowsHeights { get; set; } = true;

    public OpenStreams Streams => _application!.Services.GetRequiredService<OpenStreams>();   // While started.

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, options.ListenPort, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(peer.Node);
        builder.Services.AddSingleton(dialer);
        builder.Services.AddSingleton(options);
        builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<FaultInterceptor>());
        PeerServices.Add(builder.Services);
        builder.Services.AddSingleton(new ContractRegistry(
            new ProvenanceContract(), new LifecycleContract(peer.Node.MspId, _ => []),
            new TellingContract("uneven", peer.Node.Address), new TellingContract("even", "the same")));
        builder.Services.AddSingleton<PlainEndorserService>();
        _application = builder.Build();
        if (KnowsHeights)
            PeerServices.Map(_application);
        else
            _application.MapGrpcService<PlainEndorserService>();

        await _application.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_application is null)
            return;

        // Streams that a test left open are cut off.
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        _application = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}

/// <summary>An endorser without metadata of ours, as Fabric's is.</summary>
internal sealed class PlainEndorserService(Node.Peer.Endorsing.Endorser endorser) : EndorserBase
{
    public override Task<ProposalResponse> ProcessProposal(SignedProposal request, ServerCallContext context)
    {
        EndorseOutcome outcome = endorser.Endorse(request, context.CancellationToken);
        return Task.FromResult(outcome.Response
            ?? throw new RpcException(new Status(StatusCode.Unknown, outcome.Rejection ?? "")));
    }
}

/// <summary>Writes one word. Where that differs from peer to peer, it is what no contract may be.</summary>
internal sealed class TellingContract(string name, string word) : IContract
{
    public string Name => name;

    public string Version => "1.0";

    public ContractResponse Invoke(IContractContext context)
    {
        context.State.Put("word", Encoding.UTF8.GetBytes(word));
        return ContractResponse.Success(default);
    }
}
