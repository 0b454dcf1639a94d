namespace Node.Cli.Benching.Sampling;

/// <summary>A process to watch.</summary>
internal sealed record WatchedProcess(string Name, int Id);

/// <summary>What one process used between two readings.</summary>
/// <param name="CpuPercent">Of one core: 400 is four cores busy.</param>
/// <param name="ResidentBytes">At the end.</param>
/// <param name="DiskRead">Bytes per second from the disk.</param>
/// <param name="DiskWritten">Bytes per second to the disk.</param>
/// <param name="Sent">Bytes per second over TCP; 0 where the system does not tell.</param>
internal sealed record ProcessUse(
    string Name, double CpuPercent, long ResidentBytes, double DiskRead, double DiskWritten, double Sent,
    double Received);

/// <summary>One second, or what the period is, of a machine.</summary>
/// <param name="Seconds">Since watching began, at the end of the period.</param>
/// <param name="NetworkSent">Bytes per second over all interfaces but loopback.</param>
/// <param name="Loopback">Bytes per second that processes of this machine sent each other.</param>
/// <param name="Watts">Null where the machine exposes none.</param>
internal sealed record ResourceSample(
    double Seconds, IReadOnlyList<ProcessUse> Processes, double NetworkReceived, double NetworkSent, double Loopback,
    double? Watts);

/// <summary>
/// Watches processes while something runs: CPU, memory, disk and network of each, and the machine's power.
/// </summary>
internal sealed class ResourceMonitor : IAsyncDisposable
{
    private readonly IReadOnlyList<WatchedProcess> _processes;
    private readonly PowerMeter _power;
    private readonly TimeProvider _clock;
    private readonly PeriodicTimer _timer;
    private readonly List<ResourceSample> _samples = [];
    private readonly Dictionary<uint, SocketBytes> _sockets = [];
    private readonly Dictionary<uint, int> _owners = [];   // Of every socket that was ever looked up; 0: nobody's here.
    private readonly List<SocketBytes> _read = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly long _begun;
    private readonly Task _watching;
    private Reading _last;

    private ResourceMonitor(
        IReadOnlyList<WatchedProcess> processes, PowerMeter power, TimeSpan period, TimeProvider clock)
    {
        _processes = processes;
        _power = power;
        _clock = clock;
        _timer = new PeriodicTimer(period, clock);
        _begun = clock.GetTimestamp();
        _power.ReadWatts();
        _last = Read();
        _watching = WatchAsync();
    }

    public static ResourceMonitor Start(
        IReadOnlyList<WatchedProcess> processes, PowerMeter power, TimeSpan period, TimeProvider clock) =>
        new(processes, power, period, clock);

    /// <summary>All periods so far, the last one cut short.</summary>
    public async Task<IReadOnlyList<ResourceSample>> StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        if (_samples.Count == 0)
            Take();

        return _samples;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _timer.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token))
                Take();
        }
        catch (OperationCanceledException)
        {
            // Stopped: what was read so far is the result.
        }
    }

    private void Take()
    {
        Reading now = Read();
        double seconds = Math.Max(_clock.GetElapsedTime(_last.Timestamp, now.Timestamp).TotalSeconds, 1e-6);
        var uses = new List<ProcessUse>();
        foreach (WatchedProcess process in _processes)
        {
            ProcessReading before = _last.Processes[process.Id];
            ProcessReading after = now.Processes[process.Id];
            uses.Add(new ProcessUse(
                process.Name,
                Rate(before.CpuTicks, after.CpuTicks) * 100 / ProcFiles.TicksPerSecond,
                after.ResidentBytes,
                Rate(before.DiskRead, after.DiskRead),
                Rate(before.DiskWritten, after.DiskWritten),
                after.Sent / seconds,
                after.Received / seconds));
        }

        _samples.Add(new ResourceSample(
            _clock.GetElapsedTime(_begun, now.Timestamp).TotalSeconds,
            uses,
            Rate(_last.Network.Received, now.Network.Received),
            Rate(_last.Network.Sent, now.Network.Sent),
            Rate(_last.Network.Loopback, now.Network.Loopback),
            _power.ReadWatts()));
        _last = now;

        // A process that has ended shows nothing, which is no negative rate.
        double Rate(long from, long to) => Math.Max(0, to - from) / seconds;
    }

    private Reading Read()
    {
        List<SocketBytes> moved = ReadSockets();
        FindOwners(moved);
        var processes = new Dictionary<int, ProcessReading>();
        foreach (WatchedProcess process in _processes)
            processes[process.Id] = ReadProcess(process.Id, moved);

        return new Reading(
            _clock.GetTimestamp(), processes, ProcFiles.ParseNetworkBytes(ProcFiles.TryRead("/proc/net/dev") ?? ""));
    }

    private ProcessReading ReadProcess(int id, List<SocketBytes> moved)
    {
        // What a process that has ended no longer shows stays 0.
        _ = ProcFiles.TryParseCpuTicks(ProcFiles.TryRead($"/proc/{id}/stat") ?? "", out long ticks);
        _ = ProcFiles.TryParseResidentBytes(ProcFiles.TryRead($"/proc/{id}/status") ?? "", out long resident);
        _ = ProcFiles.TryParseDiskBytes(ProcFiles.TryRead($"/proc/{id}/io") ?? "", out long read, out long written);
        long sent = 0;
        long received = 0;
        foreach (SocketBytes socket in moved)
        {
            if (_owners[socket.Inode] == id)
                (sent, received) = (sent + socket.Sent, received + socket.Received);
        }

        return new ProcessReading(ticks, resident, read, written, sent, received);
    }

    // Looking through the open files of all processes costs more than everything else here, so it is done for new
    // sockets only.
    private void FindOwners(List<SocketBytes> moved)
    {
        if (moved.TrueForAll(socket => _owners.ContainsKey(socket.Inode)))
            return;

        foreach (WatchedProcess process in _processes)
        {
            foreach (uint inode in SocketDiagnosis.SocketsOf(process.Id))
                _owners[inode] = process.Id;
        }

        foreach (SocketBytes socket in moved)
            _owners.TryAdd(socket.Inode, 0);
    }

    // What each socket moved since the last reading. One that was opened and closed between two readings is missed.
    private List<SocketBytes> ReadSockets()
    {
        var moved = new List<SocketBytes>();
        if (!SocketDiagnosis.TryRead(_read))
            return moved;

        foreach (SocketBytes now in _read)
        {
            SocketBytes before = _sockets.GetValueOrDefault(now.Inode);
            if (now.Sent < before.Sent || now.Received < before.Received)
            {
                // Another socket under a number that was used before.
                before = default;
                _owners.Remove(now.Inode);
            }

            if (now == before)
                continue;

            moved.Add(new SocketBytes(now.Inode, now.Sent - before.Sent, now.Received - before.Received));
            _sockets[now.Inode] = now;
        }

        return moved;
    }

    /// <param name="Sent">Since the reading before.</param>
    /// <param name="Received">Since the reading before.</param>
    private sealed record ProcessReading(
        long CpuTicks, long ResidentBytes, long DiskRead, long DiskWritten, long Sent, long Received);

    private sealed record Reading(
        long Timestamp, Dictionary<int, ProcessReading> Processes, NetworkBytes Network);
}
