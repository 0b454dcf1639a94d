using System.ComponentModel;
using System.Diagnostics;

namespace Node.Client.Capturing;

/// <summary>
/// Runs programs: the captured one, which keeps the terminal to itself, and small ones for their answer.
/// </summary>
internal static class ChildProcess
{
    private static readonly TimeSpan s_lastWord = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs with this process's own input, output and error. When cancelled, waits for it to end, as Ctrl-C reaches it
    /// too; then kills it.
    /// </summary>
    /// <exception cref="CaptureRefusedException">It cannot be started.</exception>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> command, string folder, TimeProvider clock, CancellationToken cancellation)
    {
        using Process process = Start(command, folder, isQuiet: false);
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(s_lastWord, clock);
            await WaitOrKillAsync(process, patience.Token).ConfigureAwait(false);
            throw;
        }

        return process.ExitCode;
    }

    /// <summary>What a small program prints; null when it is not there or ends with another code than 0.</summary>
    public static async Task<string?> AskAsync(
        IReadOnlyList<string> command, string folder, CancellationToken cancellation)
    {
        try
        {
            using Process process = Start(command, folder, isQuiet: true);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            string answer = await process.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await error.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return process.ExitCode == 0 ? answer.TrimEnd() : null;
        }
        catch (CaptureRefusedException)
        {
            return null;
        }
    }

    private static async Task WaitOrKillAsync(Process process, CancellationToken patience)
    {
        try
        {
            await process.WaitForExitAsync(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(IReadOnlyList<string> command, string folder, bool isQuiet)
    {
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = isQuiet,
            RedirectStandardError = isQuiet,
        };
        foreach (string argument in command.Skip(1))
            start.ArgumentList.Add(argument);

        try
        {
            return Process.Start(start) ?? throw new CaptureRefusedException($"{command[0]} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new CaptureRefusedException($"{command[0]} cannot be started: {e.Message}. Check its name.");
        }
    }
}
