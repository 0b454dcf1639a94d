using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>A running <c>rest start</c> over a running network, ended on disposal.</summary>
internal sealed class RestProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly RunningNetwork _network;
    private Process? _process;

    private RestProcess(RunningNetwork network) => _network = network;

    /// <summary>The last of the hundred ports that are the network's own.</summary>
    public int Port => _network.BasePort + 99;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    /// <summary>Of the process, in bytes; the most it ever had.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process!.Id}/status")
                .First(one => one.StartsWith("VmHWM", StringComparison.Ordinal));
            string kibibytes = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
            return 1024 * long.Parse(kibibytes, CultureInfo.InvariantCulture);
        }
    }

    public static async Task<RestProcess> StartAsync(RunningNetwork network, params string[] options)
    {
        var rest = new RestProcess(network);
        await rest.RestartAsync(options);
        return rest;
    }

    /// <summary>Ends the process as a power cut does, if it runs, and starts it anew.</summary>
    public async Task RestartAsync(params string[] options)
    {
        Kill();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])
            [
                Cli.Program, "rest", "start", "--insecure", "--dir", _network.Folder, "--listen", $"127.0.0.1:{Port}",
                .. options,
            ])
            start.ArgumentList.Add(argument);

        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        await _network.UntilAsync(() => IsReadyAsync(client), "the REST server to be ready");
    }

    public async Task<string> KeyOfAsync(string organization, string user)
    {
        using JsonDocument key = JsonDocument.Parse(await _network.MustAsync(
            "rest", "key", "create", "--org", organization, "--user", user, "--json"));
        return key.RootElement.GetProperty("key").GetString()!;   // A string, or the test fails here.
    }

    public async Task<HttpClient> ClientOfAsync(string organization, string user)
    {
        var client = new HttpClient { BaseAddress = new Uri(Address), Timeout = s_patience };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await KeyOfAsync(organization, user));
        return client;
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        return ValueTask.CompletedTask;
    }

    private void Kill()
    {
        if (_process is null)
            return;

        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        Assert.False(_process!.HasExited, "the REST server ended");
        try
        {
            using HttpResponseMessage response = await client.GetAsync("/readyz");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
