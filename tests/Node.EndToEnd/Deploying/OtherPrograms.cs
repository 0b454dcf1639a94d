using System.Diagnostics;

namespace Node.EndToEnd.Deploying;

/// <summary>Programs of the machine that deployment needs: run to their end, with everything they said.</summary>
internal static class OtherPrograms
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public static async Task<CliResult> RunAsync(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new CliResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {s_limit}");
        }
    }

    /// <summary>Runs and requires success; the failure message carries everything that was printed.</summary>
    public static async Task<string> MustAsync(string program, params string[] arguments)
    {
        CliResult result = await RunAsync(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    /// <summary>Installs with apt what is missing; where that cannot be, the test fails and says why.</summary>
    public static async Task RequireAsync(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => !IsThere(program))];
        if (missing.Length == 0)
            return;

        Assert.True(
            Environment.IsPrivilegedProcess && IsThere("apt-get"),
            $"This test needs {string.Join(", ", missing)}: install them, or run it as root where apt-get is.");
        await RunAsync("apt-get", "-qq", "update");
        await MustAsync("apt-get", ["-qq", "install", "-y", "--no-install-recommends", .. missing]);
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}

/// <summary>The program as <c>deploy/publish.sh</c> publishes it, made once for all tests.</summary>
internal static class PublishedProgram
{
    private static readonly SemaphoreSlim s_one = new(initialCount: 1);
    private static string? s_folder;

    public static async Task<string> FolderAsync()
    {
        await s_one.WaitAsync();
        try
        {
            return s_folder ??= await PublishAsync();
        }
        finally
        {
            s_one.Release();
        }
    }

    private static async Task<string> PublishAsync()
    {
        string folder = Path.Combine(Cli.Root, "artifacts", "portable");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);

        await OtherPrograms.MustAsync(Path.Combine(Cli.Root, "deploy/publish.sh"), folder, "--no-build");
        return folder;
    }
}
