using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Node.Protocol;

namespace Node.Rest.Problems;

/// <summary>Why a request was not carried out (RFC 9457), with the thing, the limit and the next step.</summary>
internal sealed record Problem(ProblemKind Kind, string Detail)
{
    public const string MediaType = "application/problem+json";

    /// <summary>The parameter, header, member, key or file in question.</summary>
    public string? Subject { get; init; }

    /// <summary>What it was, where that helps.</summary>
    public string? Value { get; init; }

    /// <summary>What it may be.</summary>
    public string? Limit { get; init; }

    /// <summary>What to do now.</summary>
    public string? Next { get; init; }

    /// <summary>The transaction in question; none when there is none.</summary>
    public TxId TransactionId { get; init; }

    /// <summary>When to come again; null when that would not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Instead of the kind's own status.</summary>
    public int? StatusOverride { get; init; }

    public int Status => StatusOverride ?? Kind.Status;

    /// <summary>Sets status and headers, and writes the body. The response must not have started.</summary>
    public Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers.Remove("ETag");
        response.StatusCode = Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } delay)
            response.Headers.RetryAfter =
                Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer realm=\"hyperprov\"";

        byte[] body = ToBytes(context.TraceIdentifier);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }

    public byte[] ToBytes(string request)
    {
        var view = new ProblemView
        {
            Type = $"urn:hyperprov:problem:{Kind.Code}",
            Title = Kind.Title,
            Status = Status,
            Detail = Detail,
            Instance = $"urn:hyperprov:request:{request}",
            Code = Kind.Code,
            Subject = Subject,
            Value = Value,
            Limit = Limit,
            Next = Next,
            TransactionId = TransactionId.IsNone ? null : TransactionId.Value,
        };
        return JsonSerializer.SerializeToUtf8Bytes(view, RestJson.Api.ProblemView);
    }
}

/// <summary>A <see cref="Problem"/> as it travels.</summary>
internal sealed record ProblemView
{
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public required string Detail { get; init; }

    public required string Instance { get; init; }

    public required string Code { get; init; }

    public string? Subject { get; init; }

    public string? Value { get; init; }

    public string? Limit { get; init; }

    public string? Next { get; init; }

    public string? TransactionId { get; init; }
}

/// <summary>Ends a request with a problem.</summary>
internal sealed class RequestFault(Problem problem) : Exception(problem.Detail)
{
    public RequestFault(ProblemKind kind, string detail)
        : this(new Problem(kind, detail))
    {
    }

    public Problem Problem { get; } = problem;
}
