using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Node.Protocol;

namespace Node.Orderer.Etcd;

/// <summary>What the releases of etcd call differently, by what the program says of itself.</summary>
internal static partial class EtcdFlags
{
    private static readonly Version s_oldest = new(3, 4);
    private static readonly Version s_checksAtStart = new(3, 5);
    private static readonly Version s_namesFeatures = new(3, 6);

    /// <summary>Asks the program for its version.</summary>
    /// <exception cref="StorageFailedException">It is not there, too old, or something else.</exception>
    public static Version VersionOf(string program)
    {
        string text;
        try
        {
            var start = new ProcessStartInfo(program, ["--version"])
            {
                RedirectStandardOutput = true, UseShellExecute = false,
            };
            using Process? process = Process.Start(start);
            text = process?.StandardOutput.ReadToEnd() ?? "";
            process?.WaitForExit();
        }
        catch (Win32Exception failure)
        {
            throw new StorageFailedException(
                "start etcd", program, $"{failure.Message}: install it with apt-get install etcd-server", failure);
        }

        if (!TryParse(text, out Version? version))
            throw new StorageFailedException("start etcd", program, "it tells no version of etcd", inner: null);

        return version >= s_oldest
            ? version
            : throw new StorageFailedException(
                "start etcd", program, $"it is etcd {version}, at least {s_oldest} is needed", inner: null);
    }

    /// <param name="text">What <c>etcd --version</c> prints.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Version? version)
    {
        Match match = VersionLine().Match(text);
        version = match.Success ? Version.Parse(match.Groups[1].ValueSpan) : null;
        return version is not null;
    }

    /// <summary>The flags that not every release knows.</summary>
    /// <remarks>
    /// Who was cut off and comes back asks first whether there is a leader, instead of deposing it (pre-vote). From 3.5
    /// on a member compares its data with the others' before it serves: that release lost data silently
    /// before 3.5.3. What began as an experiment there is a feature gate from 3.6 on.
    /// </remarks>
    public static IReadOnlyList<string> For(Version version) =>
        version >= s_namesFeatures ? ["--pre-vote=true", "--feature-gates=InitialCorruptCheck=true"]
        : version >= s_checksAtStart ? ["--pre-vote=true", "--experimental-initial-corrupt-check=true"]
        : ["--pre-vote=true", "--logger", "zap"];

    [GeneratedRegex(@"etcd Version:\s*(\d+\.\d+\.\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLine();
}
