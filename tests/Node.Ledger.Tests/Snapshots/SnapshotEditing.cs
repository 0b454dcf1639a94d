using Node.Ledger.Building;

namespace Node.Ledger.Snapshots;

/// <summary>What a peer that lies can do: change a file, and make manifest and signature fit it.</summary>
internal static class SnapshotEditing
{
    public static void Edit(string snapshot, string name, Action<List<(byte[] Key, byte[] Value)>> edit)
    {
        SnapshotManifest manifest = LedgerSnapshots.ReadManifest(snapshot);
        SnapshotFileEntry entry = manifest.Files.Single(file => file.Name == name);
        var records = new List<(byte[] Key, byte[] Value)>();
        using (var reader = new RecordFileReader(snapshot, entry))
        {
            while (reader.Next())
                records.Add((reader.Key.ToArray(), reader.TakeValue()));
        }

        edit(records);
        File.Delete(Path.Combine(snapshot, name));
        SnapshotFileEntry edited;
        using (var writer = new RecordFileWriter(snapshot, name))
        {
            foreach ((byte[] key, byte[] value) in records)
                writer.Add(key, value);

            edited = writer.Finish();
        }

        Sign(snapshot, manifest with
        {
            Files = [.. manifest.Files.Select(file => file.Name == name ? edited : file)],
        });
    }

    public static void Sign(string snapshot, SnapshotManifest manifest)
    {
        byte[] bytes = manifest.ToBytes();
        File.WriteAllBytes(Path.Combine(snapshot, SnapshotLayout.Manifest), bytes);
        SnapshotSigner signer = AnySnapshotAuthority.Peer;
        byte[] signature = signer.Sign(SnapshotSignature.ToSign(bytes));
        File.WriteAllBytes(
            Path.Combine(snapshot, SnapshotLayout.Signatures, signer.Name + ".json"),
            new SnapshotSignature(signer.Identity, signature).ToBytes());
    }
}
