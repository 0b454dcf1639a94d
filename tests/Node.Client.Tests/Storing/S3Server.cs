using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Node.Client.Storing;

namespace Node.Client.Tests.Storing;

/// <summary>A real S3 server process with one bucket, on a port of its own, ended on disposal.</summary>
public sealed class S3Server : IAsyncLifetime
{
    private const string Bucket = "tests";
    private const int StartsMax = 5;   // Another process may take the free port first.

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly Task _draining;

    public S3Server()
    {
        string program = Path.Combine(RepositoryRoot(), "tests/interop/node_modules/s3rver/bin/s3rver.js");
        Assert.True(
            File.Exists(program),
            $"There is no {program}: the S3 server that this test speaks to. Run: (cd tests/interop && npm ci)");
        for (int start = 1; ; start++)
        {
            Port = FreePort();
            _process = Start(program);
            string? line = _process.StandardOutput.ReadLine();
            while (line is not null && !line.Contains("listening", StringComparison.OrdinalIgnoreCase))
                line = _process.StandardOutput.ReadLine();

            if (line is not null)
                break;

            Assert.True(start < StartsMax, $"s3rver does not start: {_process.StandardError.ReadToEnd()}");
        }

        // Read on, so that a full pipe does not stop the server.
        _draining = Task.WhenAll(
            _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null),
            _process.StandardError.BaseStream.CopyToAsync(Stream.Null));
    }

    public int Port { get; }

    public string DataFolder => Path.Combine(_folder.Path, Bucket);

    /// <param name="prefix">So that tests share the server and not the objects.</param>
    /// <param name="port">Of a proxy; 0: the server's own.</param>
    public IContentStore Store(string prefix, int port = 0, string more = "") =>
        ContentStores.Open(Address(prefix, port, more), TimeProvider.System);

    public string Address(string prefix, int port = 0, string more = "")
    {
        string number = (port == 0 ? Port : port).ToString(CultureInfo.InvariantCulture);
        string credentials = Path.Combine(_folder.Path, "credentials");
        File.WriteAllText(credentials, "aws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n");
        return $"s3://{Bucket}/{prefix}?endpoint=http://127.0.0.1:{number}&credentials={credentials}{more}";
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _draining;
        _process.Dispose();
        _folder.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Start(string program)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            program, "-d", _folder.Path, "-a", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture),
            "--configure-bucket", Bucket,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        return Process.Start(start) ?? throw new InvalidOperationException("node did not start");
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hyperprov.sln")))
                return folder.FullName;

        throw new InvalidOperationException("Hyperprov.sln was not found above " + AppContext.BaseDirectory);
    }
}
