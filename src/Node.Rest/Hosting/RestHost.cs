using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Client;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Rest.Hosting;

/// <summary>Runs one REST server: composes it, serves until cancelled, stops in order.</summary>
public static class RestHost
{
    /// <summary>Completes when the server has stopped.</summary>
    /// <param name="started">Called once the server serves, with its address: http://127.0.0.1:8080.</param>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists every fault.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    /// <exception cref="NetworkFolderException">There is no network in the folder.</exception>
    /// <exception cref="StorageFailedException">The server's own folder cannot be used.</exception>
    public static async Task RunAsync(RestOptions options, Action<string>? started, CancellationToken cancellation)
    {
        IReadOnlyList<string> faults = options.FindFaults();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));

        await using WebApplication application = Build(options);
        using RestServer server = RestServer.Open(
            options, LoadTopology(options), application.Services.GetRequiredService<ILoggerFactory>(), cancellation);
        Routes.Map(application, server);
        await application.StartAsync(cancellation);
        string address = application.Urls.First();
        RestLog.Started(server.Log, options.NetworkFolder, address);
        if (options is { IsInsecure: true, CertificateFile: null })
            RestLog.Insecure(server.Log, address);

        started?.Invoke(address);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellation.Register(stopped.SetResult))
            await stopped.Task;

        RestLog.Stopping(server.Log);
        using var drain = new CancellationTokenSource(RestLimits.DrainTimeout, options.Clock);
        await application.StopAsync(drain.Token);
    }

    private static NetworkTopology LoadTopology(RestOptions options)
    {
        string file = Path.Combine(options.NetworkFolder, NetworkTopology.FileName);
        return NetworkTopology.TryLoad(file, out NetworkTopology? topology, out string? fault)
            ? topology
            : throw new ArgumentException(fault, nameof(options));
    }

    private static WebApplication Build(RestOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning)
            // Listening to this category makes the framework start an activity for every request.
            .AddFilter("Microsoft.AspNetCore.Hosting", LogLevel.None);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listening.Configure(kestrel, options));
        builder.Services.AddRouting();
        return builder.Build();
    }
}
