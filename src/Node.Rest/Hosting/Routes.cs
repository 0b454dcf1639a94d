using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Node.Rest.Calls;
using Node.Rest.Problems;

namespace Node.Rest.Hosting;

/// <summary>Puts the operations, the document and the pages about it onto their paths.</summary>
internal static class Routes
{
    public const string DocumentPath = "/openapi/v1.json";

    public static void Map(WebApplication application, RestServer server)
    {
        application.Use(AnswerWhatNobodyAnswersAsync);
        application.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "swagger";
            page.DocumentTitle = "Hyperprov";
            page.SwaggerEndpoint(DocumentPath, "Hyperprov v1");
        });
        application.UseRouting();
        foreach (Operation operation in server.Operations)
            application.MapMethods(
                operation.Path, [operation.Method], context => server.Pipeline.RunAsync(context, operation));

        application.MapGet(DocumentPath, context =>
        {
            context.Response.ContentType = Call.JsonMediaType;
            context.Response.ContentLength = server.Document.Length;
            return context.Response.Body.WriteAsync(server.Document, context.RequestAborted).AsTask();
        });
    }

    // The framework answers unknown paths and methods with a bare status.
    private static async Task AnswerWhatNobodyAnswersAsync(HttpContext context, Func<Task> next)
    {
        await next();
        if (context.Response.HasStarted || context.Response.ContentType is not null)
            return;

        string path = context.Request.Path.ToUriComponent();
        Problem? problem = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Problem(ProblemKind.NoRoute, $"There is nothing at {path}.")
            {
                Subject = path,
                Next = "See /openapi/v1.json or /swagger for all paths; a slash within a key is %2F.",
            },
            StatusCodes.Status405MethodNotAllowed => new Problem(
                ProblemKind.MethodNotAllowed, $"{path} has no method {context.Request.Method}.")
            {
                Subject = context.Request.Method,
                Limit = context.Response.Headers.Allow.ToString(),
                Next = "Use one of the methods in Allow.",
            },
            _ => null,
        };
        if (problem is not null)
            await problem.WriteAsync(context);
    }
}
