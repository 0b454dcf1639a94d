using System.Globalization;
using System.Runtime.InteropServices;

namespace Node.Hosting.Idling;

/// <summary>The pages of program files that are mapped into this process.</summary>
/// <remarks>
/// Only pages that the system can read again from their file are let go: mappings that may not be written and of which
/// no page was. While a program file is being loaded its pages are written and then protected, so a mapping
/// counts only when it was there, just the same, at the look before. Used by one thread at a time.
/// </remarks>
internal sealed class MappedPages
{
    private const int DontNeed = 4;   // MADV_DONTNEED

    private HashSet<string> _before = [];

    /// <summary>Remembers what is mapped now.</summary>
    public void Look() => _before = OperatingSystem.IsLinux()
        ? [.. Read().Where(mapping => mapping.IsClean).Select(mapping => mapping.Line)]
        : [];

    /// <summary>Lets go of what was mapped at the last look.</summary>
    /// <returns>Bytes that were let go.</returns>
    public long Release()
    {
        long released = 0;
        foreach (Mapping mapping in Read())
        {
            if (mapping is { IsClean: true, ResidentBytes: > 0 } && _before.Contains(mapping.Line)
                && NativeMethods.madvise(mapping.Start, mapping.Length, DontNeed) == 0)
                released += mapping.ResidentBytes;
        }

        return released;
    }

    private static List<Mapping> Read()
    {
        var mappings = new List<Mapping>();
        string line = "";
        long resident = 0;
        foreach (string next in File.ReadLines("/proc/self/smaps"))
        {
            if (next.Length > 0 && (char.IsAsciiDigit(next[0]) || char.IsAsciiLetterLower(next[0])))
                line = next;
            else if (next.StartsWith("Rss:", StringComparison.Ordinal))
                resident = KibibytesIn(next) << 10;
            else if (next.StartsWith("Anonymous:", StringComparison.Ordinal)
                && Mapping.TryRead(line, resident, KibibytesIn(next), out Mapping mapping))
                mappings.Add(mapping);
        }

        return mappings;
    }

    private static long KibibytesIn(string line)
    {
        ReadOnlySpan<char> text = line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim();
        int end = text.IndexOf(' ');
        return long.Parse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>One entry of smaps.</summary>
    /// <param name="Line">Its first line, which names range, protection, file and offset.</param>
    private readonly record struct Mapping(
        string Line, nint Start, nuint Length, long ResidentBytes, bool IsClean)
    {
        public static bool TryRead(string line, long resident, long writtenKibibytes, out Mapping mapping)
        {
            mapping = default;
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] range = fields[0].Split('-');
            if (fields.Length < 6 || range.Length != 2
                || !nint.TryParse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint start)
                || !nint.TryParse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint end))
                return false;

            bool isClean = writtenKibibytes == 0
                && fields[1] is ("r--p" or "r-xp" or "r--s") && fields[4] != "0" && fields[5].StartsWith('/');
            mapping = new Mapping(line, start, (nuint)(end - start), resident, isClean);
            return true;
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", SetLastError = true)]
        public static extern int madvise(nint start, nuint length, int advice);
    }
}
