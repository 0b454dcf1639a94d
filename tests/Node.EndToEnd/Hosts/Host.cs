using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Node.EndToEnd.Hosts;

/// <summary>A network namespace that stands for a machine of its own: one cable, one address, its own names.</summary>
internal sealed class Host(string name, string space, string cable, IPAddress address, string folder)
{
    public string Name => name;

    public IPAddress Address => address;

    /// <summary>What lies on this host's disk.</summary>
    public string Folder => folder;

    public string NamespacePath => $"/run/netns/{space}";

    public void Unplug() => Command.Must("ip", "link", "set", cable, "down");

    public void Plug() => Command.Must("ip", "link", "set", cable, "up");

    /// <summary>How many processes run there.</summary>
    public int ProcessCount => ProcessIds().Count;

    public IReadOnlyList<int> ProcessIds() =>
    [
        .. Command.Must("ip", "netns", "pids", space).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
    ];

    /// <summary>As pulling the power plug does: everything that runs there is gone at once.</summary>
    public void KillAll()
    {
        // More than once: one of them may have started another meanwhile.
        while (ProcessIds() is { Count: > 0 } ids)
        {
            foreach (int id in ids)
                Command.Try("kill", "-KILL", id.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Starts a program there, in a session of its own, its output appended to a file.</summary>
    public Process Start(
        string logFile, IReadOnlyDictionary<string, string> variables, params ReadOnlySpan<string> command)
    {
        // Each replaces the one before, so the process that is returned is the program itself.
        const string Script = """log=$1; shift; exec setsid "$@" </dev/null >>"$log" 2>&1""";
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        foreach (string argument in (string[])["-c", Script, "sh", logFile, "ip", "netns", "exec", space])
            start.ArgumentList.Add(argument);
        foreach (string argument in command)
            start.ArgumentList.Add(argument);
        foreach ((string variable, string value) in variables)
            start.Environment[variable] = value;

        return Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start");
    }

    /// <summary>Starts a program there that is spoken to through its standard input and output.</summary>
    public Process Open(params ReadOnlySpan<string> command)
    {
        var start = new ProcessStartInfo("ip")
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        foreach (string argument in (string[])["netns", "exec", space, .. command])
            start.ArgumentList.Add(argument);

        return Process.Start(start) ?? throw new InvalidOperationException("ip did not start");
    }

    /// <summary>What a program of the machine prints there; fails when it fails.</summary>
    public string Run(params ReadOnlySpan<string> command) =>
        Command.Must("ip", ["netns", "exec", space, .. command]);

    /// <summary>A connection made on that host, as to its own loopback.</summary>
    public Task<Socket> ConnectAsync(IPEndPoint server, CancellationToken cancellation) =>
        NamespaceSockets.ConnectAsync(NamespacePath, server, cancellation);

    /// <summary>For requests that are made on that host.</summary>
    /// <param name="certificate">Shown to servers that ask for one; null shows none.</param>
    public HttpClient NewHttpClient(X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        UseProxy = false,

        // Who answers on a host's loopback is known without a certificate.
        SslOptions =
        {
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        },
        ConnectCallback = async (context, cancellation) => new NetworkStream(
            await ConnectAsync(
                new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port), cancellation),
            ownsSocket: true),
    })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    /// <summary>Names that its programs can resolve: those and no others.</summary>
    public void WriteNames(IEnumerable<(IPAddress Address, string Name)> names)
    {
        string etc = $"/etc/netns/{space}";
        Directory.CreateDirectory(etc);
        File.WriteAllLines(
            Path.Combine(etc, "hosts"),
            ["127.0.0.1 localhost", .. names.Select(entry => $"{entry.Address} {entry.Name}")]);
        File.WriteAllText(Path.Combine(etc, "resolv.conf"), "");
        File.WriteAllText(Path.Combine(etc, "nsswitch.conf"), "hosts: files\n");
    }
}
