using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Tls;

namespace Node.Hosting.Operating;

/// <summary>
/// The operations port of a node: /healthz, /version, /metrics and /logspec, as Fabric's operations service.
/// </summary>
/// <remarks>
/// Owned by the node's host, which adds the listener to its own server and the answers to its own pipeline. HTTP/1.1;
/// one request per connection, so that a connection is never worth keeping open.
/// </remarks>
public sealed class OperationsEndpoint : IDisposable
{
    private readonly OperationsSetting _setting;
    private readonly NodeFigures _figures;
    private readonly MetricsText _metrics;
    private readonly OperationsAnswers _answers;
    private int _connections;

    public OperationsEndpoint(OperationsSetting setting)
    {
        _setting = setting;
        _figures = new NodeFigures(setting);
        _metrics = new MetricsText([_figures.Meter, .. setting.Meters]);
        _answers = new OperationsAnswers(setting, _metrics);
    }

    /// <summary>Adds the listener, unless the node has no operations port.</summary>
    public void Listen(KestrelServerOptions kestrel)
    {
        if (_setting.Port is not { } port)
            return;

        kestrel.Listen(_setting.Address, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => AdmitAsync(next, connection));
            if (_setting.Tls is { } tls)
                ServerOf(tls, kestrel.ApplicationServices).Listen(listen);
        });
    }

    /// <summary>
    /// Answers what comes in through the listener, and nothing else. To be called before other routes.
    /// </summary>
    public void Map(IApplicationBuilder application) => application.MapWhen(
        // The protocol first: it is known at once, and most calls of a node are HTTP/2.
        static context => !HttpProtocol.IsHttp2(context.Request.Protocol)
            && context.Features.Get<OperationsConnection>() is not null,
        branch => branch.Run(_answers.AnswerAsync));

    public void Dispose()
    {
        _metrics.Dispose();
        _figures.Dispose();
    }

    private async Task AdmitAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        try
        {
            if (Interlocked.Increment(ref _connections) > OperationsLimits.ConnectionsMax)
            {
                connection.Abort();
                return;
            }

            using var timeout = new CancellationTokenSource(OperationsLimits.ConnectionTimeout, _setting.Clock);
            await using CancellationTokenRegistration _ = timeout.Token.Register(connection.Abort);
            connection.Features.Set(new OperationsConnection());
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    // Where none is required, what a client's certificate is worth is asked by the answers that need one.
    private ServerTls ServerOf(OperationsTls tls, IServiceProvider services) => new(
        tls.Identity,
        new ClientCertificates(tls.ClientCertificateRequired, tls.ClientRoots),
        _setting.Clock,
        services.GetRequiredService<ILoggerFactory>().CreateLogger("Hyperprov.Tls"));

    /// <summary>Marks a connection that came in through the operations port.</summary>
    private sealed class OperationsConnection;
}
