using Google.Protobuf;
using Node.Hosting.Tls;
using Node.Peer.Gateways;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.Peer.Tests.Gateways;

public sealed class BroadcastStreamTests : IDisposable
{
    private readonly NodeDialer _dialer = new(own: null, TimeProvider.System);
    private readonly int _port = GatewayBench.FreePort();

    [Fact]
    public async Task Every_envelope_gets_its_own_answer()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(_port, keepsOpen: true);
        await using BroadcastStream stream = Dial();
        string[] scripts = [.. Enumerable.Range(0, 200).Select(i => i % 7 == 3 ? "400" : $"envelope {i}")];

        BroadcastResponse[] answers =
            await Task.WhenAll(scripts.Select(script => SendAsync(stream, script))).WaitAsync(GatewayBench.Patience);

        Assert.Equal(scripts.Select(script => $"for {script}"), answers.Select(answer => answer.Info));
        Assert.Equal(1, orderer.Streams);
    }

    // Fabric's orderer ends the stream after a refusal; those behind it were never looked at.
    [Fact]
    public async Task A_refused_envelope_costs_no_other_its_answer_even_if_the_stream_ends()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(_port, keepsOpen: false);
        await using BroadcastStream stream = Dial();
        string[] scripts = [.. Enumerable.Range(0, 60).Select(i => i % 10 == 5 ? "403" : $"envelope {i}")];

        BroadcastResponse[] answers =
            await Task.WhenAll(scripts.Select(script => SendAsync(stream, script))).WaitAsync(GatewayBench.Patience);

        Assert.Equal(scripts.Select(script => $"for {script}"), answers.Select(answer => answer.Info));
        Assert.Equal(54, orderer.Accepted);
    }

    [Fact]
    public async Task A_lost_stream_fails_whoever_waits_and_the_next_envelope_opens_another()
    {
        await using BroadcastStream stream = Dial();
        ScriptedOrderer first = await ScriptedOrderer.StartAsync(_port, keepsOpen: true);
        Task<BroadcastResponse> waiting = SendAsync(stream, "hang");
        await first.Hanging.WaitAsync(GatewayBench.Patience);

        await first.DisposeAsync();

        await Assert.ThrowsAsync<PeerUnreachableException>(() => waiting.WaitAsync(GatewayBench.Patience));
        await Assert.ThrowsAsync<PeerUnreachableException>(
            () => SendAsync(stream, "down").WaitAsync(GatewayBench.Patience));
        Assert.True(stream.IsAway);
        await using ScriptedOrderer second = await ScriptedOrderer.StartAsync(_port, keepsOpen: true);
        BroadcastResponse answer = await SendAsync(stream, "again").WaitAsync(GatewayBench.Patience);
        Assert.Equal("for again", answer.Info);
        Assert.False(stream.IsAway);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_disturbs_nobody()
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(_port, keepsOpen: true);
        await using BroadcastStream stream = Dial();
        using var impatience = new CancellationTokenSource();
        Task<BroadcastResponse> given = stream.SendAsync(Envelope("hang"), impatience.Token);
        await orderer.Hanging.WaitAsync(GatewayBench.Patience);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(1, orderer.Streams);
    }

    // As many as are sent without an answer, as many again in the queue, and some that wait for a place in it.
    [Theory]
    [InlineData(1)]
    [InlineData((2 * Limits.BroadcastsInFlightMax) + 100)]
    public async Task Disposal_fails_whoever_waits_and_does_not_hang(int waitingCount)
    {
        await using ScriptedOrderer orderer = await ScriptedOrderer.StartAsync(_port, keepsOpen: true);
        BroadcastStream stream = Dial();
        Task<BroadcastResponse>[] waiting =
            [.. Enumerable.Range(0, waitingCount).Select(_ => SendAsync(stream, "hang"))];
        await orderer.Hanging.WaitAsync(GatewayBench.Patience);

        await stream.DisposeAsync().AsTask().WaitAsync(GatewayBench.Patience);

        foreach (Task<BroadcastResponse> one in waiting)
            await Assert.ThrowsAsync<PeerUnreachableException>(() => one.WaitAsync(GatewayBench.Patience));

        await Assert.ThrowsAsync<PeerUnreachableException>(() => SendAsync(stream, "late"));
    }

    public void Dispose() => _dialer.Dispose();

    private BroadcastStream Dial() =>
        new($"localhost:{_port}", _dialer.Dial("localhost", _port, []), TimeProvider.System);

    private static Task<BroadcastResponse> SendAsync(BroadcastStream stream, string script) =>
        stream.SendAsync(Envelope(script), CancellationToken.None);

    private static Envelope Envelope(string script) => new() { Payload = ByteString.CopyFromUtf8(script) };
}
