using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>
/// Finds, for each method of a generated service base class, its implementation in <typeparamref name="TService"/>.
/// </summary>
internal sealed class ServiceMethodBinder<TService>(ServerMethodFactory factory) : ServiceBinderBase
    where TService : class
{
    private const BindingFlags Everything = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly ServiceSource<TService> _services = factory.SourceOf<TService>();
    private InterceptorSource[]? _interceptors;   // Made at the first call: interceptors may need what start-up makes.

    public List<(IMethod Method, ServerMethod Target)> Bound { get; } = [];

    /// <exception cref="InvalidOperationException">
    /// <typeparamref name="TService"/> derives from no generated base class.
    /// </exception>
    public void Bind()
    {
        for (Type? type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } attribute)
                continue;

            MethodInfo? bind = attribute.BindType.GetMethod(
                attribute.BindMethodName,
                BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic,
                [typeof(ServiceBinderBase), type]);
            bind?.Invoke(obj: null, [this, null]);
            if (bind is not null)
                return;
        }

        throw new InvalidOperationException($"{typeof(TService)} does not derive from a generated service base class.");
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo target = Find(method, typeof(TRequest), typeof(ServerCallContext));
        Bound.Add((method, new UnaryMethod<TRequest, TResponse>(method, SettingsFor(method), Compose)));

        UnaryServerMethod<TRequest, TResponse> Compose() =>
            Handlers.Around(Handlers.Unary<TService, TRequest, TResponse>(_services, target), Interceptors());
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo target = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Bound.Add((method, new ClientStreamingMethod<TRequest, TResponse>(method, SettingsFor(method), Compose)));

        ClientStreamingServerMethod<TRequest, TResponse> Compose() =>
            Handlers.Around(Handlers.ClientStreaming<TService, TRequest, TResponse>(_services, target), Interceptors());
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo target = Find(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Bound.Add((method, new ServerStreamingMethod<TRequest, TResponse>(method, SettingsFor(method), Compose)));

        ServerStreamingServerMethod<TRequest, TResponse> Compose() =>
            Handlers.Around(Handlers.ServerStreaming<TService, TRequest, TResponse>(_services, target), Interceptors());
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo target = Find(
            method,
            typeof(IAsyncStreamReader<TRequest>),
            typeof(IServerStreamWriter<TResponse>),
            typeof(ServerCallContext));
        Bound.Add((method, new DuplexStreamingMethod<TRequest, TResponse>(method, SettingsFor(method), Compose)));

        DuplexStreamingServerMethod<TRequest, TResponse> Compose() =>
            Handlers.Around(Handlers.DuplexStreaming<TService, TRequest, TResponse>(_services, target), Interceptors());
    }

    private MethodSettings SettingsFor(IMethod method) => factory.SettingsFor<TService>(method);

    private InterceptorSource[] Interceptors() => _interceptors ??= factory.InterceptorsOf<TService>();

    private static MethodInfo Find(IMethod method, params Type[] parameters) =>
        typeof(TService).GetMethod(method.Name, Everything, parameters)
        ?? throw new InvalidOperationException(
            $"{typeof(TService)} has no method {method.Name} with the generated parameters.");
}
