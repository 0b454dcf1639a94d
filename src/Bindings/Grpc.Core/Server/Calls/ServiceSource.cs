using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Gives each call the object its method runs on.</summary>
internal sealed class ServiceSource<TService>(IServiceProvider root, ServiceLifetime? lifetime)
    where TService : class
{
    private readonly ObjectFactory<TService>? _make =
        lifetime is null ? ActivatorUtilities.CreateFactory<TService>([]) : null;

    /// <summary>The one object of all calls, or null when each call has its own.</summary>
    public TService? Shared => lifetime == ServiceLifetime.Singleton ? root.GetRequiredService<TService>() : null;

    /// <summary>True when the call made the object and must dispose of it.</summary>
    public bool IsOwnedByCall => _make is not null;

    public TService For(HttpContext http) =>
        _make is not null
            ? _make(http.RequestServices, [])
            : http.RequestServices.GetRequiredService<TService>();

    public static ValueTask DisposeAsync(TService service)
    {
        if (service is IAsyncDisposable asynchronously)
            return asynchronously.DisposeAsync();

        (service as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
