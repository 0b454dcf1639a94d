using Google.Protobuf;
using Grpc.Core.Tests.Protos;
using Grpc.Net.Client;

namespace Grpc.Core.Tests;

/// <summary>Runs alone: what others allocate meanwhile would be counted.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    // Both sides together, with 2 kB of messages that are parsed into new objects. Most of the rest is the handler's.
    private const int CallBytesMax = 9000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_unary_call_of_1_kB_stays_within_its_allocation(bool hasDeadline)
    {
        const int Calls = 3000;
        await using TestServer server = await TestServer.StartAsync(Wire.Tls);
        using GrpcChannel channel = server.Connect();
        var client = new Echo.EchoClient(channel);
        var request = new EchoRequest { Payload = ByteString.CopyFrom(new byte[1024]) };
        DateTime? deadline = hasDeadline ? TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5) : null;
        for (int i = 0; i < Calls; i++)
            await client.UnaryAsync(request, deadline: deadline);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Calls; i++)
            await client.UnaryAsync(request, deadline: deadline);

        Assert.InRange((GC.GetTotalAllocatedBytes(precise: true) - before) / Calls, 1024, CallBytesMax);
    }
}
