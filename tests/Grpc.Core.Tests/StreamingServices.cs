using Google.Protobuf;
using Grpc.Core.Tests.Protos;

namespace Grpc.Core.Tests;

/// <summary>Writes without end, and counts.</summary>
internal sealed class CountingService : Echo.EchoBase
{
    private static readonly ByteString s_payload = ByteString.CopyFrom(new byte[100_000]);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) => Task.FromResult(new EchoReply());

    public override async Task Repeat(
        EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        while (!context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new EchoReply { Payload = s_payload }, context.CancellationToken);
            Interlocked.Increment(ref _count);
        }
    }
}

/// <summary>Returns with a read under way and keeps what it should have forgotten.</summary>
internal sealed class LeakyService : Echo.EchoBase
{
    public List<Task<bool>> Reads { get; } = [];

    public IAsyncStreamReader<EchoRequest>? Reader { get; private set; }

    public IServerStreamWriter<EchoReply>? Writer { get; private set; }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        (Reader, Writer) = (requestStream, responseStream);
        Reads.Add(requestStream.MoveNext());
        await responseStream.WriteAsync(new EchoReply());
    }
}
