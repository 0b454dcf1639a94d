using Node.Ledger;
using Node.Ledger.Storage;
using Node.Simulation.Disks;

namespace Node.Simulation.Tests;

/// <summary>The simulated disk answers as RocksDB does, and loses in a crash only what it may.</summary>
public sealed class StorageTests : IDisposable
{
    private const int Families = 7;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hyperprov-sim-");

    [Fact]
    public void Whatever_is_written_both_engines_read_the_same()
    {
        var chance = new Chance(seed: 7, "operations");
        IStorageEngine[] engines = [RocksEngine.Instance, new SimulatedDisk(new Chance(seed: 7, "disk"))];
        IStorage[] both = [.. engines.Select(engine => engine.OpenLedger(_folder.FullName, LedgerOptions.Default))];
        (StorageSnapshot Rocks, StorageSnapshot Memory, string Seen)? earlier = null;
        for (int step = 0; step < 300; step++)
        {
            ulong dice = chance.Next();
            foreach (IStorage storage in both)
                WriteSome(storage, new Chance(dice, "batch"));

            Assert.Equal(Describe(both[0], snapshot: null), Describe(both[1], snapshot: null));
            if (step % 50 != 25)
                continue;

            if (earlier is { } then)
            {
                Assert.Equal(then.Seen, Describe(both[0], then.Rocks));
                Assert.Equal(then.Seen, Describe(both[1], then.Memory));
                then.Rocks.Dispose();
            }

            earlier = (both[0].CreateSnapshot(), both[1].CreateSnapshot(), Describe(both[0], snapshot: null));
        }

        earlier?.Rocks.Dispose();
        foreach (IStorage storage in both)
            storage.Dispose();
    }

    [Fact]
    public void A_crash_keeps_what_was_synced_and_of_the_rest_what_came_first()
    {
        var found = new HashSet<int>();
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var disk = new SimulatedDisk(new Chance(seed, "disk"));
            IStorage storage = disk.OpenOrderer("store");
            Put(storage, 1, WriteDurability.Unsynced);
            Put(storage, 2, WriteDurability.Synced);
            Put(storage, 3, WriteDurability.Unsynced);
            Put(storage, 4, WriteDurability.Unsynced);
            disk.Crash();

            storage = disk.OpenOrderer("store");
            int[] kept = [.. Enumerable.Range(1, 4).Where(number => Has(storage, number))];
            Assert.Equal(Enumerable.Range(1, kept.Length), kept);
            Assert.InRange(kept.Length, 2, 4);
            found.Add(kept.Length);
        }

        Assert.Equal([2, 3, 4], found.Order());
    }

    [Fact]
    public void A_write_that_failed_is_there_or_not_and_nothing_is_written_behind_it()
    {
        var found = new HashSet<bool>();
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var disk = new SimulatedDisk(new Chance(seed, "disk"));
            IStorage storage = disk.OpenOrderer("store");
            Put(storage, 1, WriteDurability.Synced);
            disk.Faults.FailingWrites = 1;
            Assert.Throws<Node.Protocol.StorageFailedException>(() => Put(storage, 2, WriteDurability.Synced));
            disk.Faults.FailingWrites = 0;
            Assert.Throws<Node.Protocol.StorageFailedException>(() => Put(storage, 3, WriteDurability.Synced));
            storage.Dispose();

            storage = disk.OpenOrderer("store");
            Assert.True(Has(storage, 1));
            Assert.False(Has(storage, 3));
            found.Add(Has(storage, 2));
        }

        Assert.Equal(2, found.Count);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Put(IStorage storage, int number, WriteDurability durability)
    {
        using StorageBatch batch = storage.NewBatch();
        batch.Put([(byte)number], [1], new StorageFamily(0));
        storage.Write(batch, durability, "write");
    }

    private static bool Has(IStorage storage, int number) =>
        storage.Get([(byte)number], new StorageFamily(0), "read") is not null;

    private static void WriteSome(IStorage storage, Chance chance)
    {
        using StorageBatch batch = storage.NewBatch();
        for (int count = 1 + chance.Below(6); count > 0; count--)
        {
            byte[] key = chance.Bytes(1 + chance.Below(2));
            key[0] %= 16;
            byte[] value = chance.Bytes(chance.Below(4));
            var family = new StorageFamily(chance.Below(Families));
            switch (chance.Below(4))
            {
                case 0:
                    batch.Delete(key, family);
                    break;
                case 1:
                    batch.Putv(key, value, [7], family);
                    break;
                case 2:
                    batch.Putv(key, [value, new byte[] { 9 }], family);
                    break;
                default:
                    batch.Put(key, value, family);
                    break;
            }
        }

        storage.Write(batch, WriteDurability.Unsynced, "write");
    }

    // Every family forward, a part of each backward, and single keys.
    private static string Describe(IStorage storage, StorageSnapshot? snapshot)
    {
        var seen = new List<string>();
        for (int index = 0; index < Families; index++)
        {
            var family = new StorageFamily(index);
            using StorageIterator all = storage.NewIterator(family, lower: [], upper: [], snapshot, "walk");
            for (all.SeekToFirst(); all.Valid(); all.Next())
                seen.Add(Text(all));

            using StorageIterator some = storage.NewIterator(family, lower: [3], upper: [11, 128], snapshot, "walk");
            for (some.SeekToLast(); some.Valid(); some.Prev())
                seen.Add(Text(some));

            for (byte key = 0; key < 16; key++)
            {
                using StoredValue value = storage.GetPinned([key], family, snapshot, "read");
                seen.Add(value.Found ? Convert.ToHexString(value.Bytes) : "-");
            }
        }

        return string.Join(' ', seen);
    }

    private static string Text(StorageIterator at) =>
        $"{Convert.ToHexString(at.GetKeySpan())}={Convert.ToHexString(at.GetValueSpan())}";
}
