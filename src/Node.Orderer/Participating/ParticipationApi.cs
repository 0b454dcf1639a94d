using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Node.Orderer.Broadcasting;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;

namespace Node.Orderer.Participating;

/// <summary>Fabric's channel participation API, as osnadmin calls it: list, join, remove, update, blocks.</summary>
/// <remarks>
/// Paths, methods, bodies and error texts are Fabric's (docs/channels.md has the table and the differences). Who may
/// call is decided by the listener, which takes no client without a certificate of the configured roots.
/// </remarks>
internal sealed partial class ParticipationApi(ChannelRoster roster, bool isEnabled)
{
    private const string Base = "/participation/v1";
    private const string Channels = Base + "/channels";
    private const string BlockPart = "config-block";
    private const string UpdatePart = "config-update-envelope";

    public Task AnswerAsync(HttpContext context)
    {
        if (!isEnabled)
        {
            return RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, "channel participation API is disabled");
        }

        string path = context.Request.Path.Value ?? "";
        string[] parts = path.Split('/');
        return parts switch
        {
            ["", "participation", "v1"] or ["", "participation", "v1", ""] => RedirectAsync(context),
            ["", "participation", "v1", "channels"] => AnswerAllAsync(context),
            ["", "participation", "v1", "channels", string id] => AnswerOneAsync(context, id),
            ["", "participation", "v1", "channels", string id, "blocks", string which] =>
                AnswerBlockAsync(context, id, which),
            _ => NotFoundAsync(context),
        };
    }

    private static Task RedirectAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
            return NotAllowedAsync(context, "GET");

        context.Response.Redirect(Channels, permanent: false);
        return Task.CompletedTask;
    }

    private Task AnswerAllAsync(HttpContext context) => context.Request.Method switch
    {
        "GET" => Accepting(context, ListAsync),
        "POST" => Accepting(context, JoinAsync),
        "PUT" => Accepting(context, UpdateAsync),
        _ => NotAllowedAsync(context, "GET, POST, PUT"),
    };

    private Task AnswerOneAsync(HttpContext context, string name)
    {
        string method = context.Request.Method;
        if (method is not ("GET" or "DELETE"))
            return NotAllowedAsync(context, "GET, DELETE");

        return Accepting(context, each => !ChannelId.TryParse(name, out ChannelId id, out string? fault)
            ? RefuseAsync(each, StatusCodes.Status400BadRequest, $"invalid channel ID: {fault}")
            : method == "GET" ? ShowAsync(each, id) : RemoveAsync(each, id));
    }

    private Task ListAsync(HttpContext context)
    {
        ShortEntry[] channels =
        [
            .. roster.Channels.All.Select(channel => channel.Id.Value).Order(StringComparer.Ordinal)
                .Select(name => new ShortEntry(name, UrlOf(name))),
        ];
        var list = new ChannelList(SystemChannel: null, channels.Length == 0 ? null : channels);
        return AnswerAsync(context, StatusCodes.Status200OK, list, ApiJson.Default.ChannelList);
    }

    private Task ShowAsync(HttpContext context, ChannelId id) =>
        roster.Channels.TryFind(id, out OrderingChannel? channel)
            ? AnswerAsync(context, StatusCodes.Status200OK, EntryOf(channel), ApiJson.Default.ChannelEntry)
            : RefuseAsync(context, StatusCodes.Status404NotFound, "channel does not exist");

    private async Task JoinAsync(HttpContext context)
    {
        (byte[]? file, string fault) = await PostedFile.ReadAsync(context.Request, BlockPart);
        if (file is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        if (!JoinBlock.TryDecode(file, out JoinBlock? block, out string? blockFault))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"invalid join block: {blockFault}");
            return;
        }

        ParticipationRefusal? refusal = roster.IsBeingRemoved(block.Channel)
            ? new ParticipationRefusal(RefusalKind.Pending, "channel pending removal")
            : await roster.JoinAsync(block, context.RequestAborted);
        if (refusal is not null)
            await RefuseAsync(context, "cannot join", refusal);
        else
            await CreatedAsync(context, block.Channel);
    }

    private async Task RemoveAsync(HttpContext context, ChannelId id)
    {
        ParticipationRefusal? refusal = await roster.RemoveAsync(id, context.RequestAborted);
        if (refusal is null)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        else
            await RefuseAsync(context, "cannot remove", refusal);
    }

    private async Task UpdateAsync(HttpContext context)
    {
        (byte[]? file, string fault) = await PostedFile.ReadAsync(context.Request, UpdatePart);
        if (file is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        if (!DecodedEnvelope.TryDecode(file, out DecodedEnvelope? envelope, out DecodeFault decodeFault)
            || envelope.Type != HeaderType.ConfigUpdate
            || !envelope.TryGetChannelId(out ChannelId id, out _))
        {
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"invalid update envelope: {decodeFault.Text}");
            return;
        }

        ParticipationRefusal? refusal = await OrderAsync(id, envelope);
        if (refusal is not null)
            await RefuseAsync(context, "cannot update", refusal);
        else
            await CreatedAsync(context, id);
    }

    private async Task<ParticipationRefusal?> OrderAsync(ChannelId id, DecodedEnvelope envelope)
    {
        if (roster.IsBeingRemoved(id))
            return new ParticipationRefusal(RefusalKind.Pending, "channel pending removal");
        if (!roster.Channels.TryFind(id, out OrderingChannel? channel))
            return new ParticipationRefusal(RefusalKind.Unknown, "channel does not exist");
        if (channel.State is not { Run: { } run } state)
            return new ParticipationRefusal(RefusalKind.Failed, channel.State.Reason);
        if (!run.Context.Orders)
            return new ParticipationRefusal(RefusalKind.Follower, "this orderer is no consenter of the channel");

        EnvelopeVerdict verdict = channel.Checks.Check(envelope, run.Context.Rules);
        BroadcastAnswer answer =
            verdict.IsAccepted ? await channel.OrderAsync(verdict.Envelope) : verdict.Refusal;
        return answer.IsSuccess ? null : new ParticipationRefusal(RefusalKind.Bad, answer.Text);
    }

    private async Task AnswerBlockAsync(HttpContext context, string name, string which)
    {
        if (context.Request.Method != "GET")
            await NotAllowedAsync(context, "GET");
        else if (!ChannelId.TryParse(name, out ChannelId id, out string? fault))
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"invalid channel ID: {fault}");
        else if (!roster.Channels.TryFind(id, out OrderingChannel? channel))
            await RefuseAsync(context, StatusCodes.Status404NotFound, "channel does not exist");
        else if (channel.State is not { Run: { } run } state)
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, channel.State.Reason);
        else if (NumberOf(run.Feed, which) is not { } number)
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"invalid block: '{which}' is none of newest, oldest, config "
                + "and a block number");
        else if (!run.Feed.TryRead(number, out BlockImage block))
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"block {number} does not exist");
        else
            await SendAsync(context, block);
    }

    private static async Task SendAsync(HttpContext context, BlockImage block)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = block.Length;
        await context.Response.BodyWriter.WriteAsync(block.ToWhole(), context.RequestAborted);
    }

    // Null for what names no block.
    private static ulong? NumberOf(BlockFeed feed, string which) => which switch
    {
        "newest" => feed.Height - 1,
        "oldest" => 0,
        "config" => LastConfigOf(feed),
        _ => ulong.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null,
    };

    private static ulong LastConfigOf(BlockFeed feed)
    {
        const int Signatures = 0;
        return feed.TryRead(feed.Height - 1, out BlockImage newest)
            && BlockBytes.TryDecode(newest.ToWhole(), out BlockBytes? block, out _)
            && DecodedBlockSignatures.TryDecode(block.Slot(Signatures), out DecodedBlockSignatures? signed, out _)
            ? signed.LastConfigIndex
            : 0;
    }

    private async Task CreatedAsync(HttpContext context, ChannelId id)
    {
        if (!roster.Channels.TryFind(id, out OrderingChannel? channel))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "channel does not exist");
            return;
        }

        context.Response.Headers.Location = UrlOf(id.Value);
        await AnswerAsync(context, StatusCodes.Status201Created, EntryOf(channel), ApiJson.Default.ChannelEntry);
    }

    private static ChannelEntry EntryOf(OrderingChannel channel)
    {
        ChannelStanding standing = ChannelStanding.Of(channel);
        return new ChannelEntry(
            standing.Name, UrlOf(standing.Name), standing.Relation, standing.Status, standing.Height);
    }

    private static string UrlOf(string name) => $"{Channels}/{name}";

    private static Task Accepting(HttpContext context, Func<HttpContext, Task> answer)
    {
        string accept = context.Request.Headers.Accept.ToString();
        bool takesJson = accept.Length == 0
            || accept.Split(',').Any(option => option.Contains("application/json", StringComparison.Ordinal)
                || option.Contains("application/*", StringComparison.Ordinal)
                || option.Contains("*/*", StringComparison.Ordinal));
        return takesJson
            ? answer(context)
            : RefuseAsync(
                context, StatusCodes.Status406NotAcceptable, "response Content-Type is application/json only");
    }

    private static Task RefuseAsync(HttpContext context, string operation, ParticipationRefusal refusal)
    {
        int status = refusal.Kind switch
        {
            RefusalKind.Exists => StatusCodes.Status405MethodNotAllowed,
            RefusalKind.Unknown when operation == "cannot update" => StatusCodes.Status405MethodNotAllowed,
            RefusalKind.Unknown => StatusCodes.Status404NotFound,
            RefusalKind.Pending => StatusCodes.Status409Conflict,
            RefusalKind.Follower => StatusCodes.Status403Forbidden,
            RefusalKind.Failed => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status400BadRequest,
        };
        if (status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = refusal.Kind == RefusalKind.Exists ? "GET, DELETE" : "GET, POST";

        return RefuseAsync(context, status, $"{operation}: {refusal.Text}");
    }

    private static Task NotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return RefuseAsync(
            context, StatusCodes.Status405MethodNotAllowed, $"invalid request method: {context.Request.Method}");
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string text) =>
        AnswerAsync(context, status, new ErrorAnswer(text), ApiJson.Default.ErrorAnswer);

    private static Task AnswerAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer, type) + "\n", context.RequestAborted);
    }

    internal sealed record ErrorAnswer(string Error);

    internal sealed record ShortEntry(string Name, string Url);

    internal sealed record ChannelList(ShortEntry? SystemChannel, IReadOnlyList<ShortEntry>? Channels);

    internal sealed record ChannelEntry(
        string Name, string Url, string ConsensusRelation, string Status, ulong Height);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(ErrorAnswer))]
    [JsonSerializable(typeof(ChannelList))]
    [JsonSerializable(typeof(ChannelEntry))]
    private sealed partial class ApiJson : JsonSerializerContext;
}
