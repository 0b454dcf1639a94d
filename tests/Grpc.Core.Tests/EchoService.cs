using System.Globalization;
using Google.Protobuf;
using Grpc.Core.Tests.Protos;

namespace Grpc.Core.Tests;

/// <summary>Answers with what it was sent, or does what the request's command says.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    /// <summary>Set when a method that waits for its cancellation has seen it.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set when a method that waits has begun to.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set by the test to let a method go on that takes no notice of its cancellation.</summary>
    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task<EchoReply> Unary(EchoRequest request, ServerCallContext context)
    {
        await ObeyAsync(request, context);
        return new EchoReply { Payload = request.Payload, Said = Answer(request, context) };
    }

    public override async Task<EchoReply> Collect(
        IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        uint count = 0;
        var all = new MemoryStream();
        await foreach (EchoRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            await ObeyAsync(request, context);
            request.Payload.WriteTo(all);
            count++;
        }

        return new EchoReply { Payload = ByteString.CopyFrom(all.ToArray()), Number = count };
    }

    public override async Task Repeat(
        EchoRequest request, IServerStreamWriter<EchoReply> responseStream, ServerCallContext context)
    {
        if (request.Command == "several writers")
        {
            await Task.WhenAll(Enumerable.Range(0, (int)request.Count).Select(i => Task.Run(() =>
                responseStream.WriteAsync(new EchoReply { Payload = request.Payload, Number = (uint)i }))));
            return;
        }

        try
        {
            for (uint i = 0; i < request.Count; i++)
                await responseStream.WriteAsync(
                    new EchoReply { Payload = request.Payload, Number = i }, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.TrySetResult();
            throw;
        }

        await ObeyAsync(request, context);
    }

    public override async Task Chat(
        IAsyncStreamReader<EchoRequest> requestStream,
        IServerStreamWriter<EchoReply> responseStream,
        ServerCallContext context)
    {
        uint number = 0;
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await ObeyAsync(requestStream.Current, context);
            await responseStream.WriteAsync(
                new EchoReply { Payload = requestStream.Current.Payload, Number = number++ });
        }

        await responseStream.WriteAsync(new EchoReply { Said = "half-closed", Number = number });
    }

    private static string Answer(EchoRequest request, ServerCallContext context) => request.Command switch
    {
        "peer" => context.Peer,
        "host" => context.Host,
        "method" => context.Method,
        "deadline" => context.Deadline.ToString("O", CultureInfo.InvariantCulture),
        "identity" => string.Join(' ', context.AuthContext.PeerIdentity.Select(property => property.Value)),
        "protocol" => context.GetHttpContext().Request.Protocol,
        "header" => context.RequestHeaders.GetValue("asked") ?? "",
        "binary" => Convert.ToHexString(context.RequestHeaders.GetValueBytes("asked-bin") ?? []),
        _ => "",
    };

    private async Task ObeyAsync(EchoRequest request, ServerCallContext context)
    {
        switch (request.Command)
        {
            case "wait":
                Waiting.TrySetResult();
                await WaitForCancellationAsync(context.CancellationToken);
                break;
            case "ignore":
                Waiting.TrySetResult();
                await Released.Task;
                break;
            case "throw":
                throw new InvalidOperationException("secret");
            case "refuse":
                throw new RpcException(
                    new Status(StatusCode.FailedPrecondition, "nö: 100%\nnever"),
                    new Metadata { { "reason", "shut" }, { "grpc-status-details-bin", [1, 2, 3, 4] } });
            case "headers" or "headers and wait":
                await context.WriteResponseHeadersAsync(new Metadata { { "early", "bird" }, { "early-bin", [0xFF] } });
                if (request.Command != "headers")
                    await WaitForCancellationAsync(context.CancellationToken);

                break;
            case "trailers":
                context.ResponseTrailers.Add("late", "riser");
                context.ResponseTrailers.Add("late-bin", [0xFE, 0xFD]);
                break;
            case "bad trailers":
                context.ResponseTrailers.Add("bad", "two\r\nlines: of");
                context.ResponseTrailers.Add("late", "riser");
                break;
            case "status":
                context.Status = new Status(StatusCode.DataLoss, "as set");
                break;
            case "null":
                throw new RpcException(Status.DefaultSuccess);
        }
    }

    private async Task WaitForCancellationAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            Cancelled.TrySetResult();
        }
    }
}
