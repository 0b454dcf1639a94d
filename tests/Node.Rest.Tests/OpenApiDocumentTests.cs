using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Node.Rest.Problems;

namespace Node.Rest.Tests;

/// <summary>The document as it is served, held against the routes that are served.</summary>
public sealed partial class OpenApiDocumentTests : IAsyncLifetime
{
    private RestServerFixture? _server;
    private JsonObject _document = [];

    public async Task InitializeAsync()
    {
        _server = await RestServerFixture.StartAsync();
        using HttpClient client = _server.AnonymousClient();
        _document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!.AsObject();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public void It_says_what_it_is()
    {
        Assert.Equal("3.1.0", (string?)_document["openapi"]);
        Assert.NotNull((string?)_document["info"]?["title"]);
        Assert.NotNull((string?)_document["info"]?["version"]);
    }

    [Fact]
    public void Every_reference_leads_to_something()
    {
        string[] references =
            [.. All(_document).OfType<JsonObject>().Select(node => (string?)Member(node, "$ref")).OfType<string>()];

        Assert.NotEmpty(references);
        Assert.All(references, reference =>
        {
            JsonNode? node = _document;
            Assert.StartsWith("#/", reference, StringComparison.Ordinal);
            foreach (string step in reference[2..].Split('/'))
                node = node?[step];
            Assert.True(node is not null, reference);
        });
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_and_answers()
    {
        var names = Operations().Select(operation => (string?)operation.Json["operationId"]).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(Operations(), operation =>
        {
            Assert.NotEmpty(operation.Json["responses"]!.AsObject());
            Assert.Equal(
                "#/components/responses/Problem", (string?)operation.Json["responses"]!["default"]!["$ref"]);
            Assert.False(string.IsNullOrWhiteSpace((string?)operation.Json["summary"]));
        });
    }

    [Fact]
    public void Every_name_in_a_path_is_a_parameter_and_the_other_way_round() =>
        Assert.All(Operations(), operation =>
        {
            string[] inPath = [.. PathName().Matches(operation.Path).Select(match => match.Groups[1].Value)];
            string[] declared =
            [
                .. (operation.Json["parameters"]?.AsArray() ?? [])
                    .Where(parameter => (string?)parameter!["in"] == "path")
                    .Select(parameter => (string?)parameter!["name"] ?? ""),
            ];
            Assert.Equal(inPath.Order(), declared.Order());
        });

    // A route that is there asks for credentials or answers; one that is not there says 404 with no-route.
    [Fact]
    public async Task Every_documented_path_is_served()
    {
        using HttpClient client = _server!.AnonymousClient();
        foreach ((string path, string method, JsonObject operation) in Operations())
        {
            if (method == "get" && (string?)operation["operationId"] is "getHealth" or "getReadiness")
                continue;   // They wait for a peer that is not there.

            string concrete = PathName().Replace(path, "0");
            using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), concrete);
            using HttpResponseMessage response = await client.SendAsync(request);

            int status = (int)response.StatusCode;
            bool isOpen = operation["security"] is JsonArray { Count: 0 };
            Assert.True(status == (isOpen ? 200 : 401), $"{method} {concrete}: {status}");
        }
    }

    [Fact]
    public void Every_problem_is_told_with_its_code()
    {
        string told = (string?)_document["components"]!["responses"]!["Problem"]!["description"] ?? "";

        Assert.All(
            ProblemKind.All, kind => Assert.Contains($"{kind.Code} ({kind.Status})", told, StringComparison.Ordinal));
        Assert.Equal(ProblemKind.All.Count, ProblemKind.All.Select(kind => kind.Code).Distinct().Count());
    }

    [Fact]
    public void A_schema_says_what_must_be_there()
    {
        JsonNode request = _document["components"]!["schemas"]!["RecordRequest"]!;

        Assert.Equal(["hash", "key"], request["required"]!.AsArray().Select(name => (string?)name).Order());
        Assert.NotNull(request["properties"]!["parents"]);
    }

    [Fact]
    public async Task The_page_about_it_loads_nothing_from_elsewhere()
    {
        using HttpClient client = _server!.AnonymousClient();

        string page = await client.GetStringAsync("/swagger/index.html");
        using HttpResponseMessage script = await client.GetAsync("/swagger/swagger-ui-bundle.js");

        Assert.DoesNotMatch("(src|href)=\"?(https?:)?//", page);
        Assert.True(script.IsSuccessStatusCode);
    }

    [Fact]
    public void The_manual_names_every_path_and_every_code()
    {
        string manual = File.ReadAllText(Path.Combine(Root(), "docs", "rest.md"));

        Assert.All(Operations(), operation =>
            Assert.Contains(
                $"`{operation.Method.ToUpperInvariant()} {operation.Path}`", manual, StringComparison.Ordinal));
        Assert.All(ProblemKind.All, kind => Assert.Contains($"`{kind.Code}`", manual, StringComparison.Ordinal));
    }

    private IEnumerable<(string Path, string Method, JsonObject Json)> Operations() =>
        from path in _document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select (path.Key, method.Key, method.Value!.AsObject());

    private static IEnumerable<JsonNode> All(JsonNode node) => node switch
    {
        JsonObject members => members.Select(member => member.Value).OfType<JsonNode>().SelectMany(All).Prepend(node),
        JsonArray items => items.OfType<JsonNode>().SelectMany(All).Prepend(node),
        _ => [node],
    };

    private static JsonNode? Member(JsonObject node, string name) =>
        node.TryGetPropertyValue(name, out JsonNode? value) && value?.GetValueKind() == JsonValueKind.String
            ? value
            : null;

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hyperprov.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("Hyperprov.sln was not found");
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathName();
}
