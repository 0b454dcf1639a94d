using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Node.Client.Events;
using Node.Protocol;
using Node.Rest.Calls;

namespace Node.Rest.Following;

/// <summary>Tells callers of new records as server-sent events, until they go away or the server stops.</summary>
internal sealed class RecordEvents(TimeProvider clock, CancellationToken stopping)
{
    private const string MediaType = "text/event-stream";

    /// <summary>A comment so often keeps proxies from closing a silent stream, and shows who is gone.</summary>
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    private static readonly NumberParameter s_from = new(
        "fromBlock", ParameterPlace.Query, "The first block to tell of; absent: from the next one on",
        (0, long.MaxValue), absent: -1);

    private static readonly TextParameter s_last = new(
        "Last-Event-ID", ParameterPlace.Header, "The id of the last event that was seen: goes on behind it");

    public IEnumerable<Operation> Operations() =>
    [
        new("GET", "/api/v1/events", "followRecords", "New records as they are committed", FollowAsync)
        {
            Tag = "Events",
            Description = "Server-sent events. Each has the contract's event as its data and BLOCK:TRANSACTION as its "
                + "id, which the header Last-Event-ID takes up again.",
            Parameters = [s_from, s_last],
            Answers = [Answer.Bytes("A stream without end", MediaType)],
            IsEndless = true,
        },
    ];

    private async Task FollowAsync(Call call)
    {
        EventsFrom start = StartOf(call);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, stopping);
        call.Response.ContentType = MediaType;
        call.Response.Headers["X-Accel-Buffering"] = "no";
        await SayAsync(call, ": connected\n\n", ending.Token);
        try
        {
            await TellAsync(call, start, ending.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The stream ends as a stream does: the caller comes again with Last-Event-ID.
        }
    }

    private async Task TellAsync(Call call, EventsFrom start, CancellationToken cancellation)
    {
        await using IAsyncEnumerator<ContractEvent> events =
            call.Session.Contract.EventsAsync(start, cancellation).GetAsyncEnumerator(cancellation);
        Task<bool> next = events.MoveNextAsync().AsTask();
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task ended = await Task.WhenAny(next, Task.Delay(s_heartbeat, clock, silence.Token));
            await silence.CancelAsync();
            if (ended != next)
            {
                cancellation.ThrowIfCancellationRequested();
                await SayAsync(call, ": waiting\n\n", cancellation);
                continue;
            }

            if (!await next)
                return;

            await SayAsync(call, TextOf(events.Current), cancellation);
            next = events.MoveNextAsync().AsTask();
        }
    }

    private static string TextOf(ContractEvent announced)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"id: {announced.BlockNumber}:{announced.TransactionId}\n");
        text.Append(CultureInfo.InvariantCulture, $"event: {announced.Name}\n");
        foreach (string line in Encoding.UTF8.GetString(announced.Payload.Span).Split('\n'))
            text.Append("data: ").Append(line.TrimEnd('\r')).Append('\n');

        return text.Append('\n').ToString();
    }

    private static async Task SayAsync(Call call, string text, CancellationToken cancellation)
    {
        await call.Response.WriteAsync(text, cancellation);
        await call.Response.Body.FlushAsync(cancellation);
    }

    private static EventsFrom StartOf(Call call)
    {
        string last = call.Get(s_last);
        if (last.Length == 0)
            return call.Get(s_from) is >= 0 and var block
                ? new EventsFrom((ulong)block, default)
                : EventsFrom.NextBlock;

        string[] parts = last.Split(':');
        return parts.Length == 2
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            && TxId.TryParse(parts[1], out TxId id, out _)
                ? new EventsFrom(number, id)
                : throw Call.Wrong(s_last, last, "it must be BLOCK:TRANSACTION, as an event's id has it");
    }
}
