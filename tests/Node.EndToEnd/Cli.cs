using System.Diagnostics;

namespace Node.EndToEnd;

/// <summary>What one run of the program printed and how it ended.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>The built program `hyperprov` as a person would run it: a process of its own.</summary>
internal static class Cli
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static string Root { get; } = FindRoot();

    public static string Program { get; } = Path.Combine(Root, "artifacts/bin/Node.Cli/release/hyperprov.dll");

    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync(Path.GetTempPath(), arguments);

    public static Task<CliResult> RunAsync(string workFolder, string[] arguments) =>
        RunAsync(workFolder, new Dictionary<string, string>(), arguments);

    private static async Task<CliResult> RunAsync(
        string workFolder, IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        using Process process = Start(workFolder, variables, arguments);
        using var limit = new CancellationTokenSource(s_limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new CliResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: false);
            throw new TimeoutException($"hyperprov {string.Join(' ', arguments)} did not end within {s_limit}");
        }
    }

    /// <summary>Runs and requires success; the failure message carries everything that was printed.</summary>
    public static Task<string> MustAsync(params string[] arguments) =>
        MustAsync(new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="MustAsync(string[])"/>
    /// <param name="variables">For its environment.</param>
    public static async Task<string> MustAsync(
        IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        CliResult result = await RunAsync(Path.GetTempPath(), variables, arguments);
        Assert.True(result.ExitCode == 0, $"hyperprov {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }

    /// <summary>Runs it beside the test, which ends it. Nobody reads what it says.</summary>
    public static Process Start(params string[] arguments) =>
        Start(Path.GetTempPath(), new Dictionary<string, string>(), arguments);

    private static Process Start(
        string workFolder, IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        Assert.True(File.Exists(Program), $"{Program} is not built; run ./test.sh or dotnet build src/Node.Cli.");
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = workFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        foreach ((string name, string value) in variables)
            start.Environment[name] = value;

        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        process.StandardInput.Close();
        return process;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hyperprov.sln")))
                return folder.FullName;

        throw new InvalidOperationException("Hyperprov.sln was not found above " + AppContext.BaseDirectory);
    }
}
