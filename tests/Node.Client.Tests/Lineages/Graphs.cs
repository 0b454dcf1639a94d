using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Client.Tests.Exporting;
using Node.Protocol;

namespace Node.Client.Tests.Lineages;

/// <summary>Graphs of many shapes.</summary>
internal static class Graphs
{
    public static LineageGraph Named(string name) => name switch
    {
        "one" => Records.Graph(Records.Of("only", 1)),
        "weather" => Records.Weather(),
        "hostile" => Records.HostileChain(),
        "fourYears" => FourYears(),
        "chain" => Chain(60),
        "wide" => Wide(500),
        "pipeline" => Pipeline(seed: 7, layers: 9, perLayer: 8),
        "random500" => Pipeline(seed: 3, layers: 20, perLayer: 25),
        "impact" => Impact(),
        "empty" => LineageGraph.Of([], [], new HashSet<TxId>()),
        _ => throw new ArgumentException(name),
    };

    public static TheoryData<string> Names() =>
        ["one", "weather", "hostile", "fourYears", "chain", "wide", "pipeline", "random500", "impact", "empty"];

    /// <summary>The demo's weather data: a climate table from four years from forty-eight months.</summary>
    public static LineageGraph FourYears()
    {
        string[] years = ["2012", "2013", "2014", "2015"];
        var records = new List<ProvenanceRecord>
        {
            Records.Of("weather/climate", 54, [.. years.Select(year => $"weather/year/{year}")]) with
            {
                EnrollmentId = "User1@org2.example.com", MspId = "Org2MSP",
            },
        };
        int block = 3;
        foreach (string year in years)
        {
            string[] months = [.. Enumerable.Range(1, 12).Select(month => $"weather/month/{year}-{month:00}")];
            records.Add(Records.Of($"weather/year/{year}", 50, months) with { MspId = "Org2MSP" });
            records.AddRange(months.Select(month => Records.Of(month, 2 * block++) with
            {
                IsOutdated = month.EndsWith("2013-09", StringComparison.Ordinal),
            }));
        }

        return Records.Graph([.. records]);
    }

    public static LineageGraph Chain(int length) => Records.Graph(
    [
        .. Enumerable.Range(0, length).Reverse()
            .Select(index => Records.Of($"step/{index}", index + 1, index == 0 ? [] : [$"step/{index - 1}"])),
    ]);

    public static LineageGraph Wide(int width)
    {
        string[] parents = [.. Enumerable.Range(0, width - 1).Select(index => $"sensor/{index:000}/reading.csv")];
        return Records.Graph(
            [Records.Of("summary", 900, parents), .. parents.Select((key, index) => Records.Of(key, index + 1))]);
    }

    /// <summary>
    /// Layers of records, each from one to three of the layer before, and now and then from farther back.
    /// </summary>
    public static LineageGraph Pipeline(int seed, int layers, int perLayer)
    {
        uint state = (uint)seed;
        int Next(int below)
        {
            state = unchecked(state * 1664525 + 1013904223);
            return (int)((state >> 8) % (uint)below);
        }

        string[] stages = ["raw", "clean", "merge", "feature", "train", "model", "score", "report", "paper"];
        string Key(int layer, int index) => $"{stages[layer % stages.Length]}/{layer}-{index}";
        var records = new List<ProvenanceRecord>();
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            int count = layer == layers - 1 ? 1 : perLayer;
            for (int index = 0; index < count; index++)
            {
                var parents = new HashSet<string>();
                for (int parent = Next(3) + (layer == layers - 1 ? perLayer : 0); layer > 0 && parent >= 0; parent--)
                {
                    int back = Next(8) == 0 ? Math.Min(layer, 1 + Next(3)) : 1;
                    parents.Add(Key(layer - back, Next(perLayer)));
                }

                records.Add(Records.Of(Key(layer, index), layer * 10 + Next(9) + 1, [.. parents]) with
                {
                    MspId = $"Org{1 + Next(4)}MSP",
                    IsOutdated = Next(15) == 0,
                });
            }
        }

        // Only what leads to the first, as a ledger would answer.
        var kept = new HashSet<TxId> { records[0].TransactionId };
        foreach (ProvenanceRecord record in records.Where(record => kept.Contains(record.TransactionId)))
            kept.UnionWith(record.Parents);

        return Records.Graph([.. records.Where(record => kept.Contains(record.TransactionId))]);
    }

    private static LineageGraph Impact()
    {
        LineageGraph graph = Records.Weather();
        return LineageGraph.OfImpact(
            graph.Records.ToList(),
            [.. graph.Edges.Select(edge => (graph.Nodes[edge.Child].Id, graph.Nodes[edge.Parent].Id))],
            [Records.Id("month/2012-02"), Records.Id("month/2013-01")],
            isTruncated: false);
    }
}
