using System.Diagnostics;
using System.Globalization;

namespace Node.EndToEnd;

/// <summary>A whole network on a machine whose clock stands beyond its certificates.</summary>
public class ExpiryTests
{
    private const int DaysAhead = 400;   // The authority's certificates hold a year, the generator's roots ten.

    [Fact]
    public async Task A_network_whose_certificates_expired_says_so_is_renewed_and_goes_on()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string content = Path.Combine(network.Folder, "content");
        string receipt = Path.Combine(network.Folder, "old.receipt");
        await File.WriteAllTextAsync(content, "measured in time");
        foreach (string organization in (string[])["org1", "org2", "orderer"])
            await network.MustAsync("identity", "renew", "--all", "--org", organization);
        await network.MustAsync("put", content, "--key", "before");
        await network.MustAsync("receipt", "before", "-o", receipt);
        await network.DownAsync();

        CliResult refusedStart = await LaterAsync(network, "network", "up");
        CliResult refusedWrite = await LaterAsync(network, "put", content, "--key", "late");
        CliResult status = await LaterAsync(network, "network", "status");

        Assert.True(refusedStart.ExitCode == 3, refusedStart.ToString());
        Assert.Contains("peer0.org1.example.com (signing, ", refusedStart.Error, StringComparison.Ordinal);
        Assert.Contains("identity renew --all --org orderer", refusedStart.Error, StringComparison.Ordinal);
        Assert.Equal(3, refusedWrite.ExitCode);
        Assert.Contains("TLS certificate of peer0.org1", refusedWrite.Error, StringComparison.Ordinal);
        Assert.Contains("expired at", refusedWrite.Error, StringComparison.Ordinal);
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("expired", status.Output, StringComparison.Ordinal);
        Assert.Contains("identity renew --all --org org2", status.Output, StringComparison.Ordinal);
        Assert.Contains("[123]", network.LogOf("orderer.example.com"), StringComparison.Ordinal);

        // Nodes first: then it is the user's own certificate that is refused, by the peer's word.
        await MustLaterAsync(network, "identity", "renew", "--all", "--org", "orderer");
        await MustLaterAsync(network, "identity", "renew", "--all", "--org", "org2");
        string user = Path.Combine(
            network.Folder, "crypto-config/peerOrganizations/org1.example.com/users/User1@org1.example.com");
        Folders.Copy(user, user + ".expired");
        await MustLaterAsync(network, "identity", "renew", "--all", "--org", "org1");
        await MustLaterAsync(network, "network", "up");
        Directory.Move(user, user + ".renewed");
        Directory.Move(user + ".expired", user);
        CliResult refusedUser = await LaterAsync(network, "put", content, "--key", "late");
        Assert.Equal(5, refusedUser.ExitCode);
        Assert.True(
            refusedUser.Error.Contains("certificate of User1@org1.example.com", StringComparison.Ordinal),
            refusedUser.ToString());
        Assert.Contains("expired at", refusedUser.Error, StringComparison.Ordinal);

        Directory.Delete(user, recursive: true);
        Directory.Move(user + ".renewed", user);
        await MustLaterAsync(network, "put", content, "--key", "late");
        string genuine = await MustLaterAsync(network, "verify-receipt", receipt);
        Assert.Contains("genuine", genuine, StringComparison.Ordinal);
        await MustLaterAsync(network, "receipt", "before", "-o", receipt + ".anew");
        await MustLaterAsync(network, "ledger", "verify");
        await MustLaterAsync(network, "network", "down");
    }

    private static async Task<string> MustLaterAsync(RunningNetwork network, params string[] arguments)
    {
        CliResult result = await LaterAsync(network, arguments);
        Assert.True(result.ExitCode == 0, $"hyperprov {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }

    // The program, and every node that it starts, on a clock that is ahead.
    private static async Task<CliResult> LaterAsync(RunningNetwork network, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Cli.Program, .. arguments, "--dir", network.Folder])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["LD_PRELOAD"] = FakeTimeLibrary();
        start.Environment["FAKETIME"] = string.Create(CultureInfo.InvariantCulture, $"+{DaysAhead}d");
        start.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return new CliResult(process.ExitCode, await output, await error);
    }

    private static string FakeTimeLibrary()
    {
        string? library = Directory.EnumerateDirectories("/usr/lib")
            .Select(folder => Path.Combine(folder, "faketime/libfaketime.so.1")).FirstOrDefault(File.Exists);
        Assert.True(library is not null, "libfaketime is missing: apt-get install libfaketime");
        return library;
    }
}
