using System.Collections.ObjectModel;
using Grpc.Core.Framing;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// Limits and interceptors of every service, or with <see cref="GrpcServiceOptions{TService}"/> of one.
/// </summary>
public class GrpcServiceOptions
{
    private int? _receiveBytesMax;
    private int? _sendBytesMax;

    /// <summary>Largest request message, in bytes. Unset it is 4 MiB; null lifts the limit.</summary>
    public int? MaxReceiveMessageSize
    {
        get => IsReceiveLimitSet ? _receiveBytesMax : GrpcProtocol.ReceiveMessageBytesDefault;
        set
        {
            _receiveBytesMax = value;
            IsReceiveLimitSet = true;
        }
    }

    /// <summary>Largest response message, in bytes. Null, the default, is no limit.</summary>
    public int? MaxSendMessageSize
    {
        get => _sendBytesMax;
        set
        {
            _sendBytesMax = value;
            IsSendLimitSet = true;
        }
    }

    /// <summary>True shows the exceptions of methods to clients. Only for development.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>In the order they see a call. Those of one service come after those of all.</summary>
    public InterceptorCollection Interceptors { get; } = [];

    internal bool IsReceiveLimitSet { get; private set; }

    internal bool IsSendLimitSet { get; private set; }
}

/// <summary>What differs from <see cref="GrpcServiceOptions"/> for one service.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class;

/// <summary>A type of interceptor, and how one is made.</summary>
/// <remarks>
/// An interceptor registered as a service lives as its registration says. One that is not registered is made once
/// for each registration here, with the given arguments and the application's services.
/// </remarks>
public class InterceptorRegistration
{
    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        Arguments = arguments;
    }

    public Type Type { get; }

    public IReadOnlyList<object> Arguments { get; }
}

public class InterceptorCollection : Collection<InterceptorRegistration>
{
    public void Add<TInterceptor>(params object[] args)
        where TInterceptor : Interceptor => Add(typeof(TInterceptor), args);

    public void Add(Type interceptorType, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(interceptorType);
        ArgumentNullException.ThrowIfNull(args);
        if (!interceptorType.IsSubclassOf(typeof(Interceptor)))
            throw new ArgumentException($"{interceptorType} is no {typeof(Interceptor)}.", nameof(interceptorType));

        Add(new InterceptorRegistration(interceptorType, args));
    }
}
