using System.CommandLine;
using System.Net;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client.Storing;
using Node.Membership.Topology;
using Node.Rest.Hosting;
using Node.Rest.Identities;

namespace Node.Cli.Commands.Serving;

/// <summary><c>rest start</c>: the REST API in this process until it is told to stop.</summary>
internal static class RestStartCommand
{
    private static readonly Option<string> s_listen = new("--listen")
    {
        Description = "Where to listen (default: this machine alone, on the port in network.yaml)",
        HelpName = "ADDRESS:PORT",
    };

    private static readonly Option<string> s_store = new("--store")
    {
        Description = "Where uploads go: a name, URI or path (default: as stores.yaml says)",
        HelpName = "STORE",
    };

    private static readonly Option<bool> s_tls = new("--tls")
    {
        Description = "TLS with a certificate of the organisation's TLS authority in the network folder: the default",
    };

    private static readonly Option<string> s_certificate = new("--tls-cert")
    {
        Description = "TLS with this certificate",
        HelpName = "FILE",
    };

    private static readonly Option<string> s_key = new("--tls-key")
    {
        Description = "The certificate's private key",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> s_hosts = new("--tls-host")
    {
        Description = "With --tls: a name or address that clients use; may be repeated",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> s_insecure = new("--insecure")
    {
        Description = "Plain HTTP: anybody on the way reads API keys and data",
    };

    private static readonly Option<int> s_rate = new("--rate")
    {
        Description = "Requests per second and identity",
        HelpName = "COUNT",
        DefaultValueFactory = _ => Rest.RestLimits.RequestsPerSecond,
    };

    private static readonly Option<int> s_concurrent = new("--concurrent")
    {
        Description = "Requests in progress per identity",
        HelpName = "COUNT",
        DefaultValueFactory = _ => Rest.RestLimits.ConcurrentRequestsMax,
    };

    private static readonly Option<long> s_upload = new("--upload-max")
    {
        Description = "Largest upload",
        HelpName = "BYTES",
        DefaultValueFactory = _ => Rest.RestLimits.UploadBytesMax,
    };

    private static readonly Option<string> s_channel = new("--channel")
    {
        Description = "The channel",
        HelpName = "NAME",
        DefaultValueFactory = _ => NetworkSession.DefaultChannel,
    };

    public static Verb Create() =>
        new Verb(
            "start", "Serve the REST API in this process until SIGTERM or Ctrl-C",
            "rest start --listen 127.0.0.1:8080")
            .Takes(
                s_listen, s_store, s_tls, s_certificate, s_key, s_hosts, s_insecure, s_rate, s_concurrent, s_upload,
                s_channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        OrganizationTopology organization = RestIdentity.OrganizationOf(layout, invocation);
        IPEndPoint listen = ListenOf(invocation, layout.Topology);
        await using var stores = ContentStores.FromNetworkFolder(
            invocation.Folder, invocation.Get(s_store), invocation.Console.Clock);
        (string? certificate, string? key) = CertificateOf(invocation, layout, organization, listen.Address);
        var options = new RestOptions
        {
            NetworkFolder = invocation.Folder,
            Own = new IdentityName(organization.MspId.Value, invocation.User),
            Stores = stores,
            ListenAddress = listen.Address,
            Port = listen.Port,
            CertificateFile = certificate,
            KeyFile = key,
            IsInsecure = invocation.Get(s_insecure),
            Channel = invocation.Get(s_channel)!,   // It has a default.
            RequestsPerSecond = invocation.Get(s_rate),
            ConcurrentRequests = invocation.Get(s_concurrent),
            UploadBytesMax = invocation.Get(s_upload),
            Clock = invocation.Console.Clock,
        };
        try
        {
            await RestHost.RunAsync(options, address => Announce(invocation, address), cancellation);
        }
        catch (ArgumentException e)
        {
            throw new CommandFault(ExitCode.Usage, e.Message);
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it was starting: that is a stop like any other.
        }

        return ExitCode.Ok;
    }

    private static void Announce(Invocation invocation, string address)
    {
        invocation.Progress.Say($"REST API: {address}/api/v1 - try it at {address}/swagger");
        invocation.Progress.Say(
            $"Callers need an API key: ./hyperprov rest key create --user User1{invocation.FolderOption}");
    }

    private static IPEndPoint ListenOf(Invocation invocation, NetworkTopology topology)
    {
        string? text = invocation.Get(s_listen);
        if (text is null)
            return new IPEndPoint(IPAddress.Loopback, topology.RestPort);

        string numeric = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)
            ? "127.0.0.1" + text["localhost".Length..]
            : text;
        return IPEndPoint.TryParse(numeric, out IPEndPoint? point) && numeric.Contains(':', StringComparison.Ordinal)
            ? point
            : throw new CommandFault(
                ExitCode.Usage, $"--listen {text} is no ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080.");
    }

    private static (string? Certificate, string? Key) CertificateOf(
        Invocation invocation, NetworkLayout layout, OrganizationTopology organization, IPAddress address)
    {
        string? certificate = invocation.Get(s_certificate);
        string? key = invocation.Get(s_key);
        bool isBrought = certificate is not null || key is not null;
        if (!invocation.Get(s_tls) && (isBrought || invocation.Get(s_insecure)))
            return (PathOf(invocation, certificate), PathOf(invocation, key));

        if (isBrought)
            throw new CommandFault(
                ExitCode.Usage,
                "--tls issues a certificate; --tls-cert and --tls-key bring one. Give one or the other.");

        IEnumerable<string> addresses = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? []
            : [address.ToString()];
        IReadOnlyList<string> names =
        [
            .. new[] { $"rest.{organization.Domain}", "localhost", "127.0.0.1" }
                .Concat(addresses).Concat(invocation.Get(s_hosts) ?? []).Distinct(),
        ];
        return ServerCertificate.Ensure(
            invocation.Folder, layout.Material.PeerOrganization(organization.Domain).TlsCa, names,
            invocation.Console.Clock);
    }

    private static string? PathOf(Invocation invocation, string? path) =>
        path is null ? null : invocation.Console.PathOf(path);
}
