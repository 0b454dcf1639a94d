using System.Diagnostics;

namespace Node.EndToEnd.Hosts;

/// <summary>Runs programs of the machine, such as ip and mount.</summary>
internal static class Command
{
    /// <summary>What it printed. Fails with what it complained about.</summary>
    public static string Must(string program, params ReadOnlySpan<string> arguments) => Feed("", program, arguments);

    /// <summary>As <see cref="Must"/>, with text for its input.</summary>
    public static string Feed(string input, string program, params ReadOnlySpan<string> arguments)
    {
        (int code, string output, string error) = Run(input, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments.ToArray())}: {error.Trim()}");
        return output;
    }

    /// <summary>For what may fail, as cleaning up what is gone already.</summary>
    public static bool Try(string program, params ReadOnlySpan<string> arguments) =>
        Run("", program, arguments).Code == 0;

    private static (int Code, string Output, string Error) Run(
        string input, string program, ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();   // A few lines at most: less than a pipe holds.
        process.WaitForExit();
        return (process.ExitCode, output, error);
    }
}
