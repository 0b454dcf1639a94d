using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Tests.Ordering;

public class OrderingQueueTests
{
    private readonly OrderingQueue _queue = new();

    public OrderingQueueTests() => _queue.Open();

    [Fact]
    public void Gives_back_what_came_in_the_order_it_came()
    {
        WaitingEnvelope[] sent = [OfBytes(1), OfBytes(2), OfBytes(3)];
        foreach (WaitingEnvelope envelope in sent)
            _ = _queue.Add(envelope);

        var taken = new List<WaitingEnvelope>();
        while (_queue.TryTake(out WaitingEnvelope? envelope))
            taken.Add(envelope);

        Assert.Equal(sent, taken);
    }

    [Fact]
    public async Task One_envelope_more_than_the_limit_is_refused_at_once()
    {
        for (int count = 0; count < Limits.OrderingQueueMax; count++)
            _ = _queue.Add(OfBytes(1));

        BroadcastAnswer answer = await _queue.Add(OfBytes(1));

        Assert.Equal(Status.ServiceUnavailable, answer.Status);
        Assert.Equal(Limits.OrderingQueueMax, _queue.Count);
    }

    [Fact]
    public async Task One_byte_more_than_the_limit_is_refused_until_something_is_settled()
    {
        _ = _queue.Add(OfBytes(Limits.OrderingQueueBytesMax));

        BroadcastAnswer refusal = await _queue.Add(OfBytes(1));
        Assert.True(_queue.TryTake(out WaitingEnvelope? first));
        _queue.Settle(first, BroadcastAnswer.Success);
        Task<BroadcastAnswer> accepted = _queue.Add(OfBytes(1));

        Assert.Equal(Status.ServiceUnavailable, refusal.Status);
        Assert.False(accepted.IsCompleted);
    }

    [Fact]
    public async Task Closing_answers_what_waits_and_what_comes_until_it_is_opened()
    {
        Task<BroadcastAnswer> waiting = _queue.Add(OfBytes(1));
        _queue.Close(BroadcastAnswer.Unavailable("closed"));
        Task<BroadcastAnswer> late = _queue.Add(OfBytes(1));
        _queue.Open();
        Task<BroadcastAnswer> again = _queue.Add(OfBytes(1));

        Assert.Equal(["closed", "closed"], new[] { (await waiting).Text, (await late).Text });
        Assert.False(again.IsCompleted);
    }

    private static WaitingEnvelope OfBytes(int bytes) =>
        new(new byte[bytes], bytes, configSequence: 0, isConfig: false);
}
