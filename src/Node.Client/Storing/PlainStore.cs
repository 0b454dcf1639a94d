using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>A folder of files under names that people gave them.</summary>
/// <remarks>
/// <para>
/// A file that lies in the folder already stays where it is and is recorded there; other content is copied in under a
/// readable name. A name that is taken by other content gets a number: <c>report~2.csv</c>.
/// </para>
/// <para>
/// What the store keeps for itself lies in <c>.hyperprov/</c>: unfinished files, contents without a readable name, a
/// mark for each file that it copied in, where each checksum lies, back-links, and files that a repair replaced. Only
/// what it added itself is listed and may be deleted.
/// </para>
/// </remarks>
public sealed class PlainStore : IContentStore
{
    internal const string OwnFolder = ".hyperprov";

    private const int NamesMax = 10_000;       // Versions of one name; a folder with more is used in another way.
    private const int IndexBytesMax = 1 << 13; // Of a remembered pointer; longer is nothing that was written here.
    private const int PartCharsMax = 120;      // Of one part of a readable name: 255 bytes of UTF-8 at most.

    private readonly FolderRoot _root;
    private readonly FolderRoot _marks;
    private readonly FolderRoot _index;
    private readonly FolderRoot _nameless;
    private readonly IncomingFiles _incoming;
    private readonly FolderLinks _links;

    public PlainStore(string folder, bool isReadOnly)
    {
        _root = new FolderRoot(folder);
        _marks = new FolderRoot(Path.Combine(_root.Folder, OwnFolder, "added"));
        _index = new FolderRoot(Path.Combine(_root.Folder, OwnFolder, "index"));
        _nameless = new FolderRoot(Path.Combine(_root.Folder, OwnFolder, "content"));
        _incoming = new IncomingFiles(Path.Combine(_root.Folder, OwnFolder, "incoming"));
        _links = new FolderLinks(Path.Combine(_root.Folder, OwnFolder, "links"));
        IsReadOnly = isReadOnly;
    }

    public string Folder => _root.Folder;

    public string Location => _root.Location;

    public bool IsReadOnly { get; }

    public async Task<StoredContent> AddAsync(Stream content, AddOptions options, CancellationToken cancellation)
    {
        if (IsReadOnly)
            throw new StorageFailedException(
                "add a file", Folder, "this store is configured as read-only", inner: null);

        if (options.Pointer is null && options.SourcePath is { } source && options.Suffix.Length == 0
            && _root.Covers(Location, RelativeOrEmpty(source), out string own) && !IsOwn(own))
            return await AddInPlaceAsync(content, source, own, options, cancellation).ConfigureAwait(false);

        return await CopyInAsync(content, options, cancellation).ConfigureAwait(false);
    }

    public Task<Stream> OpenAsync(string pointer, CancellationToken cancellation) =>
        IsOwn(pointer)
            ? throw new LocationRefusedException(Location, pointer, $"{OwnFolder} is the store's own")
            : _root.OpenAsync(NameOf(pointer));

    public bool Covers(string location, string pointer, out string own) =>
        _root.Covers(location, pointer, out own) && !IsOwn(own);

    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (StoredObject mark in _marks.List(""))
        {
            cancellation.ThrowIfCancellationRequested();

            // A mark without a file is what a killed process left before it named the file.
            bool isThere = FileStat.TryRead(Path.Combine(Folder, mark.Pointer), out FileStat stat);
            string text = await ReadOwnAsync(Path.Combine(_marks.Folder, mark.Pointer), cancellation)
                .ConfigureAwait(false);
            StoredObject found = isThere ? new StoredObject(mark.Pointer, stat.Bytes, stat.LastWrite) : mark;
            yield return found with { Checksum = Hash32.TryParseHex(text, out Hash32 checksum) ? checksum : null };
        }

        foreach (StoredObject nameless in _nameless.List(""))
            yield return nameless;

        foreach (StoredObject unfinished in _root.List(Path.Combine(OwnFolder, "incoming")))
            yield return unfinished;
    }

    public Task DeleteAsync(string pointer, CancellationToken cancellation)
    {
        if (IsReadOnly)
            throw new StorageFailedException("delete a file", Folder, "this store is configured as read-only", null);

        if (_nameless.TryResolve(pointer, out string? nameless, out _) && File.Exists(nameless))
        {
            _nameless.Delete(pointer);
        }
        else if (_marks.TryResolve(pointer, out string? mark, out _) && File.Exists(mark))
        {
            _root.Delete(pointer);
            _marks.Delete(pointer);
        }
        else if (pointer.StartsWith(OwnFolder + "/incoming/", StringComparison.Ordinal))
        {
            _root.Delete(pointer);
        }
        else if (!_root.TryResolve(pointer, out string? path, out _) || File.Exists(path))
        {
            throw new StorageFailedException(
                "delete a file", StorePlace.Of(Location, pointer), "it was not put there by this program", null);
        }

        _links.Remove(pointer);
        return Task.CompletedTask;
    }

    public Task LinkAsync(string pointer, TxId record, CancellationToken cancellation) =>
        _links.AddAsync(pointer, record, cancellation);

    public Task<IReadOnlyList<TxId>> LinksAsync(string pointer, CancellationToken cancellation) =>
        _links.ReadAsync(pointer, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool IsOwn(string pointer) =>
        pointer == OwnFolder || pointer.StartsWith(OwnFolder + "/", StringComparison.Ordinal);

    private string RelativeOrEmpty(string path) =>
        path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path[(Folder.Length + 1)..]
            : "";

    // The file is read once, from the stream that the caller opened; that it did not change meanwhile is checked after.
    private async Task<StoredContent> AddInPlaceAsync(
        Stream content, string path, string own, AddOptions options, CancellationToken cancellation)
    {
        if (!FileStat.TryRead(path, out FileStat before))
            throw new FileNotFoundException($"There is no {path}.", path);

        (Hash32 checksum, long bytes) = await HashingCopy
            .RunAsync(content, Stream.Null, Folder, options.Progress, cancellation).ConfigureAwait(false);
        if (!FileStat.TryRead(path, out FileStat after) || after != before || bytes != after.Bytes)
            throw new IOException($"{path} changed while it was read. Put it again when nobody writes to it.");

        try
        {
            DurableFile.Flush(path);
        }
        catch (IOException e)
        {
            throw new StorageFailedException("sync a file", path, e.Message, e);
        }

        await RememberAsync(checksum, own, "", cancellation).ConfigureAwait(false);
        return new StoredContent(checksum, bytes, Location, own);
    }

    private static async Task<string> ReadOwnAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return "";   // Removed meanwhile.
        }
    }

    // Under its checksum a content is found wherever its name is: trees and repairs ask that way.
    private Task RememberAsync(Hash32 checksum, string pointer, string suffix, CancellationToken cancellation)
    {
        string path = Path.Combine(_index.Folder, ContentAddress.PointerOf(checksum, suffix));
        FileSync.CreateFolder(Path.GetDirectoryName(path)!);
        return DurableFile.ReplaceAsync(path, Encoding.UTF8.GetBytes(pointer), cancellation);
    }

    private string NameOf(string pointer)
    {
        if (!ContentAddress.TryParse(pointer, out _) || File.Exists(Path.Combine(Folder, pointer)))
            return pointer;
        if (File.Exists(Path.Combine(_nameless.Folder, pointer)))
            return $"{OwnFolder}/content/{pointer}";

        string index = Path.Combine(_index.Folder, pointer);
        string name = FileStat.TryRead(index, out FileStat stat) && stat.Bytes < IndexBytesMax
            ? File.ReadAllText(index)
            : pointer;
        return IsOwn(name) ? pointer : name;
    }

    private async Task<StoredContent> CopyInAsync(Stream content, AddOptions options, CancellationToken cancellation)
    {
        FileStream? file = null;
        try
        {
            file = _incoming.Create();
            (Hash32 checksum, long bytes) = await HashingCopy
                .RunAsync(content, file, Folder, options.Progress, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            await file.DisposeAsync().ConfigureAwait(false);
            string pointer = options.Pointer is { } fixedPointer
                ? Replace(file.Name, fixedPointer)
                : await NameAsync(file.Name, checksum, bytes, options, cancellation).ConfigureAwait(false);
            if (!ContentAddress.TryParse(pointer, out _))
                await RememberAsync(checksum, pointer, options.Suffix, cancellation).ConfigureAwait(false);

            return new StoredContent(checksum, bytes, Location, pointer);
        }
        catch (Exception e) when (
            e is UnauthorizedAccessException || (e is IOException && (file is null || !file.CanWrite)))
        {
            throw new StorageFailedException("add a file", Folder, e.Message, e);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
                File.Delete(file.Name);   // Renamed already when all went well: then there is nothing to delete.
            }
        }
    }

    private async Task<string> NameAsync(
        string temporary, Hash32 checksum, long bytes, AddOptions options, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(options.Name))
        {
            string address = ContentAddress.PointerOf(checksum, options.Suffix);
            string nameless = Path.Combine(_nameless.Folder, address);
            FileSync.CreateFolder(Path.GetDirectoryName(nameless)!);
            DurableFile.MoveInto(temporary, nameless);
            return address;
        }

        string wanted = ReadableName(options.Name) + options.Suffix;
        for (int number = 1; number <= NamesMax; number++)
        {
            string pointer = Numbered(wanted, number);
            string path = Path.Combine(Folder, pointer);
            if (TryClaim(path, pointer, checksum))
            {
                DurableFile.MoveInto(temporary, path);
                return pointer;
            }

            if (FileStat.TryRead(path, out FileStat stat) && stat.Kind == FileKind.Regular && stat.Bytes == bytes)
            {
                ContentCheck check = await ContentVerification
                    .CheckAsync(path, Checksum.Of(checksum), cancellation).ConfigureAwait(false);
                if (check.State == ContentState.Intact)
                {
                    // Written anew all the same, so that a sweep that looks now finds it young.
                    DurableFile.MoveInto(temporary, path);
                    return pointer;
                }
            }
        }

        throw new StorageFailedException(
            "add a file", Folder, $"{wanted} has {NamesMax} versions already", inner: null);
    }

    // Creating it exclusively is the one thing that every share does atomically; the mark comes first, so that a
    // process killed in between leaves something that the sweep knows.
    private bool TryClaim(string path, string pointer, Hash32 checksum)
    {
        if (Path.Exists(path))
            return false;

        string mark = Path.Combine(_marks.Folder, pointer);
        FileSync.CreateFolder(Path.GetDirectoryName(mark)!);
        FileSync.CreateFolder(Path.GetDirectoryName(path)!);
        File.WriteAllText(mark, checksum.ToString());
        try
        {
            using FileStream claim = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
            return true;
        }
        catch (IOException) when (Path.Exists(path))
        {
            return false;
        }
    }

    // What lay there is somebody's file, even if it is not what was recorded: it is kept aside.
    private string Replace(string temporary, string pointer)
    {
        FolderRoot place = ContentAddress.TryParse(pointer, out _) ? _nameless : _root;
        if (!place.TryResolve(pointer, out string? path, out string? fault))
            throw new StorageFailedException("repair a file", Folder, fault, inner: null);

        if (File.Exists(path))
        {
            string aside = Path.Combine(Folder, OwnFolder, "replaced", pointer);
            for (int number = 2; Path.Exists(aside); number++)
                aside = Path.Combine(Folder, OwnFolder, "replaced", Numbered(pointer, number));

            FileSync.CreateFolder(Path.GetDirectoryName(aside)!);
            DurableFile.MoveInto(path, aside);
        }

        FileSync.CreateFolder(Path.GetDirectoryName(path)!);
        DurableFile.MoveInto(temporary, path);
        return pointer;
    }

    /// <summary>A relative path that every file system takes and that leads nowhere else, near to the name.</summary>
    internal static string ReadableName(string name)
    {
        var parts = new List<string>();
        foreach (string part in name.Split('/', '\\'))
        {
            var readable = new StringBuilder();
            foreach (Rune rune in part.EnumerateRunes())
            {
                bool isPlain = Rune.IsLetterOrDigit(rune)
                    || rune.Value is ' ' or '.' or '-' or '_' or '+' or '=' or '@';
                readable.Append(isPlain ? rune.ToString() : "_");
            }

            string trimmed = readable.ToString().Trim(' ').TrimEnd('.');
            trimmed = trimmed.StartsWith('.') ? "_" + trimmed[1..] : trimmed;
            while (Encoding.UTF8.GetByteCount(trimmed) > PartCharsMax)
                trimmed = trimmed[..^1];

            if (trimmed.Length > 0)
                parts.Add(trimmed);
        }

        return parts.Count == 0 ? "content" : string.Join('/', parts);
    }

    private static string Numbered(string name, int number)
    {
        if (number == 1)
            return name;

        string extension = Path.GetExtension(name);
        string text = number.ToString(CultureInfo.InvariantCulture);
        return $"{name[..^extension.Length]}~{text}{extension}";
    }
}
