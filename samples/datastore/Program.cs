using Node.Client.Recording;
using Samples;

// Samples.DataStore --dir NETWORK store FILE KEY     stores a file and records it
// Samples.DataStore --dir NETWORK fetch KEY FILE     gets it back: only when it is what was recorded
return await SampleNetwork.RunAsync(async () =>
{
    using SampleNetwork network = SampleNetwork.Open(args, out string[] rest);
    switch (rest)
    {
        case ["store", var file, var key]:
            await using (FileStream content = File.OpenRead(file))
            {
                var options = new PutOptions { Description = Path.GetFileName(file) };
                PutResult stored = await network.Provenance.PutAsync(key, content, options, CancellationToken.None);
                Console.WriteLine(
                    $"stored {stored.Bytes} bytes as {key}, SHA-256 {stored.Checksum}, transaction "
                    + stored.TransactionId);
            }

            break;
        case ["fetch", var key, var file]:
            ProvenanceRecord record = await network.Provenance.FindAsync(key, CancellationToken.None);
            await network.Provenance.GetAsync(record, file, CancellationToken.None);
            Console.WriteLine($"fetched {key} to {file}: {record.Checksum}, as recorded");
            break;
        default:
            throw new SampleFault("say store FILE KEY, or fetch KEY FILE");
    }
});
