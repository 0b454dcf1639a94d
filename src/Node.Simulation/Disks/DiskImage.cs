using System.Security.Cryptography;

namespace Node.Simulation.Disks;

/// <summary>All families of one database at one moment. Never changes.</summary>
internal sealed class DiskImage(SortedRecords[] families)
{
    public SortedRecords Family(int index) => families[index];

    public static DiskImage Empty(int families)
    {
        var records = new SortedRecords[families];
        Array.Fill(records, SortedRecords.Empty);
        return new DiskImage(records);
    }

    public void AddTo(IncrementalHash hash)
    {
        foreach (SortedRecords records in families)
        {
            for (int index = 0; index < records.Count; index++)
            {
                DiskHash.Add(hash, records.Key(index));
                DiskHash.Add(hash, records.Value(index));
            }
        }
    }

    public DiskImage With(MemoryBatch batch)
    {
        var next = new SortedRecords[families.Length];
        for (int family = 0; family < next.Length; family++)
            next[family] = families[family].With(batch.ChangesOf(family));

        return new DiskImage(next);
    }
}
