using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Node.Orderer.Hosting;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>This orderer's own etcd member: starts it, starts it again when it ends, and stops it.</summary>
/// <remarks>
/// The member is a process of its own. One that an orderer left behind when it was killed is taken over by the next
/// run: it is recognised by the mark in its data folder, and never started twice.
/// </remarks>
internal sealed class EtcdMember(EtcdOptions options, EtcdMemberOptions member, ILogger logger, TimeProvider clock)
{
    // Above the largest entry, with room for what lies around it.
    private const int RequestBytesMax = Limits.BlockBytesMax + (2 << 20);
    private const int SnapshotEntries = 5_000;   // etcd keeps that many in memory; entries are as large as blocks.

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_restartDelayMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_restartDelayMax = TimeSpan.FromSeconds(5);

    // The shell leaves the mark before it becomes the member, so that none runs unmarked whenever this process dies,
    // and
    // hands the output to a file that outlives this process. exec keeps the process id and its start.
    private const string StartScript = """
        mark=$1; log=$2; shift 2
        read -r stat </proc/$$/stat
        ticks=$(echo "${stat##*) }" | cut -d ' ' -f 20)
        boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
        echo "$$ $ticks $boot" >"$mark.next" && mv "$mark.next" "$mark" || exit 1
        exec setsid "$@" </dev/null >>"$log" 2>&1
        """;

    private string MarkFile => Path.Combine(member.DataFolder, "pid");

    private string LogFile => Path.Combine(member.DataFolder, "log.txt");

    private static readonly TimeSpan s_refusedDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_promoteEvery = TimeSpan.FromSeconds(1);

    /// <summary>Where the blocks of each channel end; asked before the first start. None by default.</summary>
    public Func<CancellationToken, Task<IReadOnlyDictionary<ChannelId, LogPosition>>> Tips { get; init; } =
        _ => Task.FromResult<IReadOnlyDictionary<ChannelId, LogPosition>>(new Dictionary<ChannelId, LogPosition>());

    /// <summary>Called when it is known whether the member may start, for the first time.</summary>
    public Action Admitted { get; init; } = static () => { };

    /// <summary>Keeps the member running until cancelled, then stops it.</summary>
    /// <exception cref="StorageFailedException">The program is not there or cannot be started at all.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(s_restartDelayMin, s_restartDelayMax);
        Process? process = null;
        using var admission = new EtcdAdmission(options, member, Tips, logger, clock);
        try
        {
            while (true)
            {
                process = FindRunning();
                if (process is not null)
                    await admission.LookAsync(cancellationToken);

                process ??= await StartAsync(admission, cancellationToken);
                Admitted();
                long began = clock.GetTimestamp();
                long asked = began;
                while (!process.HasExited)
                {
                    await Task.Delay(s_pollEvery, clock, cancellationToken);
                    if (clock.GetElapsedTime(asked) < s_promoteEvery)
                        continue;

                    asked = clock.GetTimestamp();
                    await admission.PromoteAsync(cancellationToken);
                }

                if (clock.GetElapsedTime(began) > s_restartDelayMax)
                    backoff.Reset();

                TimeSpan delay = backoff.Next();
                OrdererLog.MemberEnded(logger, options.Name, LastWords(), delay.TotalSeconds);
                process.Dispose();
                process = null;
                await Task.Delay(delay, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (process is not null)
                await StopAsync(process);
        }
        finally
        {
            process?.Dispose();
        }
    }

    // Returns once the member may take part: while it may not, the orderer works with the others' members.
    private async Task<Process> StartAsync(EtcdAdmission admission, CancellationToken cancellationToken)
    {
        string told = "";
        while (true)
        {
            Admission decided = await admission.DecideAsync(cancellationToken);
            if (decided.Reason is null)
                return Start(decided);

            Admitted();
            if (decided.Reason != told)
                OrdererLog.MemberNotAdmitted(logger, options.Name, decided.Reason);

            told = decided.Reason;
            await Task.Delay(s_refusedDelay, clock, cancellationToken);
        }
    }

    private Process Start(Admission admission)
    {
        Directory.CreateDirectory(member.DataFolder);

        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        string[] arguments = ["-c", StartScript, "sh", MarkFile, LogFile, member.Program, .. Arguments(admission)];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);

        start.Environment["ETCD_UNSUPPORTED_ARCH"] = "arm64";   // Debian's 3.4 asks for it there; ignored elsewhere.
        try
        {
            Process process = Process.Start(start)
                ?? throw new StorageFailedException("start etcd", member.DataFolder, "no process came", inner: null);
            OrdererLog.MemberStarted(logger, options.Name, process.Id, member.ClientUrl);
            return process;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new StorageFailedException(
                "start etcd", member.DataFolder, $"{failure.Message}: install it with apt-get install etcd-server",
                failure);
        }
    }

    private List<string> Arguments(Admission admission)
    {
        string cluster = string.Join(',', admission.Members.Select(other => $"{other.Key}={other.Value}"));
        List<string> arguments =
        [
            "--name", options.Name, "--data-dir", Path.Combine(member.DataFolder, "data"),
            "--listen-client-urls", ListenUrl(member.ClientUrl), "--advertise-client-urls", member.ClientUrl,
            "--listen-peer-urls", ListenUrl(member.PeerUrl), "--initial-advertise-peer-urls", member.PeerUrl,
            "--initial-cluster", cluster, "--initial-cluster-token", member.ClusterToken,
            "--initial-cluster-state", admission.IsNew ? "new" : "existing",
            "--max-request-bytes", RequestBytesMax.ToString(CultureInfo.InvariantCulture),
            "--quota-backend-bytes", member.QuotaBytes.ToString(CultureInfo.InvariantCulture),
            "--snapshot-count", SnapshotEntries.ToString(CultureInfo.InvariantCulture),
            "--heartbeat-interval", member.HeartbeatMilliseconds.ToString(CultureInfo.InvariantCulture),
            "--election-timeout", member.ElectionMilliseconds.ToString(CultureInfo.InvariantCulture),
            "--log-level", "warn", .. EtcdFlags.For(EtcdFlags.VersionOf(member.Program)),
        ];
        if (options.Tls is { } tls)
        {
            string roots = WriteRoots(tls);
            arguments.AddRange(
            [
                "--client-cert-auth", "--trusted-ca-file", roots,
                "--cert-file", tls.CertificateFile, "--key-file", tls.KeyFile,
                "--peer-client-cert-auth", "--peer-trusted-ca-file", roots,
                "--peer-cert-file", tls.CertificateFile, "--peer-key-file", tls.KeyFile,
            ]);
        }

        return arguments;
    }

    // etcd takes one file of roots.
    private string WriteRoots(OrdererTlsFiles tls)
    {
        string file = Path.Combine(member.DataFolder, "roots.pem");
        File.WriteAllText(file, string.Join('\n', tls.RootFiles.Select(File.ReadAllText)));
        return file;
    }

    private string ListenUrl(string advertised)
    {
        var url = new Uri(advertised);
        return $"{url.Scheme}://{member.ListenAddress}:{url.Port}";
    }

    private Process? FindRunning()
    {
        if (!File.Exists(MarkFile))
            return null;

        string mark = File.ReadAllText(MarkFile);
        if (!int.TryParse(mark.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            || StartTicksOf(id).Length == 0
            || MarkOf(id) != mark)
            return null;

        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;   // It ended meanwhile.
        }
    }

    private async Task StopAsync(Process process)
    {
        using var patience = new CancellationTokenSource(s_stopTimeout, clock);
        try
        {
            // The shell's own kill: small systems have no program of that name.
            string id = process.Id.ToString(CultureInfo.InvariantCulture);
            using (Process? kill = Process.Start("/bin/sh", ["-c", "kill -TERM \"$1\"", "sh", id]))
                await (kill?.WaitForExitAsync(patience.Token) ?? Task.CompletedTask);

            while (!process.HasExited)
                await Task.Delay(s_pollEvery, clock, patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
    }

    private string LastWords()
    {
        if (!File.Exists(LogFile))
            return "it left no log";

        return File.ReadLines(LogFile).LastOrDefault(line => line.Trim().Length > 0) ?? "its log is empty";
    }

    // As every node's mark: process id, its start in the kernel's ticks, and the machine's boot id. An id alone is used
    // again sooner or later.
    private static string MarkOf(int id)
    {
        const string BootIdFile = "/proc/sys/kernel/random/boot_id";
        string bootId = File.Exists(BootIdFile) ? File.ReadAllText(BootIdFile).Trim() : "unknown";
        return string.Create(CultureInfo.InvariantCulture, $"{id} {StartTicksOf(id)} {bootId}\n");
    }

    // Empty when there is no such process.
    private static string StartTicksOf(int id)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? "" : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
