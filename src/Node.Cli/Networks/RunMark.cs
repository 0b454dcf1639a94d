using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.Cli.Networks;

/// <summary>Names one process for ever: its id, when it started, and in which run of the machine.</summary>
/// <remarks>A process id alone is used again sooner or later, and whoever then stops "it" stops a stranger.</remarks>
internal sealed record RunMark(int Id, ulong StartTicks, string BootId)
{
    private const int StateField = 0;       // Fields of /proc/ID/stat, counted behind the name in brackets.
    private const int StartTicksField = 19;

    public static RunMark OfThisProcess() => Of(Environment.ProcessId);

    /// <summary>A process that has ended already gets a mark that is never alive.</summary>
    public static RunMark Of(int id) =>
        new(id, TryReadStat(id, out _, out ulong start) ? start : 0, CurrentBootId());

    /// <summary>False when the file is missing or holds something else.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out RunMark? mark)
    {
        mark = null;
        try
        {
            string[] parts = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
            if (parts.Length == 3
                && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong start))
                mark = new RunMark(id, start, parts[2]);
        }
        catch (IOException)
        {
            // No file: nobody left a mark.
        }

        return mark is not null;
    }

    /// <remarks>Whole at any moment: whoever starts a node and the node itself may write the same at once.</remarks>
    public void Write(string path)
    {
        string next = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}");
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{Id} {StartTicks} {BootId}\n"));
        File.Move(next, path, overwrite: true);
    }

    /// <summary>That very process is still there, and more than a dead entry that nobody has collected.</summary>
    public bool IsAlive() =>
        BootId == CurrentBootId()
        && TryReadStat(Id, out char state, out ulong start)
        && start == StartTicks
        && state is not ('Z' or 'X');

    private static string CurrentBootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }

    private static bool TryReadStat(int id, out char state, out ulong startTicks)
    {
        state = default;
        startTicks = 0;
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));

            // The name may hold blanks and brackets; what follows the last bracket does not.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            state = fields[StateField][0];
            return ulong.TryParse(
                fields[StartTicksField], NumberStyles.None, CultureInfo.InvariantCulture, out startTicks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
