namespace Grpc.Core;

/// <summary>Which call is about to be made, told to whoever adds its credentials.</summary>
public class AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
{
    public string ServiceUrl { get; } = serviceUrl;

    public string MethodName { get; } = methodName;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Adds credentials to the headers of one call.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

/// <summary>Credentials that travel as headers of each call.</summary>
public abstract class CallCredentials
{
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new Single(interceptor);
    }

    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return new Several([.. credentials]);
    }

    internal abstract Task AddToAsync(AuthInterceptorContext context, Metadata metadata);

    private sealed class Single(AsyncAuthInterceptor interceptor) : CallCredentials
    {
        internal override Task AddToAsync(AuthInterceptorContext context, Metadata metadata) =>
            interceptor(context, metadata);
    }

    private sealed class Several(CallCredentials[] members) : CallCredentials
    {
        internal override async Task AddToAsync(AuthInterceptorContext context, Metadata metadata)
        {
            foreach (CallCredentials member in members)
                await member.AddToAsync(context, metadata);
        }
    }
}

/// <summary>Says whether a channel must, or must not, be encrypted. Certificates belong to the HTTP handler.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new Transport(secure: false, calls: null);

    /// <summary>TLS with the trust of the HTTP handler.</summary>
    public static ChannelCredentials SecureSsl { get; } = new Transport(secure: true, calls: null);

    internal abstract bool IsSecure { get; }

    internal abstract CallCredentials? Calls { get; }

    /// <summary>Adds credentials of every call to those of the channel.</summary>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return new Transport(channelCredentials.IsSecure, callCredentials);
    }

    private sealed class Transport(bool secure, CallCredentials? calls) : ChannelCredentials
    {
        internal override bool IsSecure => secure;

        internal override CallCredentials? Calls => calls;
    }
}
