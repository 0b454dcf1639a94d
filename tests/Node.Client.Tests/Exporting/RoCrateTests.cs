using System.Text;
using System.Text.Json;
using Node.Client.Exporting.RoCrates;
using Node.Client.Lineages;
using Node.Protocol;

namespace Node.Client.Tests.Exporting;

public class RoCrateTests
{
    public static TheoryData<string, string> Crates() => new()
    {
        { "weather", "1.1" }, { "weather", "1.2" }, { "hostile", "1.1" },
    };

    [Theory]
    [MemberData(nameof(Crates))]
    public void A_crate_has_the_required_shape(string name, string version)
    {
        LineageGraph graph = Named(name);

        byte[] metadata = RoCrate.Describe(graph, PathsOf(graph), new RoCrateOptions { Version = version });

        Assert.Null(RoCrate.FaultOf(metadata));
        JsonElement json = JsonDocument.Parse(metadata).RootElement;
        Assert.Equal(
            $"https://w3id.org/ro/crate/{version}/context", json.GetProperty("@context")[0].GetString());
        Assert.Equal(
            graph.Records.Count(),
            json.GetProperty("@graph").EnumerateArray().Count(e => e.GetProperty("@type").GetString() == "File"));
    }

    [Fact]
    public void Records_point_at_their_sources_and_transactions_at_what_they_made()
    {
        LineageGraph graph = Records.Weather();

        JsonElement json = JsonDocument.Parse(
            RoCrate.Describe(graph, PathsOf(graph), new RoCrateOptions())).RootElement;

        JsonElement climate = Entity(json, "data/climate");
        Assert.Equal(
            ["data/year/2012", "data/year/2013"],
            climate.GetProperty("isBasedOn").EnumerateArray().Select(source => source.GetProperty("@id").GetString()));
        Assert.Equal(Records.Of("climate", 8).Hash, climate.GetProperty("sha256").GetString());
        JsonElement action = Entity(json, $"#transaction-{Records.Id("climate")}");
        Assert.Equal("CreateAction", action.GetProperty("@type").GetString());
        Assert.Equal("data/climate", action.GetProperty("result")[0].GetProperty("@id").GetString());
    }

    [Theory]
    [InlineData("\"about\": {", "\"abt\": {", "is not about")]
    [InlineData("\"license\": {", "\"licence\": {", "no license")]
    [InlineData("\"datePublished\"", "\"published\"", "no datePublished")]
    [InlineData("\"@type\": \"Dataset\"", "\"@type\": \"Thing\"", "no Dataset")]
    [InlineData("\"hasPart\"", "\"parts\"", "no part of the root")]
    [InlineData("https://w3id.org/ro/crate/1.1/context", "https://schema.org", "@context")]
    [InlineData("\"@graph\"", "\"graph\"", "@graph")]
    [InlineData("\"@id\": \"ro-crate-metadata.json\"", "\"@id\": \"other.json\"", "no entity describes")]
    public void A_crate_of_another_shape_is_told(string part, string instead, string expected)
    {
        LineageGraph graph = Records.Weather();
        string metadata = Encoding.UTF8.GetString(RoCrate.Describe(graph, PathsOf(graph), new RoCrateOptions()));
        Assert.Contains(part, metadata, StringComparison.Ordinal);

        string? fault = RoCrate.FaultOf(
            Encoding.UTF8.GetBytes(metadata.Replace(part, instead, StringComparison.Ordinal)));

        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_key_leads_out_of_the_crate_or_onto_another_keys_file()
    {
        var paths = new CratePaths();
        string[] keys =
        [
            "a", "a/b", "A", "a", "../../etc/passwd", "/etc/passwd", "..", ".", "", "///", "C:\\x", "a\0b", "a~2",
            "con", ".hidden", new string('x', 4000), string.Join('/', Enumerable.Repeat("d", 2000)), "日本語",
        ];

        string[] given = [.. keys.Select(paths.PathOf)];

        Assert.Equal(given.Length, given.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(given, path =>
        {
            Assert.StartsWith("data/", path, StringComparison.Ordinal);
            Assert.Matches(@"^[A-Za-z0-9._~/-]+$", path);
            Assert.All(path.Split('/'), segment => Assert.False(segment is "" or "." or ".." || segment[0] == '.'));
            Assert.InRange(path.Length, 6, 1100);
        });
        Assert.All(given, file => Assert.DoesNotContain(
            given, other => other.StartsWith(file + "/", StringComparison.OrdinalIgnoreCase)));
    }

    private static LineageGraph Named(string name) => name == "hostile" ? Records.HostileChain() : Records.Weather();

    private static Dictionary<TxId, string> PathsOf(LineageGraph graph)
    {
        var paths = new CratePaths();
        return graph.Records.ToDictionary(record => record.TransactionId, record => paths.PathOf(record.Key));
    }

    private static JsonElement Entity(JsonElement json, string id) => json.GetProperty("@graph").EnumerateArray()
        .Single(entity => entity.GetProperty("@id").GetString() == id);
}
