using System.Globalization;
using Samples;
using Samples.Iot;

// Samples.Iot convert TABLE FOLDER          writes samples/weather in the fixed-width format
// Samples.Iot --dir NETWORK FOLDER [OUT]    records every station-year of a folder; OUT gets the lineage times
return await SampleNetwork.RunAsync(async () =>
{
    if (args is ["convert", var table, var target])
        WeatherConverter.Convert(table, target);
    else
        await RecordAsync();
});

async Task RecordAsync()
{
    using SampleNetwork network = SampleNetwork.Open(args, out string[] rest);
    string folder = rest.Length > 0 ? rest[0] : throw new SampleFault("name the folder with .op or .op.gz files");
    List<GsodFile> files = GsodFile.Find(folder);
    if (files.Count == 0)
        throw new SampleFault($"there is no .op or .op.gz file in {folder}");

    // All of them before the first record: a malformed line is found before anything is on the ledger.
    int days = files.Sum(file => file.Read().Count);
    List<double> times = [];
    int records = 0;
    int written = 0;
    foreach (IGrouping<string, GsodFile> station in files.GroupBy(file => file.Station))
    {
        var recording = new StationRecording(network.Provenance, station.Key);
        await recording.RunAsync(station);
        times.AddRange(recording.LineageTimes);
        records += recording.Batches + recording.Analyses;
        written += recording.Written;
        Console.WriteLine(
            $"{station.Key}: {station.Count()} years, {recording.Batches} batches of up to 30 days, "
            + $"{recording.Analyses} analyses in one chain, {recording.Written} records new");
    }

    string stations = string.Join(',', files.Select(file => file.Station).Distinct());
    string output = Path.Combine(rest.Length > 1 ? rest[1] : ".", stations + ".json");
    string[] texts = [.. times.Select(time => time.ToString("F1", CultureInfo.InvariantCulture))];
    await File.WriteAllTextAsync(output, $"[{string.Join(',', texts)}]\n");
    Console.WriteLine(
        $"{days} days of {files.Count} files; {records} records, {written} of them written now; "
        + $"lineage of the last analysis in {texts[^1]} ms ({output})");
}
