using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Node.Rest.Calls;
using Node.Rest.Problems;

namespace Node.Rest.Legacy;

/// <summary>The inputs of a path of 2019: by header, as it was then; also by query, or as members of a JSON body.
/// </summary>
internal sealed class LegacyInputs
{
    private readonly Call _call;
    private readonly Dictionary<string, string> _body;

    private LegacyInputs(Call call, Dictionary<string, string> body)
    {
        _call = call;
        _body = body;
    }

    /// <param name="readsBody">False where the body is content.</param>
    public static async Task<LegacyInputs> ReadAsync(Call call, bool readsBody)
    {
        bool hasJson = readsBody && call.Request.HasJsonContentType();
        return new LegacyInputs(call, hasJson ? await ReadBodyAsync(call) : []);
    }

    /// <returns>Null when it is nowhere.</returns>
    public string? Find(string name)
    {
        if (_call.Request.Headers.TryGetValue(name, out var header))
            return header.ToString();

        return _call.Request.Query.TryGetValue(name, out var query)
            ? query.ToString()
            : _body.GetValueOrDefault(name);
    }

    public string FindOrEmpty(string name) => Find(name) ?? "";

    /// <exception cref="RequestFault">It is nowhere, or empty.</exception>
    public string Require(string name) => Find(name) is { Length: > 0 } text
        ? text
        : throw new RequestFault(new Problem(
            ProblemKind.InvalidParameter, $"Too few arguments: there is no header, query parameter or member {name}.")
        {
            Subject = name,
            Next = $"Send the header {name}.",
        });

    private static async Task<Dictionary<string, string>> ReadBodyAsync(Call call)
    {
        JsonElement body = await call.ReadJsonAsync(RestJson.Api.JsonElement);
        if (body.ValueKind != JsonValueKind.Object)
            throw Bad("The body is no JSON object.", "body");

        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty member in body.EnumerateObject())
            members[member.Name] = TextOf(member);

        return members;
    }

    private static string TextOf(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString() ?? "",
        JsonValueKind.Number => member.Value.GetRawText(),
        JsonValueKind.Array => string.Join(", ", member.Value.EnumerateArray().Select(one =>
            one.ValueKind == JsonValueKind.String
                ? one.GetString()
                : throw Bad($"The member {member.Name} is no array of texts.", member.Name))),
        _ => throw Bad($"The member {member.Name} is no text.", member.Name),
    };

    private static RequestFault Bad(string detail, string subject) =>
        new(new Problem(ProblemKind.InvalidBody, detail)
        {
            Subject = subject,
            Next = "Send the members as texts; dependencies may be an array of texts.",
        });
}

/// <summary>What answers with a bare text when JSON is asked for by name.</summary>
internal sealed record LegacyAnswer(string? Txid, string? Hash);
