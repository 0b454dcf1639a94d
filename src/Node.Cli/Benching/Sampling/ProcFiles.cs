using System.Globalization;

namespace Node.Cli.Benching.Sampling;

/// <summary>Reads the texts that Linux shows below <c>/proc</c>. Each parser takes the whole file.</summary>
internal static class ProcFiles
{
    /// <summary>Clock ticks of /proc: USER_HZ, 100 on every Linux that .NET runs on.</summary>
    public const int TicksPerSecond = 100;

    private const int UserTicksField = 11;      // Of /proc/ID/stat, counted behind the name in brackets.
    private const int KernelTicksField = 12;

    /// <summary>/proc/ID/stat: ticks of CPU that the process has used, in user and kernel mode.</summary>
    public static bool TryParseCpuTicks(string stat, out long ticks)
    {
        ticks = 0;

        // The name may hold blanks and brackets; what follows the last bracket does not.
        int name = stat.LastIndexOf(')');
        if (name < 0)
            return false;

        string[] fields = stat[(name + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= KernelTicksField
            || !TryParse(fields[UserTicksField], out long user)
            || !TryParse(fields[KernelTicksField], out long kernel))
            return false;

        ticks = user + kernel;
        return true;
    }

    /// <summary>/proc/ID/status: resident bytes.</summary>
    public static bool TryParseResidentBytes(string status, out long bytes)
    {
        bool found = TryFindNumber(status, "VmRSS:", out long kibibytes);
        bytes = kibibytes * 1024;
        return found;
    }

    /// <summary>/proc/ID/io: bytes that reached or came from the disk, not its cache.</summary>
    public static bool TryParseDiskBytes(string io, out long read, out long written)
    {
        written = 0;
        return TryFindNumber(io, "read_bytes:", out read) && TryFindNumber(io, "write_bytes:", out written);
    }

    /// <summary>/proc/net/dev: bytes of all interfaces but loopback, and of loopback alone.</summary>
    public static NetworkBytes ParseNetworkBytes(string dev)
    {
        var bytes = new NetworkBytes(0, 0, 0);
        foreach (string line in dev.Split('\n'))
        {
            // NAME: received-bytes and 7 more numbers, then sent-bytes and 7 more.
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (colon < 0 || fields.Length < 9
                || !TryParse(fields[0], out long received) || !TryParse(fields[8], out long sent))
                continue;

            bytes = line[..colon].Trim() == "lo"
                ? bytes with { Loopback = bytes.Loopback + sent }
                : bytes with { Received = bytes.Received + received, Sent = bytes.Sent + sent };
        }

        return bytes;
    }

    /// <summary>/proc/cpuinfo and /proc/meminfo: the text behind the first line that starts like this.</summary>
    public static string? FindText(string text, string name)
    {
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].Trim() == name)
                return line[(colon + 1)..].Trim();
        }

        return null;
    }

    /// <summary>The file's text; null when it is gone or not ours to read.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool TryFindNumber(string text, string label, out long number)
    {
        number = 0;
        foreach (string line in text.Split('\n'))
        {
            if (!line.StartsWith(label, StringComparison.Ordinal))
                continue;

            string[] fields = line[label.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 0 && TryParse(fields[0], out number);
        }

        return false;
    }

    private static bool TryParse(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>Bytes since the machine started.</summary>
/// <param name="Loopback">What processes of this machine sent each other; it is received as it is sent.</param>
internal readonly record struct NetworkBytes(long Received, long Sent, long Loopback);
