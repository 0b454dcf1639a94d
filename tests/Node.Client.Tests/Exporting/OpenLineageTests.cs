using System.Text;
using System.Text.Json;
using Node.Client.Exporting;
using Node.Client.Exporting.OpenLineage;
using Node.Client.Lineages;
using Node.Client.Recording;

namespace Node.Client.Tests.Exporting;

public class OpenLineageTests
{
    private const string Head = "{\"eventTime\":\"2026-01-31T12:00:00Z\",\"producer\":\"p\"";
    private const string Run = "d46e465b-d358-4d32-83d4-df660ff614dd";

    [Fact]
    public async Task A_run_records_its_inputs_each_event_and_on_completion_what_it_put_out()
    {
        ImportedDrafts imported = await ImportAsync(
            $"{Event("START", inputs: ["in.a", "in.b"], outputs: ["out"])}\n" +
            $"{Event("RUNNING")}\n{Event("COMPLETE", inputs: ["in.c"])}\n");

        string run = $"openlineage/run/scheduler/etl.daily/{Run}";
        Assert.Equal(
            [
                "db://host/in.a <-", "db://host/in.b <-", $"{run} <- #0 #1", $"{run} <- #2", "db://host/in.c <-",
                $"{run} <- #3 #4", "db://host/out <- #5",
            ],
            imported.Drafts.Select(draft => $"{draft.Key} <- {string.Join(' ', draft.Parents)}".TrimEnd()));
        Assert.Equal(
            ["Dataset", "Dataset", "Run", "Run", "Dataset", "Run", "Dataset"],
            imported.Drafts.Select(draft => draft.Type));
    }

    [Theory]
    [InlineData("FAIL")]
    [InlineData("ABORT")]
    [InlineData("OTHER")]
    public async Task A_run_that_does_not_complete_puts_nothing_out(string ending)
    {
        ImportedDrafts imported = await ImportAsync(
            $"[{Event("START", outputs: ["out"])},{Event(ending, outputs: ["out"])}]");

        Assert.Equal(2, imported.Drafts.Count);
        Assert.All(imported.Drafts, draft => Assert.Equal("Run", draft.Type));
        Assert.Contains($"\"event\":\"{ending}\"", imported.Drafts[1].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_of_a_run_is_its_newest_record()
    {
        ImportedDrafts first = await ImportAsync(Event("START", inputs: ["in"], outputs: ["out"]));
        RecordDraft run = first.Drafts[1];
        ProvenanceRecord Recorded(RecordDraft draft) => Records.Of(draft.Key, 1) with
        {
            Hash = draft.Hash, Description = draft.Description,
        };

        ImportedDrafts second = await ImportAsync(
            Event("COMPLETE"), [Recorded(run), Recorded(first.Drafts[0])]);
        ImportedDrafts again = await ImportAsync(
            Event("START", inputs: ["in"], outputs: ["out"]), [Recorded(run), Recorded(first.Drafts[0])]);

        Assert.Equal([run.Key, "db://host/out"], second.Drafts.Select(draft => draft.Key));
        Assert.Equal([Records.Id(run.Key).Value], second.Drafts[0].Parents);
        Assert.Equal(["#0"], second.Drafts[1].Parents);
        Assert.Empty(again.Drafts);
        Assert.Contains("recorded already", Assert.Single(again.LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_dataset_is_not_recorded_again_unless_its_version_differs()
    {
        ProvenanceRecord known = Records.Of("db://host/in", 3) with { Hash = "v7" };

        ImportedDrafts same = await ImportAsync(Event("START", inputs: ["in"]), [known]);
        ImportedDrafts other = await ImportAsync(
            Event("START").Replace(
                "\"inputs\":[]",
                """
                "inputs":[{"namespace":"db://host","name":"in","facets":{"version":{"_producer":"p:x",
                "_schemaURL":"s:x","datasetVersion":"v8"}}}]
                """,
                StringComparison.Ordinal),
            [known]);

        Assert.Equal([known.TransactionId.Value], Assert.Single(same.Drafts).Parents);
        Assert.Equal(2, other.Drafts.Count);
        Assert.Equal("v8", other.Drafts[0].Hash);
    }

    [Fact]
    public async Task Facets_are_kept_within_a_limit_and_the_rest_is_named()
    {
        string big = new('x', 200_000);
        ImportedDrafts imported = await ImportAsync(Event("START").Replace(
            "\"runId\"", $$$"""
            "facets":{"small":{"a":[1,2.50]},"big":{"b":"{{{big}}}"},
            "nominalTime":{"nominalStartTime":"2026-01-31T00:00:00Z"}},"runId"
            """, StringComparison.Ordinal));

        string description = Assert.Single(imported.Drafts).Description;
        JsonElement json = JsonDocument.Parse(description).RootElement.GetProperty("openLineage");
        Assert.Equal("2.50", json.GetProperty("facets").GetProperty("small").GetProperty("a")[1].GetRawText());
        Assert.Equal("big", json.GetProperty("facetsLeftOut").GetString());
        Assert.Equal("2026-01-31T00:00:00Z", json.GetProperty("nominalStart").GetString());
        Assert.InRange(description.Length, 100, ImportLimits.DescriptionBytesMax);
    }

    [Fact]
    public async Task Jobs_and_datasets_are_recorded_without_a_run()
    {
        ImportedDrafts imported = await ImportAsync(
            """
            {"eventTime":"2026-01-31T12:00:00Z","producer":"p:x","job":{"namespace":"s","name":"j"},
             "inputs":[{"namespace":"db://host/","name":"/t"}],"outputs":[{"namespace":"db://host","name":"u"}]}
            {"eventTime":"2026-01-31T12:00:00Z","producer":"p:x","dataset":{"namespace":"db://host","name":"w"}}
            """.Replace("\n ", " ", StringComparison.Ordinal));

        Assert.Equal(
            ["db://host/t", "openlineage/job/s/j", "db://host/w"], imported.Drafts.Select(draft => draft.Key));
        Assert.Equal(["#0"], imported.Drafts[1].Parents);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("[]", "line 1: there is no event")]
    [InlineData("[1]", "line 1: an event is an object")]
    [InlineData("{\n\"producer\":\"p\",\"job\":{}}", "line 1: there is no \"eventTime\"")]
    [InlineData("{\"eventTime\":\"T\",\"producer\":\"p\",\n\"job\":{}}", "\"T\" is not a time")]
    [InlineData(Head + ",\n\"run\":{\"runId\":\"x\"},\"job\":{}}", "line 2: the runId")]
    [InlineData(Head + ",\n\"eventType\":\"DONE\"}", "\"DONE\" is no eventType")]
    [InlineData(Head + "}", "the event has no \"job\"")]
    [InlineData(Head + ",\"job\":[]}", "\"job\" is not an object")]
    [InlineData(Head + ",\"job\":{\"namespace\":\"n\"}}", "no \"name\"")]
    [InlineData("{\"a\":1,\n\"a\":2}", "line 2: the member \"a\" stands twice")]
    [InlineData("{\"a\":\n}", "line 2: not JSON")]
    [InlineData("{\"a\":\"\\ud800\"}", "not Unicode")]
    public void A_malformed_event_is_refused_with_its_line(string json, string expected)
    {
        bool read = OpenLineageEvents.TryRead(Encoding.UTF8.GetBytes(json), out _, out string? fault);

        Assert.False(read);
        Assert.StartsWith("line ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_a_fault_is_that_of_the_whole_document()
    {
        string json = $"{Event("START")}\n\n{Event("START").Replace(Run, "nonsense", StringComparison.Ordinal)}\n";

        bool read = OpenLineageEvents.TryRead(Encoding.UTF8.GetBytes(json), out _, out string? fault);

        Assert.False(read);
        Assert.StartsWith("line 3: the runId \"nonsense\"", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_cannot_be_a_key_is_refused_with_its_line()
    {
        string json = $"\n\n{Event("START", inputs: ["i\\u0000n"])}";

        ImportRefusedException refused = await Assert.ThrowsAsync<ImportRefusedException>(() => ImportAsync(json));

        Assert.StartsWith("line 3: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_size_are_limited()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 5000));

        bool read = OpenLineageEvents.TryRead(Encoding.UTF8.GetBytes(deep), out _, out string? fault);
        bool large = OpenLineageEvents.TryRead(new byte[ImportLimits.DocumentBytesMax + 1], out _, out string? size);

        Assert.False(read);
        Assert.Contains("depth", fault, StringComparison.Ordinal);
        Assert.False(large);
        Assert.Contains($"{ImportLimits.DocumentBytesMax}", size, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weather")]
    [InlineData("hostile")]
    public async Task Our_own_events_are_read_back_with_every_record(string name)
    {
        LineageGraph graph = name == "hostile" ? Records.HostileChain() : Records.Weather();

        byte[] events = OpenLineageEvents.Write(graph, "mychannel");
        ImportedDrafts imported = await ImportAsync(Encoding.UTF8.GetString(events));

        Assert.Equal(2 * graph.Records.Count(), Encoding.UTF8.GetString(events).Count(c => c == '\n'));
        Assert.Equal(
            graph.Records.Select(record => (record.Key, record.Hash, record.Pointer)).Order(),
            imported.Drafts.Where(draft => draft.Type == "Dataset")
                .Select(draft => (draft.Key, draft.Hash, draft.Pointer)).Order());
    }

    [Fact]
    public void An_event_of_ours_has_what_the_schema_requires()
    {
        byte[] events = OpenLineageEvents.Write(Records.Weather(), "mychannel");

        Assert.All(Encoding.UTF8.GetString(events).Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            Assert.Matches("^(START|COMPLETE)$", json.GetProperty("eventType").GetString());
            Assert.Matches(
                "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                json.GetProperty("run").GetProperty("runId").GetString());
            Assert.Contains("2-0-2", json.GetProperty("schemaURL").GetString(), StringComparison.Ordinal);
            Assert.All(
                json.GetProperty("inputs").EnumerateArray().Concat(json.GetProperty("outputs").EnumerateArray())
                    .SelectMany(dataset => dataset.GetProperty("facets").EnumerateObject()),
                facet => Assert.True(
                    facet.Value.TryGetProperty("_producer", out _) && facet.Value.TryGetProperty("_schemaURL", out _)));
        });
    }

    private static string Event(string type, string[]? inputs = null, string[]? outputs = null)
    {
        string Datasets(string[]? names) => string.Join(
            ',', (names ?? []).Select(name => $$"""{"namespace":"db://host","name":"{{name}}"}"""));
        return $$"""
            {"eventType":"{{type}}","eventTime":"2026-01-31T12:00:00.5+01:00","run":{"runId":"{{Run}}"},
            """.Trim() + $$"""
            "job":{"namespace":"scheduler","name":"etl.daily"},"inputs":[{{Datasets(inputs)}}],
            """.Trim() + $$"""
            "outputs":[{{Datasets(outputs)}}],"producer":"https://example.com/1","schemaURL":"https://openlineage.io/x"}
            """.Trim();
    }

    private static async Task<ImportedDrafts> ImportAsync(string json, ProvenanceRecord[]? ledger = null)
    {
        bool read = OpenLineageEvents.TryRead(
            Encoding.UTF8.GetBytes(json), out IReadOnlyList<OpenLineageEvent>? events, out string? fault);
        Assert.True(read, fault);
        return await OpenLineageEvents.ToDraftsAsync(
            events!, (key, _) => Task.FromResult((ledger ?? []).FirstOrDefault(record => record.Key == key)),
            new ImportOptions(), CancellationToken.None);
    }
}
