using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Node.Ca.Answering;

/// <summary>One request, taken apart and not yet believed.</summary>
internal sealed class CaRequest
{
    private const string Prefix = "/api/v1";

    private readonly Dictionary<string, StringValues> _query;

    private CaRequest(string method, string target, string[] path, Dictionary<string, StringValues> query)
    {
        Method = method;
        Target = target;
        Path = path;
        _query = query;
    }

    public string Method { get; }

    /// <summary>Path and query as they were sent: tokens are signed over them.</summary>
    public string Target { get; }

    /// <summary>Segments behind the prefix, decoded: "identities", "user 1".</summary>
    public IReadOnlyList<string> Path { get; }

    public string Endpoint => Path.Count > 0 ? Path[0] : "";

    public ReadOnlyMemory<byte> BodyBytes { get; init; }

    /// <summary>Null when there is none.</summary>
    public string? Authorization { get; init; }

    public IPAddress Address { get; init; } = IPAddress.None;

    /// <summary>What the body says; empty before it was read.</summary>
    public JsonBody Body { get; private set; } = JsonBody.Empty;

    /// <param name="target">As it stands in the request's first line.</param>
    public static bool TryRead(string method, string target, [NotNullWhen(true)] out CaRequest? request) =>
        TryRead(method, target, default, authorization: null, IPAddress.None, out request);

    /// <inheritdoc cref="TryRead(string, string, out CaRequest?)"/>
    public static bool TryRead(
        string method,
        string target,
        ReadOnlyMemory<byte> body,
        string? authorization,
        IPAddress address,
        [NotNullWhen(true)] out CaRequest? request)
    {
        request = null;
        if (target.Length > CaLimits.TargetCharsMax || !target.StartsWith('/'))
            return false;

        int mark = target.IndexOf('?', StringComparison.Ordinal);
        string path = mark < 0 ? target : target[..mark];
        string query = mark < 0 ? "" : target[mark..];
        if (path.StartsWith(Prefix + "/", StringComparison.Ordinal))
            path = path[Prefix.Length..];

        string[] segments =
        [
            .. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString),
        ];
        request = new CaRequest(method, target, segments, QueryHelpers.ParseQuery(query))
        {
            BodyBytes = body,
            Authorization = authorization,
            Address = address,
        };
        return true;
    }

    /// <summary>Reads the body as a JSON object.</summary>
    public bool TryReadBody([NotNullWhen(false)] out CaRefusal? refusal)
    {
        if (!JsonBody.TryParse(BodyBytes, out JsonBody? body, out refusal))
            return false;

        Body = body;
        return true;
    }

    /// <summary>Empty when it is missing.</summary>
    public string Query(string name) => _query.TryGetValue(name, out StringValues values) ? values.ToString() : "";

    /// <summary>A flag of the query, as Go reads truth; missing is false.</summary>
    public bool TryQueryFlag(string name, out bool value, [NotNullWhen(false)] out CaRefusal? refusal)
    {
        string text = Query(name);
        value = Registering.AttributeNames.IsTrue(text);
        refusal = value || text.Length == 0 || Registering.AttributeNames.IsFalse(text)
            ? null
            : new CaRefusal(400, CaRefusal.QueryInvalid, $"The query's {name} must be true or false");
        return refusal is null;
    }
}
