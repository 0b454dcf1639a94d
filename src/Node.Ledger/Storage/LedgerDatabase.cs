using System.Buffers.Binary;
using System.Text;
using Node.Protocol;

namespace Node.Ledger.Storage;

/// <summary>
/// The one database of a channel's ledger: its column families, its format, and what its errors mean.
/// </summary>
/// <remarks>
/// Any thread reads; one writes. What goes wrong leaves as <see cref="StorageFailedException"/> (the machine) or
/// <see cref="LedgerCorruptException"/> (the bytes).
/// </remarks>
internal sealed class LedgerDatabase : IDisposable
{
    public const uint FormatOne = 1;

    private readonly IStorage _storage;
    private readonly WriteDurability _durability;

    private LedgerDatabase(string folder, IStorage storage, WriteDurability durability)
    {
        Folder = folder;
        _storage = storage;
        _durability = durability;
    }

    public string Folder { get; }

    public StorageFamily Meta { get; } = new(0);

    public StorageFamily Blocks { get; } = new(1);

    public StorageFamily Hashes { get; } = new(2);

    public StorageFamily TxIds { get; } = new(3);

    public StorageFamily State { get; } = new(4);

    public StorageFamily History { get; } = new(5);

    public StorageFamily Tree { get; } = new(6);

    private static ReadOnlySpan<byte> FormatKey => "format"u8;

    private static ReadOnlySpan<byte> ChannelKey => "channel"u8;

    /// <summary>Opens or creates the database. Replaying the engine's log is part of it.</summary>
    public static LedgerDatabase Open(string folder, ChannelId channel, LedgerOptions options)
    {
        var database = new LedgerDatabase(
            folder, options.Engine.OpenLedger(folder, options), WriteDurability.Synced);
        try
        {
            database.CheckHead(channel);
            return database;
        }
        catch (NodeException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens an existing database beside the process that writes it, or none, for reading.</summary>
    /// <param name="logFolder">For the engine's own log; nothing is written to the ledger's folder.</param>
    public static LedgerDatabase OpenReadOnly(string folder, string logFolder)
    {
        var database = new LedgerDatabase(
            folder, RocksEngine.OpenLedgerReadOnly(folder, logFolder), WriteDurability.Unsynced);
        try
        {
            database.CheckFormat(database.Get(FormatKey, database.Meta, "read the format") ?? []);
            return database;
        }
        catch (NodeException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Creates a database that need not survive this process: nothing is logged or synced.</summary>
    public static LedgerDatabase CreateScratch(string folder, ChannelId channel)
    {
        var database = new LedgerDatabase(
            folder, RocksEngine.Instance.OpenLedger(folder, LedgerOptions.Default), WriteDurability.Scratch);
        try
        {
            database.CheckHead(channel);
            return database;
        }
        catch (NodeException)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The channel the database says it holds.</summary>
    public string ChannelName => Encoding.ASCII.GetString(Get(ChannelKey, Meta, "read the channel") ?? []);

    /// <inheritdoc cref="IStorage.NewBatch"/>
    public StorageBatch NewBatch() => _storage.NewBatch();

    /// <inheritdoc cref="IStorage.Get"/>
    public byte[]? Get(ReadOnlySpan<byte> key, StorageFamily family, string operation) =>
        _storage.Get(key, family, operation);

    /// <inheritdoc cref="IStorage.GetPinned"/>
    public StoredValue GetPinned(
        ReadOnlySpan<byte> key, StorageFamily family, StorageSnapshot? snapshot, string operation) =>
        _storage.GetPinned(key, family, snapshot, operation);

    /// <summary>Walks a whole family.</summary>
    public StorageIterator NewIterator(StorageFamily family, string operation) =>
        _storage.NewIterator(family, lower: [], upper: [], snapshot: null, operation);

    /// <inheritdoc cref="IStorage.NewIterator"/>
    public StorageIterator NewIterator(
        StorageFamily family,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        StorageSnapshot? snapshot,
        string operation) =>
        _storage.NewIterator(family, lower, upper, snapshot, operation);

    /// <summary>Writes all of the batch or none. Synced when it returns, unless this is a scratch database.</summary>
    /// <exception cref="StorageFailedException">What is on disk is unknown: close and open anew.</exception>
    public void Write(StorageBatch batch, string operation) => _storage.Write(batch, _durability, operation);

    /// <summary>As <see cref="Write"/>, without a sync: durable with the next write that is synced.</summary>
    public void WriteUnsynced(StorageBatch batch, string operation) =>
        _storage.Write(batch, WriteDurability.Unsynced, operation);

    /// <inheritdoc cref="IStorage.Reclaim"/>
    public void Reclaim(StorageFamily family, byte[] end) => _storage.Reclaim(family, end, "reclaim space");

    /// <inheritdoc cref="IStorage.Rest"/>
    public void Rest() => _storage.Rest("give memory back");

    public StorageSnapshot CreateSnapshot() => _storage.CreateSnapshot();

    public void Dispose() => _storage.Dispose();

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
        using StorageBatch batch = NewBatch();
        batch.Put(FormatKey, format, Meta);
        batch.Put(ChannelKey, Encoding.ASCII.GetBytes(channel.Value), Meta);
        Write(batch, "create the ledger");
    }
}
