using System.Text;
using System.Text.Json;
using Node.Protocol;

namespace Node.Rest.Repeating;

/// <summary>Keeps what is known of requests with an Idempotency-Key, across restarts, for a day.</summary>
/// <remarks>
/// A text file of JSON lines, the last one for a scope counting. What is written before a transaction is sent to order
/// is on disk before it is sent; answers may be lost with the machine, since the ledger has them too. One server at a
/// time owns the file. Any thread.
/// </remarks>
internal sealed class RepeatJournal : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly string _path;
    private readonly Lock _writing = new();   // Protects everything below.
    private readonly Dictionary<string, RepeatEntry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Scope, DateTimeOffset At)> _byAge = new();
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);
    private readonly FileStream _held;        // The journal itself is replaced when it is rewritten.
    private FileStream _file;
    private int _lines;

    private RepeatJournal(string path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
        _held = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Load();
        _file = Rewrite();
    }

    /// <exception cref="StorageFailedException">The file cannot be used, or another server has it.</exception>
    public static RepeatJournal Open(string networkFolder, TimeProvider clock)
    {
        string path = Path.Combine(networkFolder, "rest", "idempotency.journal");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);   // Combined from three parts, so it has a folder.
            return new RepeatJournal(path, clock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open the idempotency journal", path, e.Message, e);
        }
    }

    /// <summary>Takes a scope for one request at a time; <see cref="Leave"/> gives it back.</summary>
    /// <param name="known">What is known of it; null for the first request.</param>
    /// <returns>False while another request has it.</returns>
    public bool TryEnter(string scope, out RepeatEntry? known)
    {
        lock (_writing)
        {
            known = _entries.GetValueOrDefault(scope);
            return _busy.Add(scope);
        }
    }

    public void Leave(string scope)
    {
        lock (_writing)
            _busy.Remove(scope);
    }

    /// <param name="isDurable">On disk when it returns.</param>
    /// <exception cref="StorageFailedException">The disk said no; nothing is known of the request.</exception>
    public void Write(RepeatEntry entry, bool isDurable)
    {
        lock (_writing)
        {
            try
            {
                Append(_file, entry);
                _file.Flush(flushToDisk: isDurable);
            }
            catch (IOException e)
            {
                throw new StorageFailedException("write the idempotency journal", _path, e.Message, e);
            }

            Remember(entry);
            Forget();
            if (_lines > 4 * RestLimits.IdempotentAnswersMax)
            {
                _file.Dispose();
                _file = Rewrite();
            }
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _held.Dispose();
    }

    private void Load()
    {
        if (!File.Exists(_path))
            return;

        foreach (string line in File.ReadLines(_path))
        {
            // The last line may be half a line: its transaction was then never sent.
            if (TryRead(line) is { } entry)
                Remember(entry);
        }

        Forget();
    }

    private static RepeatEntry? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RepeatJson.Default.RepeatEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Remember(RepeatEntry entry)
    {
        if (!_entries.ContainsKey(entry.Scope))
            _byAge.Enqueue((entry.Scope, entry.At));

        _entries[entry.Scope] = entry;
    }

    private void Forget()
    {
        DateTimeOffset oldest = _clock.GetUtcNow() - RestLimits.IdempotencyPeriod;
        while (_byAge.TryPeek(out (string Scope, DateTimeOffset At) first)
            && (first.At < oldest || _entries.Count > RestLimits.IdempotentAnswersMax))
        {
            _byAge.Dequeue();
            _entries.Remove(first.Scope);
        }
    }

    private FileStream Rewrite()
    {
        string next = _path + ".next";
        using (var file = new FileStream(next, Options(FileMode.Create)))
        {
            _lines = 0;
            foreach ((string scope, _) in _byAge)
                Append(file, _entries[scope]);

            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
        return new FileStream(_path, Options(FileMode.Append));
    }

    private void Append(FileStream file, RepeatEntry entry)
    {
        file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, RepeatJson.Default.RepeatEntry) + "\n"));
        _lines++;
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows() && mode == FileMode.Create)
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return options;
    }
}
