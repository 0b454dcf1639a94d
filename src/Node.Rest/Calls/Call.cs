using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Node.Protocol;
using Node.Rest.Identities;
using Node.Rest.Problems;

namespace Node.Rest.Calls;

/// <summary>One request in progress: its inputs, checked, and its answer. One thread at a time.</summary>
internal sealed partial class Call(HttpContext context, Operation operation, CallerSession? session)
{
    public const string JsonMediaType = "application/json";

    public HttpContext Context { get; } = context;

    public Operation Operation { get; } = operation;

    public HttpRequest Request => Context.Request;

    public HttpResponse Response => Context.Response;

    public CancellationToken Cancellation => Context.RequestAborted;

    /// <summary>On whose behalf; operations that need no credentials do not ask.</summary>
    public CallerSession Session
    {
        get
        {
            Invariant.Require(session is not null, "only operations with credentials ask for the caller");
            return session;
        }
    }

    /// <exception cref="RequestFault">The value cannot be used.</exception>
    public T Get<T>(Parameter<T> parameter)
    {
        string? text = TextOf(parameter);
        if (text is null)
            return parameter.Absent;

        return parameter.TryParse(text, out T value, out string? fault)
            ? value
            : throw Wrong(parameter, text, $"it must be {fault}");
    }

    public IReadOnlyList<string> Get(TextsParameter parameter) =>
        [.. Request.Query[parameter.Name].Select(text => text ?? "")];

    public bool Has(Parameter parameter) => TextOf(parameter) is not null;

    /// <summary>The key in the path, decoded.</summary>
    public string Key(KeyParameter parameter) =>
        PathSegments.TryKey(Context, parameter.SegmentIndex, out string key, out string? fault)
            ? key
            : throw new RequestFault(new Problem(ProblemKind.InvalidParameter, $"The key in the path {fault}.")
            {
                Subject = "key",
                Next = "Percent-encode the whole key as UTF-8, a slash as %2F. The keys . and .. fit in no path: list "
                    + "them with /api/v1/records and use their id with /api/v1/versions.",
            });

    /// <summary>A record or transaction id in the path.</summary>
    public TxId Id(IdParameter parameter)
    {
        string text = Context.Request.RouteValues[parameter.Name] as string ?? "";
        return TxId.TryParse(text, out TxId id, out string? fault)
            ? id
            : throw Wrong(parameter, text, fault);
    }

    /// <summary>The first of the forms that the caller takes, by parameter or by Accept.</summary>
    /// <param name="forms">Name for the parameter and media type; the first is the default.</param>
    public string Form(ChoiceParameter parameter, IReadOnlyList<(string Name, string MediaType)> forms)
    {
        string asked = Get(parameter);
        if (asked.Length > 0)
            return asked;

        return Negotiation.Choose(Request.Headers.Accept, forms) ?? throw new RequestFault(
            new Problem(ProblemKind.NotAcceptable, "None of the forms of this answer is accepted.")
            {
                Subject = "Accept",
                Value = Request.Headers.Accept.ToString(),
                Limit = string.Join(", ", forms.Select(form => form.MediaType)),
                Next = $"Accept one of them, or name it with ?{parameter.Name}=.",
            });
    }

    /// <exception cref="RequestFault">The body is not JSON of this type, or not announced as JSON.</exception>
    public async Task<T> ReadJsonAsync<T>(JsonTypeInfo<T> type)
    {
        if (!Request.HasJsonContentType())
            throw NotJson();

        // Whole before it is looked at: the same body gets the same answer, however its pieces arrive. Its limit is
        // RestLimits.JsonBytesMax.
        using var body = new MemoryStream();
        await Request.Body.CopyToAsync(body, Cancellation);
        try
        {
            T? value = JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type);
            return value ?? throw BadBody("The body is null.", "body");
        }
        catch (JsonException e)
        {
            string place = e.LineNumber is { } line
                ? FormattableString.Invariant($" (line {line + 1}, byte {e.BytePositionInLine + 1})")
                : "";
            throw BadBody($"The body is not the JSON that is asked for{place}: {FirstSentence(e.Message)}", e.Path);
        }
    }

    /// <summary>The fault of a body that is not announced as JSON.</summary>
    public RequestFault NotJson() =>
        new(new Problem(ProblemKind.UnsupportedMediaType, "The body is not announced as JSON.")
        {
            Subject = "Content-Type",
            Value = Request.ContentType ?? "(none)",
            Limit = JsonMediaType,
            Next = "Send Content-Type: application/json.",
        });

    public Task WriteJsonAsync<T>(int status, T value, JsonTypeInfo<T> type) =>
        WriteBytesAsync(status, JsonMediaType, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public Task WriteTextAsync(string mediaType, string text) =>
        WriteBytesAsync(StatusCodes.Status200OK, mediaType, System.Text.Encoding.UTF8.GetBytes(text));

    public async Task WriteBytesAsync(int status, string mediaType, ReadOnlyMemory<byte> body)
    {
        Response.StatusCode = status;
        Response.ContentType = mediaType;
        Response.ContentLength = body.Length;
        await Response.Body.WriteAsync(body, Cancellation);
    }

    public static RequestFault Wrong(Parameter parameter, string value, string why) =>
        new(new Problem(ProblemKind.InvalidParameter, $"The parameter {parameter.Name} cannot be used: {why}.")
        {
            Subject = parameter.Name,
            Value = Shorten(value),
            Limit = why,
            Next = $"{parameter.Name}: {parameter.Description}",
        });

    private static RequestFault BadBody(string detail, string? subject) =>
        new(new Problem(ProblemKind.InvalidBody, detail)
        {
            Subject = subject,
            Next = "See the schema of the body in /openapi/v1.json. Nothing was recorded.",
        });

    private string? TextOf(Parameter parameter)
    {
        StringValues values = parameter.Place switch
        {
            ParameterPlace.Query => Request.Query[parameter.Name],
            ParameterPlace.Header => Request.Headers[parameter.Name],
            _ => new StringValues(Request.RouteValues[parameter.Name] as string),
        };
        if (values.Count > 1)
            throw Wrong(parameter, values.ToString(), "it may be given once");

        return values.Count == 0 ? null : values[0];
    }

    // The reader speaks of types of this program, which mean nothing to a caller.
    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" Path:", StringComparison.Ordinal);
        string sentence = end < 0 ? message : message[..end];
        return TypeName().Replace(sentence, "").Replace(".NET member", "known member", StringComparison.Ordinal);
    }

    [GeneratedRegex(@" (contained in|of|for|on) type '[^']*'| during deserialization| to '?Node\.[\w.\[\]]+'?")]
    private static partial Regex TypeName();

    private static string Shorten(string text)
    {
        const int CharsMax = 200;
        return text.Length <= CharsMax ? text : text[..CharsMax] + "…";
    }
}

/// <summary>A key as one segment of the path.</summary>
internal sealed class KeyParameter(int segmentIndex) : Parameter(
    "key", ParameterPlace.Path,
    "A key, percent-encoded as one segment of the path: a slash is %2F. The keys . and .. fit in no path.")
{
    /// <summary>Which segment of the path, from 0.</summary>
    public int SegmentIndex { get; } = segmentIndex;

    public override System.Text.Json.Nodes.JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = 1 };
}

/// <summary>A record or transaction id as a segment of the path.</summary>
internal sealed class IdParameter(string name, string description) : Parameter(name, ParameterPlace.Path, description)
{
    public override System.Text.Json.Nodes.JsonObject Schema() =>
        new() { ["type"] = "string", ["pattern"] = "^[0-9a-f]{64}$" };
}
