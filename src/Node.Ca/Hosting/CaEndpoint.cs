using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Node.Ca.Answering;
using Node.Protocol;

namespace Node.Ca.Hosting;

/// <summary>The HTTP side: bounds and reads a request, has it answered, writes the answer, logs refusals.</summary>
/// <remarks>The only place where an exception becomes an answer.</remarks>
internal sealed class CaEndpoint(CaDesk desk, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _places = new(CaLimits.RequestsMax);

    public async Task InvokeAsync(HttpContext context)
    {
        string target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "/";
        string method = context.Request.Method;
        IPAddress address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        CaAnswer answer;
        ReadOnlyMemory<byte> body;
        try
        {
            answer = await AnswerAsync(context, method, target, address);
            body = answer.Write();
        }
        catch (InvariantViolatedException violated)
        {
            Environment.FailFast(violated.Message, violated);
            throw;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;   // The client left.
        }
        catch (NodeException failure)
        {
            CaLog.StorageFailed(logger, method, Shown(target), failure);
            answer = new CaRefusal(500, CaRefusal.Other, "The authority's store cannot be used; see its log");
            body = answer.Write();
        }
        catch (Exception failure)
        {
            CaLog.Failed(logger, method, Shown(target), failure);
            answer = new CaRefusal(500, CaRefusal.Other, "Internal error; see the authority's log");
            body = answer.Write();
        }

        Log(method, target, address, answer);
        await WriteAsync(context, answer, body);
    }

    public void Dispose() => _places.Dispose();

    private async Task<CaAnswer> AnswerAsync(HttpContext context, string method, string target, IPAddress address)
    {
        if (!_places.Wait(0, CancellationToken.None))
            return Busy();

        try
        {
            (ReadOnlyMemory<byte> bytes, CaRefusal? refusal) = await ReadBodyAsync(context);
            if (refusal is not null)
                return refusal;

            string? authorization = context.Request.Headers.Authorization is { Count: > 0 } header
                ? header.ToString()
                : null;
            return CaRequest.TryRead(method, target, bytes, authorization, address, out CaRequest? request)
                ? await desk.AnswerAsync(request, context.RequestAborted)
                : new CaRefusal(
                    400, CaRefusal.QueryInvalid,
                    $"The request's path has more than {CaLimits.TargetCharsMax} characters");
        }
        finally
        {
            _places.Release();
        }
    }

    private static CaAnswer Busy() => new CaRefusal(
        503, CaRefusal.Other, $"All {CaLimits.RequestsMax} places are taken; come again")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private static async Task<(ReadOnlyMemory<byte> Bytes, CaRefusal? Refusal)> ReadBodyAsync(HttpContext context)
    {
        PipeReader reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(context.RequestAborted);
                if (read.Buffer.Length > CaLimits.BodyBytesMax)
                    return (default, TooLarge());
                if (read.IsCompleted)
                {
                    byte[] bytes = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return (bytes, null);
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e)
        {
            // The server's own limits: size, and how slowly a body may come.
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? (default, TooLarge())
                : (default, new CaRefusal(e.StatusCode, CaRefusal.BodyUnreadable, "The request body cannot be read"));
        }
    }

    private static CaRefusal TooLarge() => new(
        413, CaRefusal.BodyUnreadable, $"The request body has more than {CaLimits.BodyBytesMax} bytes");

    private static async Task WriteAsync(HttpContext context, CaAnswer answer, ReadOnlyMemory<byte> body)
    {
        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (answer.Location is { } location)
            response.Headers.Location = location;
        if (answer.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds;
        if (answer.Status is 401)
            response.Headers.WWWAuthenticate = "Basic";
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private void Log(string method, string target, IPAddress address, CaAnswer answer)
    {
        if (answer.Deed is { } deed)
            CaLog.Done(logger, deed);
        if (answer.Refusal is { } refusal)
            CaLog.Refused(
                logger, method, Shown(target), address, refusal.Status, refusal.ReasonCode,
                refusal.Reason ?? refusal.Message);
    }

    private static string Shown(string target)
    {
        int end = Math.Min(target.Length, 80);
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return target[..(query >= 0 && query < end ? query : end)];
    }
}
