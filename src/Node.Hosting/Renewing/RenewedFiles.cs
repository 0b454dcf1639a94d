using System.Security.Cryptography;
using System.Text;
using Node.Protocol;

namespace Node.Hosting.Renewing;

/// <summary>Makes something of files that belong together.</summary>
/// <param name="now">What is not valid yet is no good.</param>
/// <param name="fault">Names the files and what is wrong with them.</param>
internal delegate T? MakeOfFiles<T>(DateTimeOffset now, out string? fault)
    where T : class;

/// <summary>Keeps what was last made of some files, and makes it anew when they hold something else.</summary>
/// <remarks>
/// Atomic: what does not fit together, cannot be read or does not hold yet leaves the former one in use. One loop
/// refreshes; any thread reads <see cref="Current"/>.
/// </remarks>
/// <param name="files">The files as they are now; their number may change.</param>
internal sealed class RenewedFiles<T>(Func<IReadOnlyList<string>> files, MakeOfFiles<T> make)
    where T : class
{
    private volatile T? _current;
    private volatile string? _fault;
    private Hash32 _used;      // Of the contents that _current was made of.
    private Hash32? _doubted;  // Of contents that could not be used when they were seen first.

    /// <summary>Set by <see cref="TryOpen"/>.</summary>
    public T Current =>
        _current ?? throw new InvalidOperationException("The files were not opened.");

    public string? Fault => _fault;

    public bool TryOpen(DateTimeOffset now, out string? fault)
    {
        _used = Look(out fault) ?? default;
        _current = fault is null ? make(now, out fault) : null;
        return _current is not null;
    }

    /// <returns>True when <see cref="Current"/> is another one from now on.</returns>
    public bool Refresh(DateTimeOffset now)
    {
        Hash32 seen = Look(out string? fault) ?? default;
        if (fault is null && seen == _used)
        {
            _fault = null;
            _doubted = null;
            return false;
        }

        T? next = fault is null ? make(now, out fault) : null;
        if (next is null)
        {
            // A renewal replaces two files, one after the other: between them they do not fit. Only what stays so is
            // a fault.
            _fault = _doubted == seen ? fault : _fault;
            _doubted = seen;
            return false;
        }

        _current = next;
        _used = seen;
        _fault = null;
        _doubted = null;
        return true;
    }

    // Contents rather than times: a copy may keep the time of what it was copied from.
    private Hash32? Look(out string? fault)
    {
        fault = null;
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (string file in files())
            {
                byte[] content = File.ReadAllBytes(file);
                hash.AppendData(Hash32.Of(Encoding.UTF8.GetBytes(file)).AsSpan());
                hash.AppendData(Hash32.Of(content).AsSpan());
            }

            return Hash32.Finish(hash);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = e.Message;
            return null;
        }
    }
}
