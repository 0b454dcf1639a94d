using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>The folder in which a store's files lie until they are complete, durable and named.</summary>
/// <remarks>A file's name says which machine and process writes it: machine-process-random.</remarks>
internal sealed class IncomingFiles(string folder)
{
    private static readonly string s_machine =
        Hash32.Of(Encoding.UTF8.GetBytes(Environment.MachineName)).ToString()[..8];

    private static readonly string s_owner =
        string.Create(CultureInfo.InvariantCulture, $"{s_machine}-{Environment.ProcessId}");

    private int _isTidied;   // 1 once what others abandoned was removed.

    /// <exception cref="IOException">The folder cannot be written.</exception>
    public FileStream Create()
    {
        FileSync.CreateFolder(folder);
        RemoveAbandoned();
        string name = $"{s_owner}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        return new FileStream(
            Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.None);
    }

    // A file of a process that is gone was never finished: nothing refers to it. Those of other machines that share
    // the folder are left to the sweep.
    private void RemoveAbandoned()
    {
        if (Interlocked.Exchange(ref _isTidied, 1) == 1)
            return;

        foreach (string path in Directory.EnumerateFiles(folder, $"{s_machine}-*"))
        {
            string owner = Path.GetFileName(path).Split('-')[1];
            if (OperatingSystem.IsLinux() && !Directory.Exists($"/proc/{owner}"))
                File.Delete(path);
        }
    }
}
