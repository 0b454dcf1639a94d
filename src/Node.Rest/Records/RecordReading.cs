using Microsoft.AspNetCore.Http;
using Node.Client.Recording;
using Node.Protocol;
using Node.Rest.Calls;

namespace Node.Rest.Records;

/// <summary>Operations that answer records.</summary>
internal static class RecordReading
{
    private const string Tag = "Records";

    private static readonly TextParameter s_start =
        new("start", ParameterPlace.Query, "The first key, inclusive, by the bytes of UTF-8; empty: from the first");

    private static readonly TextParameter s_end =
        new("end", ParameterPlace.Query, "The last key, exclusive; empty: to the last");

    private static readonly TextParameter s_prefix =
        new("prefix", ParameterPlace.Query, "All keys that begin like this, instead of start and end");

    private static readonly ChoiceParameter s_order =
        new("order", "Which version comes first", ["oldest", "newest"], "oldest");

    private static readonly TextParameter s_mspId =
        new("mspId", ParameterPlace.Path, "The MSP id of the writer's organisation");

    private static readonly TextParameter s_writer = new(
        "writer", ParameterPlace.Query,
        "An enrolment id, or a certificate's fingerprint (64 hex digits); absent: all of the organisation");

    private static readonly TimeParameter s_since =
        new("since", "By the transactions' own time, from this instant on (RFC 3339); absent: from the first one");

    public static NumberParameter Limit { get; } = new(
        "limit", ParameterPlace.Query, "The most records on the page", (1, RestLimits.PageRecordsMax),
        RestLimits.PageRecordsDefault);

    public static TextParameter Cursor { get; } =
        new("cursor", ParameterPlace.Query, "What the page before gave as next; as it is, percent-encoded");

    public static IEnumerable<Operation> Operations() =>
    [
        new("GET", "/api/v1/records", "listRecords", "The newest records of neighbouring keys, in pages", ListAsync)
        {
            Tag = Tag,
            Parameters = [s_start, s_end, s_prefix, Limit, Cursor],
            Answers = [Answer.Json(200, "A page; the header Link names the next one", typeof(RecordPage))],
        },
        .. RecordSelector.Twice(new("GET", "", "getRecord", "Get the newest record", GetAsync)
        {
            Tag = Tag,
            Answers =
            [
                Answer.Json(200, "The record; its id is the ETag", typeof(RecordView)),
                Answer.Empty(304, "It is the one of If-None-Match"),
            ],
        }),
        new("GET", "/api/v1/records/{key}/versions", "listVersions", "Every record a key ever had", VersionsAsync)
        {
            Tag = Tag,
            Parameters = [RecordSelector.Key, s_order, Limit, Cursor],
            Answers = [Answer.Json(200, "A page; empty for a key without records", typeof(RecordPage))],
        },
        new("GET", "/api/v1/writers/{mspId}/records", "listByWriter", "What somebody recorded, in pages", ByWriterAsync)
        {
            Tag = Tag,
            Description = "Certificate by certificate, each in the order of time: what a revoked identity wrote.",
            Parameters = [s_mspId, s_writer, s_since, Limit, Cursor],
            Answers = [Answer.Json(200, "A page; the header Link names the next one", typeof(RecordPage))],
        },
    ];

    /// <summary>Whose records are meant; null when nobody is named.</summary>
    /// <param name="mspId">Empty for nobody.</param>
    public static Writer? WriterOf(Call call, string mspId) => mspId.Length == 0
        ? null
        : new Writer { MspId = mspId, Who = call.Get(s_writer), Since = call.Get(s_since) };

    /// <summary>For operations that take a writer beside other things.</summary>
    public static IReadOnlyList<Parameter> WriterParameters { get; } = [s_writer, s_since];

    /// <summary>The id of a record never changes its meaning, so it is a strong validator.</summary>
    public static bool IsKnown(Call call, string etag)
    {
        call.Response.Headers.ETag = etag;
        bool known = call.Request.Headers.IfNoneMatch
            .SelectMany(list => (list ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Any(tag => tag == etag || tag == "W/" + etag);
        if (known)
            call.Response.StatusCode = StatusCodes.Status304NotModified;

        return known;
    }

    public static Task WritePageAsync(Call call, RecordPage page)
    {
        if (page.Next is { } next)
        {
            IEnumerable<KeyValuePair<string, string?>> others = call.Request.Query
                .Where(pair => pair.Key != Cursor.Name)
                .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
            QueryString query = QueryString.Create(others).Add(Cursor.Name, next);
            string path = call.Request.Path.ToUriComponent();
            call.Response.Headers.Link = $"<{path}{query.ToUriComponent()}>; rel=\"next\"";
        }

        return call.WriteJsonAsync(StatusCodes.Status200OK, page, RestJson.Api.RecordPage);
    }

    private static async Task ListAsync(Call call)
    {
        string prefix = call.Get(s_prefix);
        if (prefix.Length > 0 && (call.Has(s_start) || call.Has(s_end)))
            throw Call.Wrong(s_prefix, prefix, "it stands instead of start and end, not beside them");

        // The least text above everything with this prefix, in the order of UTF-8 bytes.
        string end = prefix.Length > 0 ? prefix + "\U0010FFFF" : call.Get(s_end);
        string start = prefix.Length > 0 ? prefix : call.Get(s_start);
        (IReadOnlyList<ProvenanceRecord> records, string bookmark) = await call.Session.Provenance.RangePageAsync(
            start, end, (int)call.Get(Limit), call.Get(Cursor), call.Cancellation);
        await WritePageAsync(call, RecordPage.Of(records, bookmark));
    }

    private static async Task GetAsync(Call call)
    {
        ProvenanceRecord record = await RecordSelector.FindAsync(call);
        if (!IsKnown(call, $"\"{record.TransactionId}\""))
            await call.WriteJsonAsync(StatusCodes.Status200OK, RecordView.Of(record), RestJson.Api.RecordView);
    }

    private static async Task ByWriterAsync(Call call)
    {
        Writer? writer = WriterOf(call, call.Get(s_mspId));
        Invariant.Require(writer is not null, "a segment of a path is never empty");
        (IReadOnlyList<ProvenanceRecord> records, string bookmark) = await call.Session.Provenance.WrittenByPageAsync(
            writer, (int)call.Get(Limit), call.Get(Cursor), call.Cancellation);
        await WritePageAsync(call, RecordPage.Of(records, bookmark));
    }

    private static async Task VersionsAsync(Call call)
    {
        (IReadOnlyList<ProvenanceRecord> records, string bookmark) = await call.Session.Provenance.HistoryPageAsync(
            call.Key(RecordSelector.Key), call.Get(s_order) == "newest", (int)call.Get(Limit), call.Get(Cursor),
            call.Cancellation);
        await WritePageAsync(call, RecordPage.Of(records, bookmark));
    }
}
