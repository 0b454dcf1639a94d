using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Makes what a service's methods need, once, when the service is mapped.</summary>
internal sealed class ServerMethodFactory(
    IServiceProvider root, ServiceLifetimes lifetimes, IOptions<GrpcServiceOptions> options, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("Grpc.AspNetCore.Server");
    private readonly TimeProvider _time = root.GetService<TimeProvider>() ?? TimeProvider.System;

    private readonly ConditionalWeakTable<IEndpointRouteBuilder, object> _withFallback = [];

    /// <summary>
    /// True for the first service of each route builder, which brings the routes of unknown services.
    /// </summary>
    public bool TryClaimFallback(IEndpointRouteBuilder builder) => _withFallback.TryAdd(builder, this);

    public MethodSettings SettingsFor<TService>(IMethod method)
        where TService : class
    {
        GrpcServiceOptions all = options.Value;
        GrpcServiceOptions<TService> own = OptionsOf<TService>();
        return new MethodSettings
        {
            FullName = method.FullName,
            IsRequestStream = method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming,
            IsResponseStream = method.Type is MethodType.ServerStreaming or MethodType.DuplexStreaming,
            ReceiveBytesMax = (own.IsReceiveLimitSet ? own : all).MaxReceiveMessageSize ?? int.MaxValue,
            SendBytesMax = (own.IsSendLimitSet ? own : all).MaxSendMessageSize ?? int.MaxValue,
            ShowsExceptions = own.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false,
            Time = _time,
            Logger = _logger,
        };
    }

    public ServiceSource<TService> SourceOf<TService>()
        where TService : class => new(root, lifetimes.Of(typeof(TService)));

    /// <summary>The chain of a service, the first to see a call first.</summary>
    public InterceptorSource[] InterceptorsOf<TService>()
        where TService : class
    {
        var sources = new List<InterceptorSource>();
        foreach (InterceptorRegistration registration in options.Value.Interceptors)
            sources.Add(new InterceptorSource(root, registration, lifetimes.Of(registration.Type)));

        foreach (InterceptorRegistration registration in OptionsOf<TService>().Interceptors)
            sources.Add(new InterceptorSource(root, registration, lifetimes.Of(registration.Type)));

        return [.. sources];
    }

    private GrpcServiceOptions<TService> OptionsOf<TService>()
        where TService : class => root.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value;
}
