using System.Buffers.Binary;
using Node.Cli.Benching.Sampling;
using Node.Testing.Time;

namespace Node.Cli.Tests.Benching;

public sealed class SamplingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("17 (hyperprov) S 1 17 17 0 -1 4194304 5 0 0 0 1234 56 0 0 20 0 9 0 100 1 2", 1290)]
    [InlineData("17 (a) b (c) S 1 17 17 0 -1 4194304 5 0 0 0 7 8 0 0 20 0 9 0 100 1 2", 15)]
    [InlineData("17 (gone) Z 1 17", null)]
    [InlineData("17 (odd) S 1 17 17 0 -1 4194304 5 0 0 0 x 8 0", null)]
    [InlineData("", null)]
    public void Cpu_ticks_are_user_and_kernel_time_behind_the_last_bracket(string stat, int? expected)
    {
        bool found = ProcFiles.TryParseCpuTicks(stat, out long ticks);

        Assert.Equal(expected, found ? (int)ticks : null);
    }

    [Theory]
    [InlineData("Name:\thyperprov\nVmHWM:\t  9000 kB\nVmRSS:\t    2048 kB\nThreads:\t9\n", 2_097_152)]
    [InlineData("Name:\tkthreadd\n", null)]
    public void Resident_memory_is_read_in_bytes(string status, int? expected)
    {
        bool found = ProcFiles.TryParseResidentBytes(status, out long bytes);

        Assert.Equal(expected, found ? (int)bytes : null);
    }

    [Fact]
    public void Disk_bytes_are_those_that_reached_the_disk()
    {
        const string Io =
            "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 5\n";

        Assert.True(ProcFiles.TryParseDiskBytes(Io, out long read, out long written));
        Assert.Equal((4096, 8192), (read, written));
        Assert.False(ProcFiles.TryParseDiskBytes("", out _, out _));
    }

    [Fact]
    public void Network_bytes_are_summed_without_loopback()
    {
        const string Dev = """
            Inter-|   Receive                                                |  Transmit
             face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier
                lo:    1000   10   0   0   0   0   0   0     1000   10   0   0   0   0   0   0
              eth0:     200    2   0   0   0   0   0   0      300    3   0   0   0   0   0   0
             wlan0:      20    2   0   0   0   0   0   0       30    3   0   0   0   0   0   0

            """;

        Assert.Equal(new NetworkBytes(220, 330, 1000), ProcFiles.ParseNetworkBytes(Dev));
        Assert.Equal(default, ProcFiles.ParseNetworkBytes("no such thing"));
    }

    [Fact]
    public void Socket_bytes_are_taken_from_each_message_and_the_end_is_seen()
    {
        byte[] datagram = [.. Message(inode: 77, sent: 1_000_000_007, received: 42), .. Message(78, 1, 2), .. Done()];
        var found = new List<SocketBytes>();

        Assert.True(SocketDiagnosis.TryParse(datagram, found, out bool isLast));
        Assert.True(isLast);
        Assert.Equal([new SocketBytes(77, 1_000_000_007, 42), new SocketBytes(78, 1, 2)], found);
    }

    [Fact]
    public void Sockets_without_byte_counts_are_left_out_and_broken_answers_refused()
    {
        byte[] listening = Message(inode: 77, sent: 0, received: 0)[..(16 + 72)];
        BinaryPrimitives.WriteUInt32LittleEndian(listening, (uint)listening.Length);
        var found = new List<SocketBytes>();

        Assert.True(SocketDiagnosis.TryParse(listening, found, out bool isLast));
        Assert.False(isLast);
        Assert.Empty(found);

        byte[] whole = Message(inode: 77, sent: 1, received: 2);
        Assert.False(SocketDiagnosis.TryParse(whole.AsSpan(0, whole.Length - 1), found, out _));
        byte[] error = Done();
        error[4] = 2;
        Assert.False(SocketDiagnosis.TryParse(error, found, out _));
    }

    [Fact]
    public void Energy_counters_become_watts_and_a_wrap_gives_none()
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        WriteEnergy("intel-rapl:0", 1_000_000);
        WriteEnergy("intel-rapl:0:0", 99);   // A part of the package, counted in it already.
        var meter = PowerMeter.Find(_folder.Path, clock);

        Assert.EndsWith("intel-rapl:0/energy_uj", meter.Source, StringComparison.Ordinal);
        Assert.Null(meter.ReadWatts());
        clock.Advance(TimeSpan.FromSeconds(2));
        WriteEnergy("intel-rapl:0", 31_000_000);
        Assert.Equal(15, meter.ReadWatts());
        clock.Advance(TimeSpan.FromSeconds(1));
        WriteEnergy("intel-rapl:0", 5);
        Assert.Null(meter.ReadWatts());
    }

    [Fact]
    public void Sensors_are_read_where_there_are_no_counters_and_nothing_is_said_to_be_nothing()
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        Assert.Null(PowerMeter.Find(_folder.Path, clock).Source);
        Assert.Null(PowerMeter.Find(_folder.Path, clock).ReadWatts());

        Write(Path.Combine("class", "hwmon", "hwmon0", "power1_input"), "2710000\n");
        Assert.Equal(2.71, PowerMeter.Find(_folder.Path, clock).ReadWatts());
    }

    [Fact]
    public async Task This_process_is_seen_at_work()
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch);
        await using var monitor = ResourceMonitor.Start(
            [new WatchedProcess("self", Environment.ProcessId), new WatchedProcess("nobody", int.MaxValue)],
            PowerMeter.Find(_folder.Path, clock), TimeSpan.FromSeconds(1), clock);
        clock.Advance(TimeSpan.FromMilliseconds(500));

        IReadOnlyList<ResourceSample> samples = await monitor.StopAsync();

        ResourceSample sample = Assert.Single(samples);
        Assert.Equal(0.5, sample.Seconds);
        Assert.True(sample.Processes[0].ResidentBytes > 1 << 20);
        Assert.Equal(new ProcessUse("nobody", 0, 0, 0, 0, 0, 0), sample.Processes[1]);
        Assert.Null(sample.Watts);
    }

    // One answer of sock_diag: header, inet_diag_msg, and the attribute that holds tcp_info.
    private static byte[] Message(uint inode, long sent, long received)
    {
        const int Details = 240;
        byte[] bytes = new byte[16 + 72 + 4 + Details];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 20);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16 + 68), inode);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(88), 4 + Details);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(90), 2);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(92 + 120), sent);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(92 + 128), received);
        return bytes;
    }

    private static byte[] Done()
    {
        byte[] bytes = new byte[20];
        bytes[0] = 20;
        bytes[4] = 3;
        return bytes;
    }

    private void WriteEnergy(string zone, long microjoules) =>
        Write(Path.Combine("class", "powercap", zone, "energy_uj"), $"{microjoules}\n");

    private void Write(string name, string text)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);   // It has a folder: the name above has one.
        File.WriteAllText(path, text);
    }
}
