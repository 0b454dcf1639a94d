using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Node.Peer.Delivering;
using Node.Peer.Endorsing;
using Node.Peer.Gateways;
using Node.Peer.Proving;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>The gRPC services of a peer and what they are made of. Each room adds its own lines.</summary>
internal static class PeerServices
{
    public static void Add(IServiceCollection services)
    {
        var health = new HealthServiceImpl();
        health.SetStatus("", HealthCheckResponse.Types.ServingStatus.Serving);
        services.AddSingleton(health);

        services.AddSingleton(provider => ContractRegistry.BuiltIn(provider.GetRequiredService<PeerNode>()));
        services.AddSingleton(new AdmissionGate("simulations", Limits.SimulationsMax));
        services.AddSingleton<Endorser>();
        services.AddSingleton<EndorserService>();
        services.AddSingleton<IEndorsingPeer, LocalEndorser>();
        services.AddSingleton<EndorserDirectory>();
        services.AddSingleton<EndorsementLayouts>();
        services.AddSingleton<EndorsementCollector>();
        services.AddSingleton<OrdererPool>();
        services.AddSingleton(provider =>
            new OpenStreams(provider.GetRequiredService<PeerNode>(), Limits.DeliverStreamsMax));
        services.AddSingleton<GatewayService>();
        services.AddSingleton<DeliverService>();
        services.AddSingleton<ProvingAdmission>();
        services.AddSingleton<AttestationCollector>();
        services.AddSingleton<ProvingService>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<HealthServiceImpl>();
        routes.MapGrpcService<EndorserService>();
        routes.MapGrpcService<GatewayService>();
        routes.MapGrpcService<DeliverService>();
        routes.MapGrpcService<ProvingService>();
    }
}
