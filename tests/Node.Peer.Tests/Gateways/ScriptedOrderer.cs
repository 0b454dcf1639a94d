using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Peer.Tests.Gateways;

/// <summary>
/// An ordering service that answers as the payload of each envelope tells it: an envelope "400" is answered
/// BAD_REQUEST, "hang" never, anything else SUCCESS. On a real socket.
/// </summary>
[BindServiceMethod(typeof(ScriptedOrderer), nameof(BindService))]
internal sealed class ScriptedOrderer : IAsyncDisposable
{
    private static readonly Method<Envelope, BroadcastResponse> s_broadcast = new(
        MethodType.DuplexStreaming,
        "orderer.AtomicBroadcast",
        nameof(Broadcast),
        new(envelope => envelope.ToByteArray(), Envelope.Parser.ParseFrom),
        new(response => response.ToByteArray(), BroadcastResponse.Parser.ParseFrom));

    private readonly bool _keepsOpen;
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _application;
    private int _streams;
    private int _accepted;

    /// <param name="keepsOpen">
    /// Goes on after a refusal where the client asks for that, as our orderer does; otherwise ends the stream, as
    /// Fabric's does.
    /// </param>
    private ScriptedOrderer(bool keepsOpen) => _keepsOpen = keepsOpen;

    /// <summary>Broadcast streams opened so far.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Envelopes answered SUCCESS so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Completes when an envelope "hang" has arrived.</summary>
    public Task Hanging => _hanging.Task;

    public static async Task<ScriptedOrderer> StartAsync(int port, bool keepsOpen)
    {
        var orderer = new ScriptedOrderer(keepsOpen);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(orderer);
        orderer._application = builder.Build();
        orderer._application.MapGrpcService<ScriptedOrderer>();
        await orderer._application.StartAsync();
        return orderer;
    }

    /// <summary>Found through the attribute: the house generates no server for this service.</summary>
    public static void BindService(ServiceBinderBase binder, ScriptedOrderer? service)
    {
        DuplexStreamingServerMethod<Envelope, BroadcastResponse>? broadcast =
            service is null ? null : service.Broadcast;
        binder.AddMethod(s_broadcast, broadcast);
    }

    public async Task Broadcast(
        IAsyncStreamReader<Envelope> requestStream, IServerStreamWriter<BroadcastResponse> responseStream,
        ServerCallContext context)
    {
        Interlocked.Increment(ref _streams);
        bool asked = context.RequestHeaders.GetValue(BroadcastHeaders.KeepOpen) == "1";
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            string script = requestStream.Current.Payload.ToStringUtf8();
            if (script == "hang")
            {
                _hanging.TrySetResult();
                continue;
            }

            var status = (Status)(int.TryParse(script, out int code) ? code : 200);
            if (status == Status.Success)
                Interlocked.Increment(ref _accepted);

            await responseStream.WriteAsync(new BroadcastResponse { Status = status, Info = $"for {script}" });
            if (status != Status.Success && !(_keepsOpen && asked))
                return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        if (_application is null)
            return;

        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }
}
