using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// One place on this machine for a set of hosts: a number of its own, held by a file that says which process holds it.
/// </summary>
/// <remarks>
/// What a killed test run left behind, namespaces, bridge, mounts, processes and folder, is removed by the next one,
/// and nothing that belongs to a run that is alive.
/// </remarks>
internal sealed class Machine : IDisposable
{
    private const string MarkFolder = "/run/hyperprov-hosts";
    private const int PlacesMax = 64;

    private readonly string _markFile;

    private Machine(int number, string markFile, string folder) =>
        (Number, _markFile, Folder) = (number, markFile, folder);

    /// <summary>0 to 63.</summary>
    public int Number { get; }

    /// <summary>Of this run alone; gone with it.</summary>
    public string Folder { get; }

    public string Bridge => BridgeOf(Number);

    public static Machine Take()
    {
        Require();
        Directory.CreateDirectory(MarkFolder);
        foreach (string mark in Directory.GetFiles(MarkFolder))
            ClearIfDead(mark);

        string folder = Directory.CreateTempSubdirectory("hyperprov-hosts-").FullName;
        for (int number = 0; number < PlacesMax; number++)
        {
            string file = Path.Combine(MarkFolder, number.ToString(CultureInfo.InvariantCulture));
            try
            {
                using var mark = new StreamWriter(new FileStream(file, FileMode.CreateNew, FileAccess.Write));
                mark.Write($"{OwnerOf(Environment.ProcessId)}\n{folder}\n");
                return new Machine(number, file, folder);
            }
            catch (IOException)
            {
                // Somebody else's.
            }
        }

        throw new InvalidOperationException($"All {PlacesMax} places in {MarkFolder} belong to runs that are alive.");
    }

    /// <summary>The namespace of one host.</summary>
    public string NamespaceOf(string host) => $"{Bridge}-{host}";

    public void Dispose()
    {
        Clear(Number, Folder);
        File.Delete(_markFile);
    }

    private static void Require()
    {
        Assert.True(
            Environment.UserName == "root",
            "Hosts are network namespaces, which only root makes. Run the tests as root, or in a container where you " +
            "are and that may (--privileged, or --cap-add NET_ADMIN --cap-add SYS_ADMIN).");
        foreach ((string program, string package) in new[] { ("ip", "iproute2"), ("etcd", "etcd-server") })
        {
            if (!IsThere(program) && IsThere("apt-get"))
                Command.Try("apt-get", "-qq", "install", "-y", "--no-install-recommends", package);

            Assert.True(IsThere(program), $"{program} is needed: apt-get install {package}");
        }

        string probe = $"hpe-probe-{Environment.ProcessId}";
        Command.Must("ip", "netns", "add", probe);
        Command.Must("ip", "netns", "del", probe);
    }

    private static bool IsThere(string program)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(program, "--version")
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            });
            return process is not null;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string BridgeOf(int number) => string.Create(CultureInfo.InvariantCulture, $"hpe{number}");

    private static void ClearIfDead(string markFile)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(markFile);
        }
        catch (FileNotFoundException)
        {
            return;   // Its owner has ended this moment.
        }

        // Half a mark is one that is being written, or whose writer died in that moment: then it made nothing yet.
        if (lines.Length < 2
            || !int.TryParse(lines[0].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int owner)
            || OwnerOf(owner) == lines[0]
            || !int.TryParse(
                Path.GetFileName(markFile), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return;

        Clear(number, lines[1]);
        File.Delete(markFile);
    }

    // The process id with its start: an id alone is used again sooner or later.
    private static string OwnerOf(int process)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            string start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
            return string.Create(CultureInfo.InvariantCulture, $"{process} {start}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Clear(int number, string folder)
    {
        string prefix = BridgeOf(number) + "-";
        foreach (string line in Command.Must("ip", "netns", "list").Split('\n'))
        {
            string name = line.Split(' ')[0];
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
                continue;

            // Whatever runs in a namespace of ours is ours.
            string ids = Command.Must("ip", "netns", "pids", name);
            foreach (string id in ids.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Command.Try("kill", "-KILL", id);
            Command.Try("ip", "netns", "del", name);
            if (Directory.Exists($"/etc/netns/{name}"))
                Directory.Delete($"/etc/netns/{name}", recursive: true);
        }

        Command.Try("ip", "link", "del", BridgeOf(number));
        Unmount(folder);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static void Unmount(string folder)
    {
        foreach (string mount in File.ReadAllLines("/proc/self/mounts").Select(line => line.Split(' ')[1]))
        {
            if (mount.StartsWith(folder + "/", StringComparison.Ordinal))
                Command.Try("umount", "--lazy", mount);
        }
    }
}
