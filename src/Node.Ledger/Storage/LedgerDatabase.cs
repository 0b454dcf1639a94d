using System.Buffers.Binary;
using System.Text;
using Node.Protocol;
using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <summary>
/// The one database of a channel's ledger: its column families, its format, and what its errors mean.
/// </summary>
/// <remarks>
/// Any thread reads; one writes. The engine's errors leave as <see cref="StorageFailedException"/> (the machine) or
/// <see cref="LedgerCorruptException"/> (the bytes), never as themselves.
/// </remarks>
internal sealed class LedgerDatabase : IDisposable
{
    public const uint FormatOne = 1;

    private readonly RocksDb _database;
    private readonly WriteOptions _writeOptions;

    private LedgerDatabase(string folder, RocksDb database, WriteOptions writeOptions)
    {
        Folder = folder;
        _database = database;
        _writeOptions = writeOptions;
        Meta = database.GetColumnFamily(ColumnFamilySet.Meta);
        Blocks = database.GetColumnFamily(ColumnFamilySet.Blocks);
        Hashes = database.GetColumnFamily(ColumnFamilySet.Hashes);
        TxIds = database.GetColumnFamily(ColumnFamilySet.TxIds);
        State = database.GetColumnFamily(ColumnFamilySet.State);
        History = database.GetColumnFamily(ColumnFamilySet.History);
        Tree = database.GetColumnFamily(ColumnFamilySet.Tree);
    }

    public string Folder { get; }

    public ColumnFamilyHandle Meta { get; }

    public ColumnFamilyHandle Blocks { get; }

    public ColumnFamilyHandle Hashes { get; }

    public ColumnFamilyHandle TxIds { get; }

    public ColumnFamilyHandle State { get; }

    public ColumnFamilyHandle History { get; }

    public ColumnFamilyHandle Tree { get; }

    private static ReadOnlySpan<byte> FormatKey => "format"u8;

    private static ReadOnlySpan<byte> ChannelKey => "channel"u8;

    /// <summary>Opens or creates the database. Replaying the engine's log is part of it.</summary>
    public static LedgerDatabase Open(string folder, ChannelId channel, LedgerOptions options)
    {
        LedgerDatabase? database = null;
        try
        {
            Directory.CreateDirectory(folder);
            database = new LedgerDatabase(
                folder, ColumnFamilySet.Open(folder, options), new WriteOptions().SetSync(true));
            database.CheckHead(channel);
            return database;
        }
        catch (RocksDbException error)
        {
            database?.Dispose();
            throw Translate(error, "open", folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("open", folder, error.Message, error);
        }
        catch (NodeException)
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>Opens an existing database beside the process that writes it, or none, for reading.</summary>
    /// <param name="logFolder">For the engine's own log; nothing is written to the ledger's folder.</param>
    public static LedgerDatabase OpenReadOnly(string folder, string logFolder)
    {
        LedgerDatabase? database = null;
        try
        {
            database = new LedgerDatabase(folder, OpenBesideWriter(folder, logFolder), new WriteOptions());
            database.CheckFormat(database.Get(FormatKey, database.Meta, "read the format") ?? []);
            return database;
        }
        catch (RocksDbException error)
        {
            throw Translate(error, "open", folder);
        }
        catch (NodeException)
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>Creates a database that need not survive this process: nothing is logged or synced.</summary>
    public static LedgerDatabase CreateScratch(string folder, ChannelId channel)
    {
        try
        {
            var database = new LedgerDatabase(
                folder, ColumnFamilySet.Open(folder, LedgerOptions.Default), new WriteOptions().DisableWal(1));
            database.CheckHead(channel);
            return database;
        }
        catch (RocksDbException error)
        {
            throw Translate(error, "create a scratch copy", folder);
        }
    }

    /// <summary>The channel the database says it holds.</summary>
    public string ChannelName => Encoding.ASCII.GetString(Get(ChannelKey, Meta, "read the channel") ?? []);

    /// <summary>Null when the key is not there.</summary>
    public byte[]? Get(ReadOnlySpan<byte> key, ColumnFamilyHandle family, string operation)
    {
        try
        {
            return _database.Get(key, family);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, Folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    /// <summary>As <see cref="Get"/>, in the engine's memory and under read options.</summary>
    public PinnedValue GetPinned(
        ReadOnlySpan<byte> key, ColumnFamilyHandle family, ReadOptions? readOptions, string operation)
    {
        try
        {
            return _database.GetPinned(key, family, readOptions);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, Folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    public Iterator NewIterator(ColumnFamilyHandle family, ReadOptions? readOptions, string operation)
    {
        try
        {
            return _database.NewIterator(family, readOptions);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    /// <summary>Throws what ended an iteration early.</summary>
    public void Check(Iterator iterator, string operation)
    {
        try
        {
            iterator.CheckError();
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, Folder);
        }
    }

    /// <summary>Writes all of the batch or none. Synced when it returns, unless this is a scratch database.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: close and open anew.</exception>
    public void Write(WriteBatch batch, string operation)
    {
        try
        {
            _database.Write(batch, _writeOptions);
        }
        catch (RocksDbException error)
        {
            throw Translate(error, operation, Folder);
        }
        catch (ObjectDisposedException error)
        {
            throw Closed(operation, error);
        }
    }

    public Snapshot CreateSnapshot() => _database.CreateSnapshot();

    public string? Property(string name, ColumnFamilyHandle family) => _database.GetProperty(name, family);

    public void Dispose()
    {
        _database.Dispose();
        _writeOptions.Dispose();
    }

    // Between reading which files there are and opening them, a writer may have replaced some. A file that is missing
    // for another reason is still missing at the last attempt.
    private static RocksDb OpenBesideWriter(string folder, string logFolder)
    {
        const int Attempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return ColumnFamilySet.OpenReadOnly(folder, logFolder);
            }
            catch (RocksDbException error) when (attempt < Attempts && IsMissingFile(error))
            {
                continue;
            }
        }
    }

    private static bool IsMissingFile(RocksDbException error) =>
        error.Message.Contains("No such file or directory", StringComparison.Ordinal);

    private static NodeException Translate(RocksDbException error, string operation, string folder) =>
        error.IsCorruption
            ? new LedgerCorruptException(error.Message, folder, blockNumber: null)
            : new StorageFailedException(operation, folder, Explain(error), error);

    private static string Explain(RocksDbException error) =>
        error.IsDiskFull ? $"the disk is full ({error.Message})" : error.Message;

    private StorageFailedException Closed(string operation, ObjectDisposedException error) =>
        new(operation, Folder, "the ledger is closed", error);

    private void CheckHead(ChannelId channel)
    {
        byte[]? format = Get(FormatKey, Meta, "read the format");
        if (format is null)
        {
            WriteHead(channel);
            return;
        }

        CheckFormat(format);
        if (ChannelName != channel.Value)
        {
            throw new LedgerCorruptException(
                $"it holds channel '{ChannelName}', not '{channel}'", Folder, blockNumber: null);
        }
    }

    private void CheckFormat(byte[] format)
    {
        if (format.Length == sizeof(uint) && BinaryPrimitives.ReadUInt32BigEndian(format) == FormatOne)
            return;

        string found = Convert.ToHexStringLower(format);
        throw new LedgerCorruptException(
            $"its format is {found}, this program reads {FormatOne}", Folder, blockNumber: null);
    }

    private void WriteHead(ChannelId channel)
    {
        Span<byte> format = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(format, FormatOne);
        using var batch = new WriteBatch();
        batch.Put(FormatKey, format, Meta);
        batch.Put(ChannelKey, Encoding.ASCII.GetBytes(channel.Value), Meta);
        Write(batch, "create the ledger");
    }
}
