using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Node.Protocol;

namespace Node.Simulation.Worlds;

/// <summary>Everything that happened, as lines, and the hash over all of them.</summary>
internal sealed class EventLog(Agenda agenda, Action<string>? print) : IDisposable
{
    private const int LinesKept = 60;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<string> _last = new();

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> Last => _last;

    /// <summary>Of all lines so far.</summary>
    public Hash32 Hash => Hash32.Read(_hash.GetCurrentHash());

    public void Add(string who, string what)
    {
        string seconds = agenda.Now.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture);
        string line = $"{seconds,12} {who}: {what}";
        _hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
        if (_last.Count == LinesKept)
            _last.Dequeue();

        _last.Enqueue(line);
        print?.Invoke(line);
    }

    public void Dispose() => _hash.Dispose();
}
