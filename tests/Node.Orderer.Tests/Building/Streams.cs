using System.Threading.Channels;
using Grpc.Core;

namespace Node.Orderer.Tests.Building;

/// <summary>Messages that a test sends into a call.</summary>
internal sealed class TestRequests<T> : IAsyncStreamReader<T>
    where T : class
{
    private readonly Channel<T> _messages = Channel.CreateBounded<T>(100_000);
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("Nothing was read.");

    public TestRequests<T> Send(params IEnumerable<T> messages)
    {
        foreach (T message in messages)
            Assert.True(_messages.Writer.TryWrite(message));
        return this;
    }

    public TestRequests<T> HalfClose()
    {
        _messages.Writer.Complete();
        return this;
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await _messages.Reader.WaitToReadAsync(cancellationToken))
            return false;

        _current = await _messages.Reader.ReadAsync(cancellationToken);
        return true;
    }
}

/// <summary>Messages that a call sends to a test.</summary>
internal sealed class TestResponses<T> : IServerStreamWriter<T>
    where T : class
{
    private readonly Channel<T> _messages = Channel.CreateBounded<T>(100_000);

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Assert.True(_messages.Writer.TryWrite(message));
        return Task.CompletedTask;
    }

    /// <summary>Waits for the next message.</summary>
    public async Task<T> NextAsync() => await _messages.Reader.ReadAsync(Patience.Token);

    /// <summary>What is there and was not taken.</summary>
    public List<T> Rest()
    {
        var rest = new List<T>();
        while (_messages.Reader.TryRead(out T? message))
            rest.Add(message);
        return rest;
    }
}
