using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Gives each call one interceptor of its chain.</summary>
internal sealed class InterceptorSource
{
    private readonly Interceptor? _shared;
    private readonly Type _type;

    public InterceptorSource(IServiceProvider root, InterceptorRegistration registration, ServiceLifetime? lifetime)
    {
        _type = registration.Type;
        _shared = lifetime switch
        {
            null => (Interceptor)ActivatorUtilities.CreateInstance(root, _type, [.. registration.Arguments]),
            ServiceLifetime.Singleton => (Interceptor)root.GetRequiredService(_type),
            _ => null,
        };
    }

    public Interceptor For(ServerCallContext context) => _shared ?? FromScope(context);

    private Interceptor FromScope(ServerCallContext context)
    {
        HttpContext http = context.GetHttpContext();
        return (Interceptor)http.RequestServices.GetRequiredService(_type);
    }
}
