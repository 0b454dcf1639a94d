using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Knows how long the services of this application live, so that singletons are looked up once only.</summary>
internal sealed class ServiceLifetimes(IServiceCollection services)
{
    /// <summary>Null for a type that is not registered.</summary>
    public ServiceLifetime? Of(Type type)
    {
        for (int i = services.Count - 1; i >= 0; i--)
        {
            if (services[i].ServiceType == type && !services[i].IsKeyedService)
                return services[i].Lifetime;
        }

        return null;
    }
}
