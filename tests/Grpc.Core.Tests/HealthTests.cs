using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.Core.Tests;

public class HealthTests
{
    [Fact]
    public async Task Check_tells_the_status_that_was_set()
    {
        var health = new HealthServiceImpl();
        await using TestServer server = await StartAsync(health);
        using GrpcChannel channel = server.Connect();
        var client = new Health.V1.Health.HealthClient(channel);

        health.SetStatus("", ServingStatus.Serving);
        health.SetStatus("orderer", ServingStatus.NotServing);

        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(
            ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest { Service = "orderer" })).Status);
        RpcException unknown = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.CheckAsync(new HealthCheckRequest { Service = "peer" }));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Watch_tells_the_status_now_and_at_each_change()
    {
        var health = new HealthServiceImpl();
        await using TestServer server = await StartAsync(health);
        using GrpcChannel channel = server.Connect();
        using AsyncServerStreamingCall<HealthCheckResponse> watch =
            new Health.V1.Health.HealthClient(channel).Watch(new HealthCheckRequest { Service = "peer" });

        List<ServingStatus> seen = [await NextAsync(watch)];
        health.SetStatus("peer", ServingStatus.Serving);
        seen.Add(await NextAsync(watch));
        health.SetStatus("other", ServingStatus.Serving);        // Not what is watched.
        health.SetStatus("peer", ServingStatus.Serving);         // No change.
        health.SetStatus("peer", ServingStatus.NotServing);
        seen.Add(await NextAsync(watch));
        health.ClearStatus("peer");
        seen.Add(await NextAsync(watch));
        health.SetStatus("peer", ServingStatus.Serving);
        seen.Add(await NextAsync(watch));
        health.ClearAll();
        seen.Add(await NextAsync(watch));

        Assert.Equal(
            [
                ServingStatus.ServiceUnknown,
                ServingStatus.Serving,
                ServingStatus.NotServing,
                ServingStatus.ServiceUnknown,
                ServingStatus.Serving,
                ServingStatus.ServiceUnknown,
            ],
            seen);
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext());
        return watch.ResponseStream.Current.Status;
    }

    private static Task<TestServer> StartAsync(HealthServiceImpl health) =>
        TestServer.StartAsync(
            services: services => services.AddSingleton(health), map: web => web.MapGrpcService<HealthServiceImpl>());
}
