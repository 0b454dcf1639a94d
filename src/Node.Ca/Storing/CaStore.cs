using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Node.Membership.Issuing;
using Node.Protocol;
using RocksDbSharp;

namespace Node.Ca.Storing;

/// <summary>What a certificate authority remembers: identities, affiliations, certificates, revocations.</summary>
/// <remarks>
/// <para>
/// Any thread reads. Whoever decides on what is stored and writes accordingly holds <see cref="Deciding"/> from the
/// read to the write. Every write is one batch and is synced: once it returns, the change outlives a kill.
/// </para>
/// <para>Layout: docs/formats.md, "CA store".</para>
/// </remarks>
internal sealed class CaStore : IDisposable
{
    public const string IdentityFamily = "identities";
    public const string AffiliationFamily = "affiliations";
    public const string CertificateFamily = "certificates";
    public const string OwnerFamily = "owners";

    private const string MetaFamily = "meta";
    private const uint FormatOne = 1;
    private const ulong MiB = 1 << 20;

    private readonly string _folder;
    private readonly RocksDb _database;
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly TaskCompletionSource<StorageFailedException> _failure =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CaStore(string folder, RocksDb database)
    {
        _folder = folder;
        _database = database;
    }

    /// <summary>Protects every decision that is read from the store and written back: quotas, names, states.</summary>
    public Lock Deciding { get; } = new();

    /// <summary>Completes when a write failed: memory and disk may disagree, so the server stops.</summary>
    public Task<StorageFailedException> Failure => _failure.Task;

    private static ReadOnlySpan<byte> FormatKey => "format"u8;

    private static ReadOnlySpan<byte> AuthorityKey => "authority"u8;

    /// <summary>Opens or creates the store. This is also how it recovers.</summary>
    /// <param name="authority">The certificate whose store it is.</param>
    /// <exception cref="StorageFailedException">The folder cannot be written, or another process has it
    /// open.</exception>
    /// <exception cref="LedgerCorruptException">It belongs to another authority, or its bytes are damaged.</exception>
    public static CaStore Open(string folder, Hash32 authority)
    {
        CaStore? store = null;
        try
        {
            Directory.CreateDirectory(folder);
            store = new CaStore(folder, OpenDatabase(folder));
            store.CheckHead(authority);
            return store;
        }
        catch (RocksDbException error)
        {
            store?.Dispose();
            throw Translate(error, "open", folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open", folder, error.Message, error);
        }
        catch (NodeException)
        {
            store?.Dispose();
            throw;
        }
    }

    /// <summary>Writes a change. It is durable when this returns.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: stop and reopen.</exception>
    public void Write(StoreChange change)
    {
        if (_failure.Task.IsCompleted)
            throw new StorageFailedException("write a change", _folder, "an earlier write failed", inner: null);

        try
        {
            using var batch = new WriteBatch();
            foreach (StoreChange.Edit edit in change.Edits)
            {
                ColumnFamilyHandle family = _database.GetColumnFamily(edit.Family);
                if (edit.Value is { } value)
                    batch.Put(edit.Key, value, family);
                else
                    batch.Delete(edit.Key, family);
            }

            _database.Write(batch, _synced);
        }
        catch (RocksDbException error)
        {
            NodeException failed = Translate(error, "write a change", _folder);
            _failure.TrySetResult(failed as StorageFailedException
                ?? new StorageFailedException("write a change", _folder, error.Message, error));
            throw failed;
        }
    }

    public bool IsEmpty() => !Identities().Any();

    public IdentityRecord? FindIdentity(string id) =>
        Get(IdentityFamily, StoreKeys.OfId(id)) is { } json ? ReadIdentity(id, json) : null;

    /// <summary>All identities by id, as they were when the first one was asked for.</summary>
    public IEnumerable<IdentityRecord> Identities() =>
        Scan(IdentityFamily, prefix: []).Select(entry => ReadIdentity(Encoding.UTF8.GetString(entry.Key), entry.Value));

    public bool HasAffiliation(string path) =>
        path.Length == 0 || Get(AffiliationFamily, Encoding.ASCII.GetBytes(path)) is not null;

    /// <summary>All paths, sorted; the root is not among them.</summary>
    public IEnumerable<string> Affiliations() =>
        Scan(AffiliationFamily, prefix: []).Select(entry => Encoding.ASCII.GetString(entry.Key));

    public CertificateRecord? FindCertificate(CertificateNumber number) =>
        Get(CertificateFamily, StoreKeys.OfNumber(number)) is { } json ? ReadCertificate(json) : null;

    public IEnumerable<CertificateRecord> Certificates() =>
        Scan(CertificateFamily, prefix: []).Select(entry => ReadCertificate(entry.Value));

    public IEnumerable<CertificateRecord> CertificatesOf(string id)
    {
        byte[] prefix = StoreKeys.OfOwned(id, []);
        foreach ((byte[] key, _) in Scan(OwnerFamily, prefix))
        {
            byte[]? json = Get(CertificateFamily, key.AsSpan(prefix.Length));
            yield return json is not null
                ? ReadCertificate(json)
                : throw new LedgerCorruptException($"a certificate of {id} is missing", _folder, blockNumber: null);
        }
    }

    public void Dispose()
    {
        _database.Dispose();
        _synced.Dispose();
    }

    private static RocksDb OpenDatabase(string folder)
    {
        // Small in every respect: some thousand identities, a few writes a second.
        using Cache cache = Cache.CreateLru(1 * MiB);
        using var table = new BlockBasedTableOptions();
        table.SetBlockCache(cache).SetCacheIndexAndFilterBlocks(true);
        using DbOptions options = new DbOptions()
            .SetCreateIfMissing()
            .SetCreateMissingColumnFamilies()
            .SetMaxTotalWalSize(4 * MiB)
            .SetDbWriteBufferSize(2 * MiB)
            .SetMaxOpenFiles(64)
            .SetMaxBackgroundJobs(1)
            .SetKeepLogFileNum(2)
            .SetMaxLogFileSize(1 * MiB)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetStatsDumpPeriodSec(0)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords);
        using ColumnFamilyOptions small = new ColumnFamilyOptions()
            .SetWriteBufferSize(1 * MiB)
            .SetBlockBasedTableFactory(table);
        return RocksDb.Open(options, folder, new ColumnFamilies(small)
        {
            { MetaFamily, small }, { IdentityFamily, small }, { AffiliationFamily, small },
            { CertificateFamily, small }, { OwnerFamily, small },
        });
    }

    private void CheckHead(Hash32 authority)
    {
        byte[]? format = Get(MetaFamily, FormatKey);
        if (format is null)
        {
            byte[] one = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(one, FormatOne);
            ColumnFamilyHandle meta = _database.GetColumnFamily(MetaFamily);
            using var batch = new WriteBatch();
            batch.Put(FormatKey, one, meta);
            batch.Put(AuthorityKey, authority.AsSpan(), meta);
            _database.Write(batch, _synced);
            return;
        }

        if (format.Length != sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(format) != FormatOne)
        {
            string found = Convert.ToHexStringLower(format);
            throw new LedgerCorruptException($"its format is {found}, this program reads {FormatOne}", _folder, null);
        }

        if (Get(MetaFamily, AuthorityKey) is not { } stored || !stored.AsSpan().SequenceEqual(authority.AsSpan()))
            throw new LedgerCorruptException(
                "it belongs to another CA certificate than the configured one", _folder, blockNumber: null);
    }

    private byte[]? Get(string family, ReadOnlySpan<byte> key)
    {
        try
        {
            return _database.Get(key, _database.GetColumnFamily(family));
        }
        catch (RocksDbException error)
        {
            throw Translate(error, $"read {family}", _folder);
        }
    }

    private IEnumerable<(byte[] Key, byte[] Value)> Scan(string family, byte[] prefix)
    {
        using Iterator iterator = _database.NewIterator(_database.GetColumnFamily(family));
        for (iterator.Seek(prefix); iterator.Valid(); iterator.Next())
        {
            byte[] key = iterator.Key();
            if (!key.AsSpan().StartsWith(prefix))
                yield break;

            yield return (key, iterator.Value());
        }

        CheckError(iterator, family);
    }

    private void CheckError(Iterator iterator, string family)
    {
        try
        {
            iterator.CheckError();
        }
        catch (RocksDbException error)
        {
            throw Translate(error, $"read {family}", _folder);
        }
    }

    private IdentityRecord ReadIdentity(string id, byte[] json)
    {
        try
        {
            return StoredJson.ReadIdentity(id, json);
        }
        catch (JsonException error)
        {
            throw new LedgerCorruptException($"the identity {id} cannot be read: {error.Message}", _folder, null);
        }
    }

    private CertificateRecord ReadCertificate(byte[] json)
    {
        try
        {
            return StoredJson.ReadCertificate(json);
        }
        catch (JsonException error)
        {
            throw new LedgerCorruptException($"a certificate cannot be read: {error.Message}", _folder, null);
        }
    }

    private static NodeException Translate(RocksDbException error, string operation, string folder) =>
        error.IsCorruption
            ? new LedgerCorruptException(error.Message, folder, blockNumber: null)
            : new StorageFailedException(operation, folder, error.Message, error);
}
