using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.LyingOrderer;

/// <summary>
/// An orderer with valid keys that serves Deliver and lies when it is told to. It orders nothing: honest blocks are
/// given to its <see cref="Chain"/>, and envelopes are passed on where its options say so.
/// </summary>
/// <remarks>
/// Frames are written by hand, so that a message can trickle, stop in the middle or mean nothing. Requests are not
/// checked: who lies does not care who asks.
/// </remarks>
public sealed class LyingOrderer : IAsyncDisposable
{
    private static readonly TimeSpan s_tricklePause = TimeSpan.FromMilliseconds(100);

    private readonly WebApplication _application;
    private readonly SigningIdentity _signer;
    private readonly Func<HttpContext, CancellationToken, Task>? _broadcast;
    private readonly CancellationTokenSource _stop = new();
    private int _blockStreams;
    private int _headerStreams;

    private LyingOrderer(
        WebApplication application, SigningIdentity signer, Func<HttpContext, CancellationToken, Task>? broadcast)
    {
        _application = application;
        _signer = signer;
        _broadcast = broadcast;
        Chain = new LyingChain(signer);
    }

    public LyingChain Chain { get; }

    public int Port { get; private set; }

    /// <summary>As whom it signs.</summary>
    public SigningIdentity Signer => _signer;

    /// <summary>Streams of whole blocks that are open.</summary>
    public int BlockStreams => Volatile.Read(ref _blockStreams);

    /// <summary>Streams of headers that are open.</summary>
    public int HeaderStreams => Volatile.Read(ref _headerStreams);

    public static async Task<LyingOrderer> StartAsync(LyingOrdererOptions options)
    {
        bool loaded = SigningIdentity.TryLoad(
            MspId.Of(options.MspId), options.MspFolder, out SigningIdentity? signer, out string? fault);
        Invariant.Require(loaded && signer is not null, fault ?? "");

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Parse(options.ListenAddress), options.ListenPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (options.TlsCertificateFile is { } file)
                    listen.UseHttps(X509Certificate2.CreateFromPemFile(file, options.TlsKeyFile));
            });
        });
        WebApplication application = builder.Build();
        var orderer = new LyingOrderer(application, signer, options.Broadcast);
        application.Run(orderer.AnswerAsync);
        await application.StartAsync();
        ICollection<string> addresses = application.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()?.Addresses ?? [];
        orderer.Port = new Uri(addresses.First()).Port;
        return orderer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _application.StopAsync(_stop.Token);
        await _application.DisposeAsync();
        _stop.Dispose();
        _signer.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        string method = context.Request.Path.Value!.Split('/')[^1];   // Every request has a path.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        try
        {
            if (method == "Deliver")
                await DeliverAsync(context, await ReadSeekAsync(context.Request.Body, either.Token), either.Token);
            else if (method == "Broadcast" && _broadcast is not null)
                await _broadcast(context, either.Token);
            else
                context.Response.Headers["grpc-status"] = "12";
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidProtocolBufferException
            or RpcException)
        {
            context.Abort();
        }
    }

    private static async Task<SeekInfo> ReadSeekAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] message = await GrpcFrames.ReadAsync(body, cancellationToken) ?? throw new EndOfStreamException();
        return SeekInfo.Parser.ParseFrom(Payload.Parser.ParseFrom(Envelope.Parser.ParseFrom(message).Payload).Data);
    }

    private async Task DeliverAsync(HttpContext context, SeekInfo seek, CancellationToken cancellationToken)
    {
        bool headersOnly = seek.ContentType == SeekInfo.Types.SeekContentType.HeaderWithSig;
        Count(headersOnly, by: 1);
        try
        {
            await context.Response.StartAsync(cancellationToken);
            for (ulong number = seek.Start.Specified.Number; ; number++)
            {
                Block block = await Chain.WaitAsync(number, cancellationToken);
                if (Chain.IsLieAbout(number) && Chain.Lie == Lie.Gap)
                    block = await Chain.WaitAsync(number + 1, cancellationToken);

                await SendAsync(context, headersOnly ? HeaderOf(block) : block, headersOnly, cancellationToken);
            }
        }
        finally
        {
            Count(headersOnly, by: -1);
        }
    }

    private void Count(bool headersOnly, int by) =>
        Interlocked.Add(ref headersOnly ? ref _headerStreams : ref _blockStreams, by);

    private async Task SendAsync(
        HttpContext context, Block block, bool isHeader, CancellationToken cancellationToken)
    {
        byte[] frame = GrpcFrames.Of(new DeliverResponse { Block = block }.ToByteArray());
        Stream body = context.Response.Body;
        Lie lie = Chain.IsLieAbout(block.Header.Number) ? Chain.Lie : Lie.None;
        switch (lie)
        {
            case Lie.Silent:
            case Lie.Withhold when !isHeader:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                break;
            case Lie.Trickle when !isHeader:
                await TrickleAsync(body, frame, cancellationToken);
                break;
            case Lie.Garbage:
                await body.WriteAsync(GrpcFrames.Of(RandomNumberGenerator.GetBytes(frame.Length)), cancellationToken);
                break;
            case Lie.Reset when !isHeader:
                await body.WriteAsync(frame.AsMemory(0, frame.Length / 2), cancellationToken);
                await body.FlushAsync(cancellationToken);
                context.Abort();
                break;
            default:
                await body.WriteAsync(frame, cancellationToken);
                break;
        }

        await body.FlushAsync(cancellationToken);
    }

    private static async Task TrickleAsync(Stream body, byte[] frame, CancellationToken cancellationToken)
    {
        for (int index = 0; index < frame.Length; index++)
        {
            await body.WriteAsync(frame.AsMemory(index, 1), cancellationToken);
            await body.FlushAsync(cancellationToken);
            await Task.Delay(s_tricklePause, TimeProvider.System, cancellationToken);
        }
    }

    private static Block HeaderOf(Block block) => new() { Header = block.Header, Metadata = block.Metadata };
}
