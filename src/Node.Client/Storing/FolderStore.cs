using System.Runtime.CompilerServices;
using Node.Protocol;

namespace Node.Client.Storing;

/// <summary>A folder of files named by the SHA-256 of their content: <c>sha256/ab/cdef…</c>.</summary>
/// <remarks>
/// Any number of processes may add at once: equal content meets under one name, and a name is only ever given to a
/// complete file. Unfinished files lie in <c>incoming/</c> and are removed by the next one that adds, once the process
/// is gone. Back-links lie in <c>links/</c>, one transaction id per line. Nothing but rename, fsync and append is asked
/// of the file system, so the folder may be a mounted share.
/// </remarks>
public sealed class FolderStore : IContentStore
{
    private readonly FolderRoot _root;
    private readonly IncomingFiles _incoming;
    private readonly FolderLinks _links;

    /// <param name="folder">Created with the first file.</param>
    public FolderStore(string folder)
        : this(folder, isReadOnly: false)
    {
    }

    /// <inheritdoc cref="FolderStore(string)"/>
    public FolderStore(string folder, bool isReadOnly)
    {
        _root = new FolderRoot(folder);
        _incoming = new IncomingFiles(Path.Combine(_root.Folder, "incoming"));
        _links = new FolderLinks(Path.Combine(_root.Folder, "links"));
        IsReadOnly = isReadOnly;
    }

    /// <summary>Absolute.</summary>
    public string Folder => _root.Folder;

    public string Location => _root.Location;

    public bool IsReadOnly { get; }

    /// <summary>Where content with this checksum lies, whether it is there or not.</summary>
    public string PathOf(Hash32 checksum) => Path.Combine(Folder, ContentAddress.PointerOf(checksum));

    public Task<StoredContent> AddAsync(Stream content, CancellationToken cancellation) =>
        AddAsync(content, AddOptions.None, cancellation);

    public async Task<StoredContent> AddAsync(Stream content, AddOptions options, CancellationToken cancellation)
    {
        if (IsReadOnly)
            throw new StorageFailedException(
                "add a file", Folder, "this store is configured as read-only", inner: null);

        FileStream file = OpenIncoming();
        try
        {
            (Hash32 checksum, long bytes) = await HashingCopy
                .RunAsync(content, file, Folder, options.Progress, cancellation).ConfigureAwait(false);
            return await FinishAsync(file, checksum, bytes, options).ConfigureAwait(false);
        }
        finally
        {
            await file.DisposeAsync().ConfigureAwait(false);
            File.Delete(file.Name);   // Renamed already when all went well: then there is nothing to delete.
        }
    }

    public Task<Stream> OpenAsync(string pointer, CancellationToken cancellation) => _root.OpenAsync(pointer);

    public bool Covers(string location, string pointer, out string own) => _root.Covers(location, pointer, out own);

    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (string folder in new[] { "sha256", "incoming" })
        {
            foreach (StoredObject found in _root.List(folder))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return found;
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task DeleteAsync(string pointer, CancellationToken cancellation)
    {
        if (IsReadOnly)
            throw new StorageFailedException("delete", Folder, "this store is configured as read-only", inner: null);

        _root.Delete(pointer);
        _links.Remove(pointer);
        return Task.CompletedTask;
    }

    public Task LinkAsync(string pointer, TxId record, CancellationToken cancellation) =>
        _links.AddAsync(pointer, record, cancellation);

    public Task<IReadOnlyList<TxId>> LinksAsync(string pointer, CancellationToken cancellation) =>
        _links.ReadAsync(pointer, cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private FileStream OpenIncoming()
    {
        try
        {
            return _incoming.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("add a file", Folder, e.Message, e);
        }
    }

    private async Task<StoredContent> FinishAsync(FileStream file, Hash32 checksum, long bytes, AddOptions options)
    {
        string pointer = options.Pointer ?? ContentAddress.PointerOf(checksum, options.Suffix);
        if (!_root.TryResolve(pointer, out string? path, out string? fault))
            throw new StorageFailedException("add a file", Folder, fault, inner: null);

        try
        {
            file.Flush(flushToDisk: true);
            await file.DisposeAsync().ConfigureAwait(false);
            FileSync.CreateFolder(Path.GetDirectoryName(path)!);

            // Also when a file of that name exists: it may have been altered since, and this one has just been hashed.
            DurableFile.MoveInto(file.Name, path);
            return new StoredContent(checksum, bytes, Location, pointer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("add a file", Folder, e.Message, e);
        }
    }
}
