using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Node.Protocol;
using Node.Rest.Hosting;
using Node.Rest.Identities;
using Node.Rest.Observing;
using Node.Rest.Problems;

namespace Node.Rest.Calls;

/// <summary>Carries a request through: who, may it come in, is it well formed, do it, say how it ended.</summary>
/// <remarks>
/// The one place where an exception becomes a problem, and where it is logged. Once an answer has begun, the only
/// honest way to say that it is not complete is to end the connection without its end.
/// </remarks>
internal sealed class Pipeline(
    Authentication authentication, Admission admission, CallerSessions sessions, RestMetrics metrics, ILogger log,
    long uploadBytesMax)
{
    public async Task RunAsync(HttpContext context, Operation operation)
    {
        long began = metrics.Begin();
        try
        {
            if (await EnterAsync(context, operation) is { } problem)
                await AnswerAsync(context, problem);
        }
        catch (InvariantViolatedException e)
        {
            Environment.FailFast(e.Message, e);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: there is nobody to tell.
        }
        catch (Exception e)
        {
            await AnswerAsync(context, operation, e);
        }
        finally
        {
            metrics.End(operation.Id, context.Response.StatusCode, began);
        }
    }

    /// <summary>For what no operation answers.</summary>
    public static Task AnswerAsync(HttpContext context, Problem problem) => problem.WriteAsync(context);

    private async Task<Problem?> EnterAsync(HttpContext context, Operation operation)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        if (operation.IsOpen)
        {
            await RunAsync(context, operation, session: null);
            return null;
        }

        (IdentityName? caller, Problem? problem) = authentication.Identify(context);
        if (caller is null)
            return problem;

        (IDisposable? place, problem) = admission.Enter(caller, operation.IsEndless);
        if (problem is not null)
            return problem;

        using (place)
            await RunAsync(context, operation, sessions.Get(caller));

        return null;
    }

    private async Task RunAsync(HttpContext context, Operation operation, CallerSession? session)
    {
        LimitBody(context, operation);
        RefuseEncodedBody(context);
        if (operation.IsStrict)
            RefuseUnknownParameters(context, operation);

        await operation.Run(new Call(context, operation, session));
    }

    private void LimitBody(HttpContext context, Operation operation)
    {
        long bytesMax = operation.BodyBytesMax ?? uploadBytesMax;
        if (context.Request.ContentLength is { } announced && announced > bytesMax)
            throw new RequestFault(new Problem(
                ProblemKind.TooLarge, bytesMax == 0 ? "This operation takes no body." : "The body is too large.")
            {
                Subject = "body",
                Value = FormattableString.Invariant($"{announced} bytes"),
                Limit = FormattableString.Invariant($"{bytesMax} bytes"),
                Next = bytesMax == 0 ? "Send it without a body." : "Send less, or split it.",
            });

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = bytesMax;
    }

    // What is recorded is what arrives, so it must arrive as it is.
    private static void RefuseEncodedBody(HttpContext context)
    {
        string encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new RequestFault(new Problem(ProblemKind.UnsupportedMediaType, "The body is encoded.")
            {
                Subject = "Content-Encoding",
                Value = encoding,
                Limit = "identity",
                Next = "Send the body as it is, without compression.",
            });
    }

    private static void RefuseUnknownParameters(HttpContext context, Operation operation)
    {
        foreach (string name in context.Request.Query.Keys)
        {
            if (operation.Parameters.Any(known => known.Place == ParameterPlace.Query && known.Name == name))
                continue;

            string known = string.Join(", ", operation.Parameters
                .Where(parameter => parameter.Place == ParameterPlace.Query).Select(parameter => parameter.Name));
            throw new RequestFault(new Problem(
                ProblemKind.UnknownParameter, $"{operation.Id} has no parameter \"{name}\".")
            {
                Subject = name,
                Limit = known.Length == 0 ? "none" : known,
                Next = "Parameters are spelled exactly as in /openapi/v1.json.",
            });
        }
    }

    private Task AnswerAsync(HttpContext context, Operation operation, Exception fault)
    {
        Problem problem = ProblemsOf.Exception(fault);
        if (ProblemsOf.IsWorthLogging(problem))
            RestLog.RequestFailed(log, operation.Id, context.TraceIdentifier, fault);

        if (!context.Response.HasStarted)
            return problem.WriteAsync(context);

        RestLog.AnswerCut(log, operation.Id, context.TraceIdentifier, problem.Kind.Code);
        context.Abort();
        return Task.CompletedTask;
    }
}
