using RocksDbSharp;

namespace Node.Ledger.Storage;

/// <inheritdoc/>
internal sealed class RocksBatch(ColumnFamilyHandle[] families) : StorageBatch
{
    public WriteBatch Batch { get; } = new();

    public override void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StorageFamily family) =>
        Batch.Put(key, value, families[family.Index]);

    public override void Putv(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> valueHead, ReadOnlySpan<byte> valueTail, StorageFamily family) =>
        Batch.Putv(key, valueHead, valueTail, families[family.Index]);

    public override void Putv(byte[] key, ReadOnlySpan<ReadOnlyMemory<byte>> valueParts, StorageFamily family) =>
        Batch.Putv([key], valueParts, families[family.Index]);

    public override void Delete(ReadOnlySpan<byte> key, StorageFamily family) =>
        Batch.Delete(key, families[family.Index]);

    public override void Clear() => Batch.Clear();

    public override void Dispose() => Batch.Dispose();
}
