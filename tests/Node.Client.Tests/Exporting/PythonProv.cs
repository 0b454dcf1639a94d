using System.Diagnostics;

namespace Node.Client.Tests.Exporting;

/// <summary>Debian's python3-prov, the independent implementation that our documents are held against.</summary>
internal static class PythonProv
{
    private const string Interpreter = "/usr/bin/python3";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a script; a failure shows what it said.</summary>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        Assert.True(
            File.Exists("/usr/lib/python3/dist-packages/prov/model.py"),
            "The Python library prov is missing: apt-get install python3-prov");
        var start = new ProcessStartInfo(Interpreter)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"python3 ended with {process.ExitCode}:\n{await error}");
        return output;
    }
}
