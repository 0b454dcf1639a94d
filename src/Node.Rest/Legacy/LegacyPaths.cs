using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Node.Client;
using Node.Client.Recording;
using Node.Rest.Calls;
using Node.Rest.Contents;
using Node.Rest.Records;

namespace Node.Rest.Legacy;

/// <summary>The paths and header names of HyperProv's REST server of 2019.</summary>
/// <remarks>
/// With credentials and real status codes. Answers are what the contract answers, as JSON. Where that is a bare text
/// (set, checkhash), it is sent as text, and as a JSON object to whoever accepts application/json by name.
/// </remarks>
internal sealed class LegacyPaths(ContentUploads uploads, ContentDownloads downloads)
{
    private const string Tag = "Paths of 2019";
    private const string TextMediaType = "text/plain";

    private static readonly Answer s_json = new(200, "The contract's answer", Body: null, [Call.JsonMediaType]);

    private static readonly Answer s_text =
        new(200, "A bare text, or an object", typeof(LegacyAnswer), [Call.JsonMediaType, TextMediaType]);

    public IEnumerable<Operation> Operations() =>
    [
        Legacy("POST", "/set", "legacySet", "set: record data", SetAsync,
            "key", "value", "path", "pointer", "description", "dependencies") with
        {
            Description = "value is the checksum, path the location; dependencies are transaction ids separated by "
                + "\", \". Answers the transaction id once it is committed.",
            Body = new RequestBody("The same names as members", Type: null, [Call.JsonMediaType]) { IsOptional = true },
            BodyBytesMax = RestLimits.JsonBytesMax,
            Answers = [s_text],
        },
        Legacy("GET", "/get", "legacyGet", "get: a record by key", Asks("get", "key"), "key"),
        Legacy("GET", "/checkhash", "legacyCheckHash", "checkhash: a record's checksum", CheckHashAsync, "key") with
        {
            Answers = [s_text],
        },
        Legacy("GET", "/getwithid", "legacyGetWithId", "getwithid: transaction id and checksum", GetWithIdAsync, "key")
            with
        {
            Description = "The text \"TXID |-|-| HASH\" of 2019 for Accept: text/plain.",
            Answers = [s_text],
        },
        Legacy("GET", "/getfromid", "legacyGetFromId", "getfromid: a record by id", Asks("getfromid", "txid"), "txid"),
        Legacy("GET", "/getkeyhistory", "legacyGetKeyHistory", "getkeyhistory: all records of a key",
            call => PagedAsync(call, "getkeyhistory", ["key"]), "key", "limit", "cursor"),
        Legacy("GET", "/getdependencies", "legacyGetDependencies", "getdependencies: what it was derived from",
            DependenciesAsync, "txid", "count"),
        Legacy("GET", "/getbyrange", "legacyGetByRange", "getbyrange: the newest records of neighbouring keys",
            call => PagedAsync(call, "getbyrange", ["startkey", "endkey"]), "startkey", "endkey", "limit", "cursor"),
        Legacy("POST", "/sendfile", "legacySendFile", "Store content and record it", SendFileAsync,
            "arguments", "description", "dependencies") with
        {
            Description = "arguments is the key, the body the content.",
            Body = new RequestBody("The content, raw", Type: null, ["application/octet-stream"]),
            BodyBytesMax = null,
            Parameters = [.. Names("arguments", "description", "dependencies"), Submission.WaitForCommit],
            Answers = RecordWriting.Answers,
        },
        Legacy("GET", "/getfile", "legacyGetFile", "Get content back, verified", GetFileAsync, "arguments") with
        {
            Description = "arguments is the key.",
            Answers = [Answer.Bytes("The content", "application/octet-stream")],
        },
    ];

    private static Operation Legacy(
        string method, string path, string id, string summary, Func<Call, Task> run, params string[] names) =>
        new(method, path, id, summary, run)
        {
            Tag = Tag,
            Parameters = Names(names),
            Answers = [s_json],
            IsStrict = false,
        };

    private static IReadOnlyList<Parameter> Names(params IEnumerable<string> names) =>
    [
        .. names.Select(name => new TextParameter(
            name, ParameterPlace.Header, "As a header, a query parameter, or a member of a JSON body")),
    ];

    private static Func<Call, Task> Asks(string function, string name) => async call =>
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        await AskAsync(call, function, inputs.Require(name));
    };

    private static async Task AskAsync(Call call, string function, params string[] arguments) =>
        await call.WriteBytesAsync(
            StatusCodes.Status200OK, Call.JsonMediaType,
            await call.Session.Contract.EvaluateAsync(function, arguments, call.Cancellation));

    private static async Task SetAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: true);
        var draft = new RecordDraft
        {
            Key = inputs.Require("key"),
            Hash = inputs.Require("value"),
            Location = inputs.Require("path"),
            Pointer = inputs.Require("pointer"),
            Description = inputs.FindOrEmpty("description"),
            Parents = DependenciesOf(inputs),
        };
        Proposal proposal = call.Session.Provenance.Propose(draft);
        Transaction transaction = await proposal.EndorseAsync(call.Cancellation);
        Commit commit = await transaction.SubmitAsync(CancellationToken.None);
        (await commit.GetStatusAsync(call.Cancellation)).RequireValid();
        string id = transaction.TransactionId.Value;
        await AnswerTextAsync(call, id, new LegacyAnswer(id, Hash: null));
    }

    private static async Task CheckHashAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        ReadOnlyMemory<byte> hash = await call.Session.Contract.EvaluateAsync(
            "checkhash", [inputs.Require("key")], call.Cancellation);
        string text = System.Text.Encoding.UTF8.GetString(hash.Span);
        await AnswerTextAsync(call, text, new LegacyAnswer(Txid: null, text));
    }

    private static async Task GetWithIdAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        string form = Negotiation.Choose(
            call.Request.Headers.Accept, [("json", Call.JsonMediaType), ("text", TextMediaType)]) ?? "json";
        if (form == "json")
            await AskAsync(call, "getwithid", inputs.Require("key"));
        else
            await call.WriteBytesAsync(
                StatusCodes.Status200OK, TextMediaType,
                await call.Session.Contract.EvaluateAsync(
                    "getwithid", [inputs.Require("key"), "legacy"], call.Cancellation));
    }

    private static async Task DependenciesAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        string txid = inputs.Require("txid");
        string[] arguments = inputs.Find("count") is { Length: > 0 } count ? [txid, count] : [txid];
        await AskAsync(call, "getdependencies", arguments);
    }

    private static async Task PagedAsync(Call call, string function, IReadOnlyList<string> names)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        var arguments = new List<string>();
        foreach (string name in names)
            arguments.Add(name == "key" ? inputs.Require(name) : inputs.FindOrEmpty(name));
        if (inputs.Find("limit") is { Length: > 0 } limit)
            arguments.AddRange([limit, inputs.FindOrEmpty("cursor")]);

        await AskAsync(call, function, [.. arguments]);
    }

    private async Task SendFileAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        var template = new RecordRequest
        {
            Key = inputs.Require("arguments"),
            Hash = "",
            Description = inputs.FindOrEmpty("description"),
            Parents = DependenciesOf(inputs),
            Strict = false,
        };
        await uploads.UploadAsync(
            call, template, call.Request.Body, call.Request.Headers["Content-Digest"], ended: null);
    }

    private async Task GetFileAsync(Call call)
    {
        LegacyInputs inputs = await LegacyInputs.ReadAsync(call, readsBody: false);
        ProvenanceRecord record = await call.Session.Provenance.FindAsync(
            inputs.Require("arguments"), call.Cancellation);
        await downloads.SendAsync(call, record);
    }

    private static Task AnswerTextAsync(Call call, string text, LegacyAnswer answer) =>
        Negotiation.NamesJson(call.Request.Headers[HeaderNames.Accept])
            ? call.WriteJsonAsync(StatusCodes.Status200OK, answer, RestJson.Api.LegacyAnswer)
            : call.WriteTextAsync(TextMediaType, text);

    private static string[] DependenciesOf(LegacyInputs inputs) =>
        inputs.FindOrEmpty("dependencies").Split(
            [',', ':', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
