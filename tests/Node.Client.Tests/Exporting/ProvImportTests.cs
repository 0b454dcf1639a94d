using System.Text;
using System.Text.Json;
using Node.Client.Exporting;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Client.Tests.Exporting;

/// <summary>What documents become, and what refuses them. The line is counted from 1.</summary>
public class ProvImportTests
{
    private const string Prefixes = "document\nprefix ex <http://example.org/>\n";

    [Fact]
    public void Our_own_document_gives_the_records_that_it_was_made_of()
    {
        LineageGraph graph = Records.Weather();

        ImportedDrafts imported = ImportN(Encoding.UTF8.GetString(ProvN.Write(ProvLineage.Of(graph))));

        Assert.Equal(graph.Records.Count(), imported.Drafts.Count);
        Assert.All(graph.Records, record => Assert.Contains(imported.Drafts, draft =>
            (draft.Key, draft.Hash, draft.ChecksumAlgorithm, draft.Location, draft.Pointer, draft.Type)
            == (record.Key, record.Hash, record.ChecksumAlgorithm, record.Location, record.Pointer, record.Type)
            && draft.Description == record.Description));
        string[] keys = [.. imported.Drafts.Select(draft => draft.Key)];
        Assert.True(Array.LastIndexOf(keys, "month/2012-02") > Array.IndexOf(keys, "month/2012-02"));
        Assert.Contains(Records.Id("lost").Value, imported.Drafts.Single(draft => draft.Key == "year/2013").Parents);
    }

    [Fact]
    public void A_foreign_entity_is_recorded_under_its_uri_with_what_is_said_of_it()
    {
        ImportedDrafts imported = ImportN(Prefixes + """
            entity(ex:chart, [prov:type='ex:Chart', ex:title="Crime \"2012\""@en, ex:size=7])
            entity(ex:data, [ex:sha256="9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"])
            activity(ex:draw, 2012-03-31T09:21:00Z, -, [ex:tool="gnuplot"])
            agent(ex:derek)
            wasGeneratedBy(ex:chart, ex:draw, 2012-04-01T10:00:00)
            used(ex:draw, ex:data, -)
            wasAssociatedWith(ex:draw, ex:derek, -)
            wasAttributedTo(ex:chart, ex:derek)
            endDocument
            """);

        Assert.Equal(["http://example.org/data", "http://example.org/chart"], imported.Drafts.Select(d => d.Key));
        Assert.Equal("SHA-256", imported.Drafts[0].ChecksumAlgorithm);
        RecordDraft chart = imported.Drafts[1];
        Assert.Equal(["#0"], chart.Parents);
        Assert.Equal(("Chart", "unspecified"), (chart.Type, chart.ChecksumAlgorithm));
        JsonElement prov = JsonDocument.Parse(chart.Description).RootElement.GetProperty("prov");
        Assert.Equal("Crime \"2012\"", prov.GetProperty("attributes").GetProperty("ex:title").GetString());
        JsonElement activity = prov.GetProperty("generatedBy")[0];
        Assert.Equal("http://example.org/draw", activity.GetProperty("activity").GetString());
        Assert.Equal("gnuplot", activity.GetProperty("attributes").GetProperty("ex:tool").GetString());
        Assert.Equal("http://example.org/derek", activity.GetProperty("agents")[0].GetString());
    }

    [Fact]
    public void Derivations_come_before_usages_and_members_make_a_collection()
    {
        ImportedDrafts imported = ImportN(Prefixes + """
            entity(ex:set) entity(ex:b) entity(ex:a) entity(ex:unused) activity(ex:make)
            wasDerivedFrom(ex:b, ex:a) wasGeneratedBy(ex:b, ex:make) used(ex:make, ex:unused)
            hadMember(ex:set, ex:a) hadMember(ex:set, ex:b)
            wasInformedBy(ex:make, ex:make)
            endDocument
            """);

        Assert.Equal(["a", "b", "set", "unused"], imported.Drafts.Select(draft => draft.Key[^1] switch
        {
            't' => "set", 'd' => "unused", char c => c.ToString(),
        }));
        Assert.Equal(["#0"], imported.Drafts[1].Parents);
        Assert.Equal(["#0", "#1"], imported.Drafts[2].Parents);
        Assert.Contains(imported.LeftOut, left => left.StartsWith("1 wasInformedBy", StringComparison.Ordinal));
    }

    [Fact]
    public void Undeclared_entities_are_made_when_asked_for()
    {
        const string Document = Prefixes + "wasDerivedFrom(ex:b, ex:a)\nendDocument";

        ImportedDrafts imported = ImportN(Document, new ImportOptions { AllowUndeclared = true, KeyPrefix = "prov/" });

        Assert.Equal(
            ["prov/http://example.org/a", "prov/http://example.org/b"], imported.Drafts.Select(draft => draft.Key));
    }

    [Fact]
    public void Bundles_are_part_of_the_document()
    {
        ImportedDrafts imported = ImportN(Prefixes + """
            entity(ex:bob, [prov:type='prov:Bundle'])
            bundle ex:bob
              prefix in <http://inner.org/>
              entity(in:x) entity(ex:y)
              wasDerivedFrom(in:x, ex:y)
            endBundle
            endDocument
            """);

        Assert.Equal(
            ["http://example.org/bob", "http://example.org/y", "http://inner.org/x"],
            imported.Drafts.Select(draft => draft.Key));
    }

    [Theory]
    [InlineData("", "line 1: expected document")]
    [InlineData("document\nendDocument\nmore", "line 3: something follows")]
    [InlineData("document\n\nentity(ex:a)\nendDocument", "line 3: the name \"ex:a\" is in no declared namespace")]
    [InlineData("document\nprefix prov <http://else/>\nendDocument", "line 3: the prefix \"prov\" always means")]
    [InlineData("document\nprefix a <http://x\nendDocument", "line 2: an IRI does not end")]
    [InlineData(Prefixes + "thing(ex:a)\nendDocument", "line 3: \"thing\" is no kind")]
    [InlineData(Prefixes + "entity(ex:a\nendDocument", "line 4: expected ) at the end of entity")]
    [InlineData(Prefixes + "entity(ex:a, [ex:t=\"open)\n])\nendDocument", "line 3: a string does not end")]
    [InlineData(Prefixes + "entity(ex:a, [ex:t=open])\nendDocument", "line 3: \"open\" is no value")]
    [InlineData(Prefixes + "entity(ex:a, [ex:t='no:name'])\nendDocument", "line 3: the name \"no:name\"")]
    [InlineData(Prefixes + "activity(ex:a, yesterday, -)\nendDocument", "line 3: \"yesterday\" is not a time")]
    [InlineData(Prefixes + "used(ex:a, ex:b, -, -, -)\nendDocument", "line 3: used has more than 3 arguments")]
    [InlineData(Prefixes + "wasDerivedFrom(-, ex:b)\nendDocument", "line 3: wasDerivedFrom has no prov:")]
    [InlineData(Prefixes + "wasDerivedFrom(ex:a, ex:b)\nendDocument", "line 3: wasDerivedFrom names ex:a")]
    [InlineData(Prefixes + "entity(ex:a)\nactivity(ex:a)\nendDocument", "line 4: ex:a is an entity already")]
    [InlineData(Prefixes + "bundle ex:b\nentity(ex:a)\nendDocument", "line 5: \"endDocument\" is no kind")]
    [InlineData(
        Prefixes + "entity(ex:a)\nentity(ex:b)\nwasDerivedFrom(ex:a, ex:b)\nwasDerivedFrom(ex:b, ex:a)\nendDocument",
        "line 3: entity ex:a: a cycle: ex:a from ex:b from ex:a")]
    [InlineData(
        Prefixes + "activity(ex:a, 2012-01-01T00:00:00, -)\nactivity(ex:a, 2013-01-01T00:00:00, -)\nendDocument",
        "line 4: the activity ex:a stands twice")]
    public void A_wrong_notation_is_refused_with_its_line(string text, string expected) =>
        Assert.StartsWith(expected, FaultN(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("[]", "line 1: the document is not an object")]
    [InlineData("{\"entity\":[]}", "line 1: \"entity\" is not an object")]
    [InlineData("{\n\"entities\":{}}", "line 2: \"entities\" is no kind")]
    [InlineData("{\"prefix\":{\"ex\":\n7}}", "line 2: the URI of the prefix \"ex\" is not a string")]
    [InlineData("{\"entity\":{\n\"ex:a\":{}}}", "line 2: the name \"ex:a\" is in no declared namespace")]
    [InlineData("{\"entity\":{\n\"_:a\":{}}}", "line 2: entity \"_:a\" needs a name")]
    [InlineData("{\"entity\":{\"prov:a\":{},\n\"prov:a\":{}}}", "line 2: the member \"prov:a\" stands twice")]
    [InlineData("{\"entity\":{\"prov:a\":{\n\"prov:b\":null}}}", "line 2: an attribute's value is")]
    [InlineData("{\"entity\":{\"prov:a\":{\"prov:b\":\n{\"type\":\"xsd:int\"}}}}", "line 2: a typed value has no")]
    [InlineData("{\"used\":{\"_:u\":{\n\"prov:time\":\"noon\"}}}", "line 2: \"noon\" is not a time")]
    [InlineData("{\"used\":{\"_:u\":\n{}}}", "line 2: used \"_:u\" has no prov:activity")]
    [InlineData("{\"used\":{\"_:u\":{\"prov:entity\":[\"prov:a\",\n\"prov:b\"]}}}", "line 2: prov:entity stands twice")]
    [InlineData("{\"bundle\":{\"prov:b\":\n{\"bundle\":{}}}}", "line 2: a bundle within a bundle")]
    [InlineData("{\"entity\":{\"prov:a\":{}", "line 1: not JSON")]
    [InlineData("{\"entity\":\n{}} {}", "line 2: not JSON")]
    public void Wrong_json_is_refused_with_its_line(string json, string expected)
    {
        bool read = ProvJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out string? fault);

        Assert.False(read);
        Assert.StartsWith(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Bombs_are_refused_by_the_limit_that_they_pass()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 1_000));
        string many = Prefixes + string.Concat(Enumerable.Repeat("used(ex:a, ex:b)\n", ImportLimits.StatementsMax + 1));
        string wide = Prefixes + "entity(ex:a, ["
            + string.Join(',', Enumerable.Repeat("ex:t=1", ImportLimits.AttributesMax + 1)) + "])\nendDocument";
        string long_ = Prefixes + $"entity(ex:{new string('x', 5_000)})\nendDocument";
        string large = Prefixes + $"entity(ex:a, [ex:t=\"{new string('x', 300_000)}\"])\nendDocument";

        Assert.False(ProvJson.TryRead(Encoding.UTF8.GetBytes(deep), out _, out string? depth));
        Assert.Contains("depth", depth, StringComparison.Ordinal);
        Assert.False(ProvJson.TryRead(new byte[ImportLimits.DocumentBytesMax + 1], out _, out string? size));
        Assert.Contains($"{ImportLimits.DocumentBytesMax}", size, StringComparison.Ordinal);
        Assert.Contains($"more than {ImportLimits.StatementsMax} statements", FaultN(many), StringComparison.Ordinal);
        Assert.Contains($"more than {ImportLimits.AttributesMax} attributes", FaultN(wide), StringComparison.Ordinal);
        Assert.Contains("key of 5019 bytes, the limit is 4096", FaultN(long_), StringComparison.Ordinal);
        Assert.Contains("the limit is 262144", FaultN(large), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_line()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Prefixes), 0xc3, 0x28];

        bool read = ProvN.TryRead(bytes, out _, out string? fault);

        Assert.False(read);
        Assert.Equal("line 3: the text is not UTF-8", fault);
    }

    [Fact]
    public void Any_cut_of_a_document_is_refused_and_never_thrown_at_the_caller()
    {
        byte[] json = ProvJson.Write(ProvLineage.Of(Records.Weather()));
        byte[] notation = ProvN.Write(ProvLineage.Of(Records.Weather()));

        for (int length = 0; length < json.Length - 2; length += 97)
            Assert.False(ProvJson.TryRead(json.AsMemory(0, length), out _, out _));
        for (int length = 0; length < notation.Length - 12; length += 97)
            Assert.False(ProvN.TryRead(notation.AsMemory(0, length), out _, out _));
    }

    [Fact]
    public void Escapes_of_the_notation_are_read_as_the_recommendation_says()
    {
        const string Document = Prefixes + """
            // A comment, and /* another. */
            entity(ex:a\=b\(c\), [ex:s="tab\tquote\"back\\slash", ex:l='''ex:none'''])
            endDocument
            """;
        string text = Document.Replace(
            ", ex:l='''ex:none'''", ", ex:m=\"\"\"two\nlines \"\" in\"\"\"", StringComparison.Ordinal);

        bool read = ProvN.TryRead(Encoding.UTF8.GetBytes(text), out ProvDocument? document, out string? fault);

        Assert.True(read, fault);
        ProvStatement entity = Assert.Single(document!.Statements);
        Assert.Equal("http://example.org/a=b(c)", entity.Id!.Uri);
        Assert.Equal(
            ["tab\tquote\"back\\slash", "two\nlines \"\" in"], entity.Attributes.Select(pair => pair.Value.Text));
        Assert.True(ProvN.TryRead(ProvN.Write(document), out ProvDocument? again, out _));
        Assert.Equal(document.ToCanonicalText(), again!.ToCanonicalText());
    }

    private static ImportedDrafts ImportN(string text) => ImportN(text, new ImportOptions());

    private static ImportedDrafts ImportN(string text, ImportOptions options)
    {
        bool read = ProvN.TryRead(Encoding.UTF8.GetBytes(text), out ProvDocument? document, out string? fault);
        Assert.True(read, fault);
        bool made = ProvImport.TryMake(document!, options, out ImportedDrafts? imported, out fault);
        Assert.True(made, fault);
        return imported!;
    }

    private static string FaultN(string text)
    {
        if (ProvN.TryRead(Encoding.UTF8.GetBytes(text), out ProvDocument? document, out string? fault))
            Assert.False(ProvImport.TryMake(document, new ImportOptions(), out _, out fault), "it was imported");

        return fault!;
    }
}
