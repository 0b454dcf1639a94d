using Grpc.Core;
using Grpc.Core.Framing;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One mapped method: takes an HTTP request through to its gRPC answer.</summary>
internal abstract class ServerMethod(MethodSettings settings)
{
    protected MethodSettings Settings => settings;

    /// <summary>The endpoint of the method. The task it returns never fails.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!HttpRefusals.IsGrpc(http))
            return Task.CompletedTask;

        var call = new HttpServerCallContext(http, settings);
        if (call.TryBegin(out Status refusal))
            return RunAsync(call);

        call.EndWith(refusal);
        return Task.CompletedTask;
    }

    protected abstract Task RunAsync(HttpServerCallContext call);
}

/// <summary>A method whose handler, interceptors around it, is composed at the first call and then kept.</summary>
internal abstract class ServerMethod<THandler>(MethodSettings settings, Func<THandler> compose) : ServerMethod(settings)
    where THandler : class
{
    private readonly Lock _composing = new();   // Guards _handler.
    private THandler? _handler;

    // A composition that fails fails its call only: the next call tries again.
    protected THandler Handler => Volatile.Read(ref _handler) ?? Compose();

    private THandler Compose()
    {
        lock (_composing)
            return _handler ??= compose();
    }
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodSettings settings, Func<UnaryServerMethod<TRequest, TResponse>> compose)
    : ServerMethod<UnaryServerMethod<TRequest, TResponse>>(settings, compose)
    where TRequest : class
    where TResponse : class
{
    private readonly Func<DeserializationContext, TRequest> _deserialize =
        method.RequestMarshaller.ContextualDeserializer;
    private readonly Action<TResponse, SerializationContext> _serialize =
        method.ResponseMarshaller.ContextualSerializer;

    protected override async Task RunAsync(HttpServerCallContext call)
    {
        try
        {
            TRequest? request = await call.ReadAsync(_deserialize, only: true, CancellationToken.None);
            if (request is null)
                call.EndWith(call.ReadFault);
            else
                call.EndWith(_serialize, await Handler(request, call));
        }
#pragma warning disable CA1031 // Whatever a method throws is its call's end, never the connection's.
        catch (Exception because)
#pragma warning restore CA1031
        {
            call.EndWith(because);
        }

        await call.ReleaseAsync();
    }
}

internal sealed class ClientStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodSettings settings,
    Func<ClientStreamingServerMethod<TRequest, TResponse>> compose)
    : ServerMethod<ClientStreamingServerMethod<TRequest, TResponse>>(settings, compose)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller.ContextualDeserializer);
        try
        {
            call.EndWith(method.ResponseMarshaller.ContextualSerializer, await Handler(requests, call));
        }
#pragma warning disable CA1031 // Whatever a method throws is its call's end, never the connection's.
        catch (Exception because)
#pragma warning restore CA1031
        {
            call.EndWith(because);
        }

        await requests.StopAsync();
        await call.ReleaseAsync();
    }
}

internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodSettings settings,
    Func<ServerStreamingServerMethod<TRequest, TResponse>> compose)
    : ServerMethod<ServerStreamingServerMethod<TRequest, TResponse>>(settings, compose)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        try
        {
            TRequest? request = await call.ReadAsync(
                method.RequestMarshaller.ContextualDeserializer, only: true, CancellationToken.None);
            if (request is null)
            {
                call.EndWith(call.ReadFault);
            }
            else
            {
                var responses =
                    new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller.ContextualSerializer);
                await Handler(request, responses, call);
                call.End();
            }
        }
#pragma warning disable CA1031 // Whatever a method throws is its call's end, never the connection's.
        catch (Exception because)
#pragma warning restore CA1031
        {
            call.EndWith(because);
        }

        await call.ReleaseAsync();
    }
}

internal sealed class DuplexStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodSettings settings,
    Func<DuplexStreamingServerMethod<TRequest, TResponse>> compose)
    : ServerMethod<DuplexStreamingServerMethod<TRequest, TResponse>>(settings, compose)
    where TRequest : class
    where TResponse : class
{
    protected override async Task RunAsync(HttpServerCallContext call)
    {
        var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller.ContextualDeserializer);
        try
        {
            var responses = new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller.ContextualSerializer);
            await Handler(requests, responses, call);
            call.End();
        }
#pragma warning disable CA1031 // Whatever a method throws is its call's end, never the connection's.
        catch (Exception because)
#pragma warning restore CA1031
        {
            call.EndWith(because);
        }

        await requests.StopAsync();
        await call.ReleaseAsync();
    }
}

/// <summary>The answers that are given before a request is known to be gRPC.</summary>
internal static class HttpRefusals
{
    /// <summary>False when the request is none, after setting the HTTP status that says so.</summary>
    public static bool IsGrpc(HttpContext http)
    {
        if (!GrpcProtocol.IsGrpcContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (HttpProtocol.IsHttp2(http.Request.Protocol) || HttpProtocol.IsHttp3(http.Request.Protocol))
            return true;

        http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
        http.Response.Headers.Upgrade = "h2";
        http.Response.Headers.Connection = "Upgrade";
        return false;
    }

    public static Task UnimplementedAsync(HttpContext http, string what)
    {
        if (!IsGrpc(http))
            return Task.CompletedTask;

        http.Response.Headers.ContentType = GrpcProtocol.ContentType;
        CallMetadata.WriteStatus(new Status(StatusCode.Unimplemented, what), http.Response.Headers);
        return Task.CompletedTask;
    }
}
