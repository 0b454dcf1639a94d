using Google.Protobuf;
using Grpc.Core.Tests.Protos;

namespace Grpc.Core.Tests;

/// <summary>Writes without end, and counts.</summary>
internal sealed class CountingService : Echo.EchoBase
{
    private static readonly ByteString s_payload = ByteString.CopyFrom(new byte[100_000]);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public override Task<EchoReply> Unary(EchoRequest request, ServerCallContext context) =>
        Task.FromResult(new EchoReply());

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
        IAsyncStreamReader<EchoRequest> requestStream,
        IServerStreamWriter<EchoReply> responseStream,
        ServerCallContext context)
    {
        (Reader, Writer) = (requestStream, responseStream);
        Reads.Add(requestStream.MoveNext());
        await responseStream.WriteAsync(new EchoReply());
    }
}

/// <summary>
/// A service written by hand, as no generator would: its messages are text, and two of them do not serialize.
/// </summary>
[BindServiceMethod(typeof(TextService), nameof(BindService))]
internal sealed class TextService
{
    public const string Short = "announces more than it writes";
    public const string Never = "does not serialize";

    private static readonly Marshaller<string> s_answers = Marshallers.Create<string>(
        (text, context) =>
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
            if (text == Never)
                throw new NotSupportedException(text);

            context.SetPayloadLength(text == Short ? bytes.Length + 1 : bytes.Length);
            bytes.CopyTo(context.GetBufferWriter().GetSpan(bytes.Length));
            context.GetBufferWriter().Advance(bytes.Length);
            context.Complete();
        },
        context => System.Text.Encoding.UTF8.GetString(context.PayloadAsNewBuffer()));

    public static Method<string, string> Say { get; } =
        new(MethodType.Unary, "text", "Answer", Marshallers.StringMarshaller, s_answers);

    public static void BindService(ServiceBinderBase binder, TextService? service) =>
        binder.AddMethod(Say, service is null ? null : new UnaryServerMethod<string, string>(service.Answer));

    public Task<string> Answer(string request, ServerCallContext context) => Task.FromResult(request);
}
