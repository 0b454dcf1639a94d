using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Node.Cli.Running;

namespace Node.Cli.Networks;

/// <summary>One node of the network as a process of its own, with its folder <c>nodes/NAME</c>.</summary>
internal sealed class NodeProcess(string folder, string name)
{
    private const int LogBytesMax = 64 << 20;
    private const int SignalTerminate = 15;
    private const int SignalKill = 9;

    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_killTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    public string Name { get; } = name;

    public string Folder { get; } = folder;

    public string ConfigFile => Path.Combine(Folder, "config.json");

    public string LogFile => Path.Combine(Folder, "log.txt");

    public string DataFolder => Path.Combine(Folder, "data");

    public string MarkFile => Path.Combine(Folder, "pid");

    // What keeps a node small where runtime and C library size themselves by the machine. The youngest generation would
    // grow with the processor's cache (32 MB and more). Compiled code would be mapped twice, once writable and once
    // executable: a second line of defence that costs 20 MB. The C library would keep an arena of freed memory for
    // every thread of RocksDB, and what was freed from large blocks for ever. What nodes take with these settings
    // stands in bench/results. Whoever sets these variables keeps his own values.
    private static readonly (string Name, string Value)[] s_memory =
    [
        ("DOTNET_GCgen0size", "0x800000"), ("DOTNET_GCGen0MaxBudget", "0x800000"), ("DOTNET_GCConserveMemory", "3"),
        ("DOTNET_EnableWriteXorExecute", "0"), ("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "262144"),
        ("MALLOC_TRIM_THRESHOLD_", "131072"),
    ];

    /// <summary>Null when it does not run.</summary>
    public int? ProcessId => RunMark.TryRead(MarkFile, out RunMark? mark) && mark.IsAlive() ? mark.Id : null;

    public bool IsRunning => ProcessId is not null;

    /// <summary>Starts the node detached from this process and its terminal; it lives on when this one ends.</summary>
    /// <param name="role">"peer", "orderer" or "ca".</param>
    /// <returns>Names the new process; it writes the same mark itself once it runs.</returns>
    public RunMark Start(string role)
    {
        RotateLog();
        File.Delete(MarkFile);
        (string program, string[] leading) = ThisProgram();

        // setsid makes it a session of its own, so neither the terminal's end nor Ctrl-C reaches it. The shell's last
        // words are the process id; it does not change, since setsid executes in place.
        const string Script = """log=$1; shift; setsid "$@" </dev/null >>"$log" 2>&1 & echo $!""";
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Folder,
        };
        string[] arguments =
            ["-c", Script, "sh", LogFile, program, .. leading, role, "start", "--config", ConfigFile];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        // An orderer keeps nothing of what it allocates, so a smaller nursery costs it little.
        // An authority has nothing to do most of the time.
        if (role is "orderer" or CaPlace.Role)
        {
            start.Environment.TryAdd("DOTNET_GCgen0size", "0x400000");
            start.Environment.TryAdd("DOTNET_GCGen0MaxBudget", "0x400000");
        }

        foreach ((string name, string value) in s_memory)
            start.Environment.TryAdd(name, value);

        using Process shell = Process.Start(start) ?? throw new CommandFault(
            ExitCode.Local, "/bin/sh cannot be started");
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        if (!int.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            throw new CommandFault(
                ExitCode.Local, $"{Name} cannot be started: {shell.StandardError.ReadToEnd().Trim()}. Is setsid " +
                    "installed?");

        // The node writes the same when it is up; until then, whoever stops the network finds it by this one.
        RunMark mark = RunMark.Of(id);
        mark.Write(MarkFile);
        return mark;
    }

    /// <summary>
    /// Asks the node to end, waits, and ends it by force when it takes too long. Nothing if it does not run.
    /// </summary>
    /// <returns>False when force was needed.</returns>
    public async Task<bool> StopAsync(TimeProvider clock, CancellationToken cancellation)
    {
        if (!RunMark.TryRead(MarkFile, out RunMark? mark) || !mark.IsAlive())
            return true;

        _ = NativeMethods.kill(mark.Id, SignalTerminate);
        if (await EndsWithinAsync(mark, s_stopTimeout, clock, cancellation))
            return true;

        // Only that very process: its mark is looked at again right before.
        if (mark.IsAlive())
            _ = NativeMethods.kill(mark.Id, SignalKill);

        if (!await EndsWithinAsync(mark, s_killTimeout, clock, cancellation))
            throw new CommandFault(
                ExitCode.Local, $"{Name} (process {mark.Id}) does not end. Look at it with: ps -p {mark.Id} -o " +
                    "stat,wchan,cmd");

        return false;
    }

    /// <summary>The newest lines of the log that say something, for faults at start.</summary>
    public string LastWords()
    {
        if (!File.Exists(LogFile))
            return "it left no log";

        string[] lines = [.. File.ReadLines(LogFile).Where(line => line.Trim().Length > 0).TakeLast(1)];
        return lines.Length == 0 ? "its log is empty" : lines[0].Trim();
    }

    private static async Task<bool> EndsWithinAsync(
        RunMark mark, TimeSpan timeout, TimeProvider clock, CancellationToken cancellation)
    {
        long started = clock.GetTimestamp();
        using var timer = new PeriodicTimer(s_pollEvery, clock);
        while (mark.IsAlive())
        {
            if (clock.GetElapsedTime(started) > timeout)
                return false;

            await timer.WaitForNextTickAsync(cancellation);
        }

        return true;
    }

    private void RotateLog()
    {
        var log = new FileInfo(LogFile);
        if (log.Exists && log.Length > LogBytesMax)
            File.Move(LogFile, Path.Combine(Folder, "log.old.txt"), overwrite: true);
    }

    // "dotnet hyperprov.dll", or the program itself where it was published as one.
    private static (string Program, string[] Leading) ThisProgram()
    {
        string assembly = typeof(NodeProcess).Assembly.Location;
        string? host = Environment.ProcessPath;
        if (host is not null && Path.GetFileNameWithoutExtension(host) == "hyperprov")
            return (host, []);

        return (host is not null && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [assembly]);
    }

    private static class NativeMethods
    {
        [DllImport("libc", SetLastError = true)]
        public static extern int kill(int process, int signal);
    }
}
