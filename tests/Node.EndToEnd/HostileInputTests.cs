using Grpc.Core;

namespace Node.EndToEnd;

/// <summary>
/// Every gRPC method of every node, given garbage: a clear status, nothing written, the process alive.
/// </summary>
public class HostileInputTests
{
    private static readonly (string Node, string Service, string Method, MethodType Type)[] s_methods =
    [
        ("peer", "gateway.Gateway", "Endorse", MethodType.Unary),
        ("peer", "gateway.Gateway", "Submit", MethodType.Unary),
        ("peer", "gateway.Gateway", "CommitStatus", MethodType.Unary),
        ("peer", "gateway.Gateway", "Evaluate", MethodType.Unary),
        ("peer", "gateway.Gateway", "ChaincodeEvents", MethodType.ServerStreaming),
        ("peer", "protos.Endorser", "ProcessProposal", MethodType.Unary),
        ("peer", "protos.Deliver", "Deliver", MethodType.DuplexStreaming),
        ("peer", "protos.Deliver", "DeliverFiltered", MethodType.DuplexStreaming),
        ("peer", "protos.Deliver", "DeliverWithPrivateData", MethodType.DuplexStreaming),
        ("peer", "hyperprov.Proving", "Prove", MethodType.Unary),
        ("peer", "hyperprov.Proving", "Attest", MethodType.Unary),
        ("peer", "hyperprov.Proving", "Commitments", MethodType.ServerStreaming),
        ("peer", "hyperprov.Proving", "Consistency", MethodType.Unary),
        ("peer", "hyperprov.Proving", "Inclusion", MethodType.Unary),
        ("orderer", "orderer.AtomicBroadcast", "Broadcast", MethodType.DuplexStreaming),
        ("orderer", "orderer.AtomicBroadcast", "Deliver", MethodType.DuplexStreaming),
    ];

    // INTERNAL and UNKNOWN without words would mean that nobody thought of the case.
    private static readonly StatusCode[] s_clear =
    [
        StatusCode.InvalidArgument, StatusCode.FailedPrecondition, StatusCode.PermissionDenied, StatusCode.Unavailable,
        StatusCode.Aborted, StatusCode.NotFound, StatusCode.ResourceExhausted, StatusCode.Unknown, StatusCode.Internal,
    ];

    [Fact]
    public async Task Garbage_on_every_method_changes_nothing_and_ends_nothing()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        await using HostileClients clients = await HostileClients.OpenAsync(network);
        await network.SettleAsync();
        string before = await network.MustAsync("block", "latest", "--json");

        var answered = new List<string>();
        foreach ((string node, string service, string method, MethodType type) in s_methods)
        {
            foreach (byte[] message in clients.MessagesFor(method))
            {
                Status? status = await clients.CallerOf(node).CallAsync(service, method, type, message);
                if (status is { } refusal
                    && (!s_clear.Contains(refusal.StatusCode) || string.IsNullOrWhiteSpace(refusal.Detail)))
                    answered.Add($"{service}/{method}: {refusal.StatusCode} '{refusal.Detail}'");
            }
        }

        Assert.Empty(answered.Distinct());
        Assert.Equal(before, await network.MustAsync("block", "latest", "--json"));
        string file = Path.Combine(network.Folder, "after.txt");
        await File.WriteAllTextAsync(file, "still at work");
        await network.MustAsync("put", file, "--key", "after");
    }
}
