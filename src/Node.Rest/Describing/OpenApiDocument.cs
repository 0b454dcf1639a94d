using System.Text.Json;
using System.Text.Json.Nodes;
using Node.Rest.Calls;
using Node.Rest.Problems;

namespace Node.Rest.Describing;

/// <summary>The OpenAPI 3.1 document, made from the operations that are served. Made once.</summary>
internal static class OpenApiDocument
{
    private const string ProblemName = "Problem";

    public static byte[] Build(IReadOnlyList<Operation> operations)
    {
        var schemas = new Schemas();
        var paths = new JsonObject();
        foreach (IGrouping<string, Operation> path in operations.GroupBy(operation => operation.Path))
        {
            var item = new JsonObject();
            foreach (Operation operation in path)
                item[operation.Method.ToLowerInvariant()] = Of(operation, schemas);
            paths[path.Key] = item;
        }

        JsonObject problem = ProblemAnswer(schemas);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = Introduction(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray(
            [
                .. operations.Select(operation => operation.Tag).Distinct()
                    .Select(tag => new JsonObject { ["name"] = tag }),
            ]),
            ["security"] = new JsonArray(Scheme("apiKey"), Scheme("apiKeyHeader"), Scheme("clientCertificate")),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.ToJson(),
                ["responses"] = new JsonObject { [ProblemName] = problem },
                ["securitySchemes"] = SecuritySchemes(),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(document, JsonNodeJson.Default.JsonObject);
    }

    private static JsonObject Introduction() => new()
    {
        ["title"] = "Hyperprov",
        ["version"] = "1",
        ["summary"] = "Which data came from what: records, content, lineage and proofs.",
        ["description"] = "Every answer that is not the one asked for is a problem (RFC 9457) with a stable code.",
    };

    private static JsonObject Of(Operation operation, Schemas schemas)
    {
        var json = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["tags"] = new JsonArray(operation.Tag),
            ["summary"] = operation.Summary,
        };
        if (operation.Description.Length > 0)
            json["description"] = operation.Description;
        if (operation.IsOpen)
            json["security"] = new JsonArray();
        if (operation.Parameters.Count > 0)
            json["parameters"] = new JsonArray([.. operation.Parameters.Select(Of)]);
        if (operation.Body is { } body)
        {
            json["requestBody"] = new JsonObject
            {
                ["description"] = body.Description,
                ["required"] = !body.IsOptional,
                ["content"] = Content(body.MediaTypes, body.Type, schemas),
            };
        }

        json["responses"] = Responses(operation, schemas);
        return json;
    }

    private static JsonObject Of(Parameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = parameter.Place.ToString().ToLowerInvariant(),
        ["description"] = parameter.Description,
        ["required"] = parameter.IsRequired,
        ["schema"] = parameter.Schema(),
    };

    private static JsonObject Responses(Operation operation, Schemas schemas)
    {
        var responses = new JsonObject();
        foreach (Answer answer in operation.Answers)
        {
            var response = new JsonObject { ["description"] = answer.Description };
            if (answer.MediaTypes.Count > 0)
                response["content"] = Content(answer.MediaTypes, answer.Body, schemas);
            responses[answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }

        responses["default"] = new JsonObject { ["$ref"] = $"#/components/responses/{ProblemName}" };
        return responses;
    }

    private static JsonObject Content(IReadOnlyList<string> mediaTypes, Type? type, Schemas schemas)
    {
        var content = new JsonObject();
        foreach (string mediaType in mediaTypes)
        {
            bool isJson = mediaType == Call.JsonMediaType && type is not null;
            content[mediaType] = isJson
                ? new JsonObject { ["schema"] = schemas.Reference(type!) }   // Not null: the line above.
                : new JsonObject();
        }

        return content;
    }

    private static JsonObject ProblemAnswer(Schemas schemas) => new()
    {
        ["description"] = "Codes: " + string.Join(", ", ProblemKind.All.Select(kind => $"{kind.Code} ({kind.Status})")),
        ["content"] = new JsonObject
        {
            [Problem.MediaType] = new JsonObject { ["schema"] = schemas.Reference(typeof(ProblemView)) },
        },
    };

    private static JsonObject Scheme(string name) => new() { [name] = new JsonArray() };

    private static JsonObject SecuritySchemes() => new()
    {
        ["apiKey"] = new JsonObject
        {
            ["type"] = "http",
            ["scheme"] = "bearer",
            ["description"] = "An API key bound to one identity: ./hyperprov rest key create --user NAME",
        },
        ["apiKeyHeader"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-API-Key" },
        ["clientCertificate"] = new JsonObject
        {
            ["type"] = "mutualTLS",
            ["description"] = "The certificate of a user whose folder the server holds",
        },
    };
}
