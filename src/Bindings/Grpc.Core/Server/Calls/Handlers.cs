using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Composes the delegate a call runs: the service's method, its interceptors around it.</summary>
/// <remarks>For a singleton without interceptors the delegate is the method itself.</remarks>
internal static class Handlers
{
    private delegate Task<TResponse> OpenUnary<TService, TRequest, TResponse>(
        TService service, TRequest request, ServerCallContext context);

    private delegate Task<TResponse> OpenClientStreaming<TService, TRequest, TResponse>(
        TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context);

    private delegate Task OpenServerStreaming<TService, TRequest, TResponse>(
        TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context);

    private delegate Task OpenDuplexStreaming<TService, TRequest, TResponse>(
        TService service,
        IAsyncStreamReader<TRequest> requests,
        IServerStreamWriter<TResponse> responses,
        ServerCallContext context);

    public static UnaryServerMethod<TRequest, TResponse> Unary<TService, TRequest, TResponse>(
        ServiceSource<TService> services, MethodInfo method)
        where TService : class
        where TRequest : class
        where TResponse : class
    {
        if (services.Shared is { } shared)
            return method.CreateDelegate<UnaryServerMethod<TRequest, TResponse>>(shared);

        var open = method.CreateDelegate<OpenUnary<TService, TRequest, TResponse>>();
        return (request, context) =>
            WithServiceAsync(services, context, service => open(service, request, context));
    }

    public static ClientStreamingServerMethod<TRequest, TResponse> ClientStreaming<TService, TRequest, TResponse>(
        ServiceSource<TService> services, MethodInfo method)
        where TService : class
        where TRequest : class
        where TResponse : class
    {
        if (services.Shared is { } shared)
            return method.CreateDelegate<ClientStreamingServerMethod<TRequest, TResponse>>(shared);

        var open = method.CreateDelegate<OpenClientStreaming<TService, TRequest, TResponse>>();
        return (requests, context) =>
            WithServiceAsync(services, context, service => open(service, requests, context));
    }

    public static ServerStreamingServerMethod<TRequest, TResponse> ServerStreaming<TService, TRequest, TResponse>(
        ServiceSource<TService> services, MethodInfo method)
        where TService : class
        where TRequest : class
        where TResponse : class
    {
        if (services.Shared is { } shared)
            return method.CreateDelegate<ServerStreamingServerMethod<TRequest, TResponse>>(shared);

        var open = method.CreateDelegate<OpenServerStreaming<TService, TRequest, TResponse>>();
        return (request, responses, context) =>
            WithServiceAsync(services, context, service => WithoutResult(open(service, request, responses, context)));
    }

    public static DuplexStreamingServerMethod<TRequest, TResponse> DuplexStreaming<TService, TRequest, TResponse>(
        ServiceSource<TService> services, MethodInfo method)
        where TService : class
        where TRequest : class
        where TResponse : class
    {
        if (services.Shared is { } shared)
            return method.CreateDelegate<DuplexStreamingServerMethod<TRequest, TResponse>>(shared);

        var open = method.CreateDelegate<OpenDuplexStreaming<TService, TRequest, TResponse>>();
        return (requests, responses, context) =>
            WithServiceAsync(services, context, service => WithoutResult(open(service, requests, responses, context)));
    }

    public static UnaryServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(
        UnaryServerMethod<TRequest, TResponse> handler, InterceptorSource[] sources)
        where TRequest : class
        where TResponse : class
    {
        for (int i = sources.Length - 1; i >= 0; i--)
        {
            (InterceptorSource source, UnaryServerMethod<TRequest, TResponse> next) = (sources[i], handler);
            handler = (request, context) => source.For(context).UnaryServerHandler(request, context, next);
        }

        return handler;
    }

    public static ClientStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(
        ClientStreamingServerMethod<TRequest, TResponse> handler, InterceptorSource[] sources)
        where TRequest : class
        where TResponse : class
    {
        for (int i = sources.Length - 1; i >= 0; i--)
        {
            (InterceptorSource source, ClientStreamingServerMethod<TRequest, TResponse> next) = (sources[i], handler);
            handler = (requests, context) => source.For(context).ClientStreamingServerHandler(requests, context, next);
        }

        return handler;
    }

    public static ServerStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(
        ServerStreamingServerMethod<TRequest, TResponse> handler, InterceptorSource[] sources)
        where TRequest : class
        where TResponse : class
    {
        for (int i = sources.Length - 1; i >= 0; i--)
        {
            (InterceptorSource source, ServerStreamingServerMethod<TRequest, TResponse> next) = (sources[i], handler);
            handler = (request, responses, context) =>
                source.For(context).ServerStreamingServerHandler(request, responses, context, next);
        }

        return handler;
    }

    public static DuplexStreamingServerMethod<TRequest, TResponse> Around<TRequest, TResponse>(
        DuplexStreamingServerMethod<TRequest, TResponse> handler, InterceptorSource[] sources)
        where TRequest : class
        where TResponse : class
    {
        for (int i = sources.Length - 1; i >= 0; i--)
        {
            (InterceptorSource source, DuplexStreamingServerMethod<TRequest, TResponse> next) = (sources[i], handler);
            handler = (requests, responses, context) =>
                source.For(context).DuplexStreamingServerHandler(requests, responses, context, next);
        }

        return handler;
    }

    private static async Task<TResult> WithServiceAsync<TService, TResult>(
        ServiceSource<TService> services, ServerCallContext context, Func<TService, Task<TResult>> call)
        where TService : class
    {
        HttpContext http = context.GetHttpContext();
        TService service = services.For(http);
        try
        {
            return await call(service);
        }
        finally
        {
            if (services.IsOwnedByCall)
                await ServiceSource<TService>.DisposeAsync(service);
        }
    }

    private static async Task<bool> WithoutResult(Task task)
    {
        await task;
        return true;
    }
}
