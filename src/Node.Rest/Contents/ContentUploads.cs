using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Node.Client;
using Node.Client.Storing;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Observing;
using Node.Rest.Problems;
using Node.Rest.Records;
using Node.Rest.Repeating;

namespace Node.Rest.Contents;

/// <summary>Operations that take content: it is hashed while it flows into the store, and then recorded.</summary>
/// <remarks>
/// First the store, durably, then the ledger: a record never names content that was not there. A body that is cut, or
/// that is not what was announced, leaves no record, and no content under its name.
/// </remarks>
internal sealed class ContentUploads(Submission submission, ContentStores stores, RestMetrics metrics)
{
    private const string Tag = "Content";

    private static readonly TextParameter s_description = new("description", ParameterPlace.Query, "Free text");

    private static readonly TextParameter s_type = new(
        "type", ParameterPlace.Query, "What kind of record it is; absent: Transformation with parents, else Record");

    private static readonly TextsParameter s_parents =
        new("parent", "What it was derived from: an id, or a key (its newest record); may be repeated");

    private static readonly SwitchParameter s_strict =
        new("strict", "Refuse a parent that is not recorded", absent: true);

    private static readonly TextParameter s_expected = new(
        "expectedId", ParameterPlace.Query,
        "Only if the key's newest record has this id; empty (expectedId=): only if the key is new");

    private static readonly TextParameter s_digest = new(
        "Content-Digest", ParameterPlace.Header,
        "sha-256=:BASE64: of the body (RFC 9530): content that is not this one is refused");

    private static readonly string[] s_fields =
        ["key", s_description.Name, s_type.Name, s_parents.Name, s_strict.Name, s_expected.Name, "digest"];

    public IEnumerable<Operation> Operations() =>
    [
        new("PUT", "/api/v1/records/{key}/content", "putContent", "Store content and record it under a key", PutAsync)
        {
            Tag = Tag,
            Parameters =
            [
                RecordSelector.Key, s_description, s_type, s_parents, s_strict, s_expected, Submission.WaitForCommit,
                Repeat.Header, s_digest,
            ],
            Body = new RequestBody("The content, raw", Type: null, ["application/octet-stream"]),
            BodyBytesMax = null,
            Answers = RecordWriting.Answers,
        },
        new("POST", "/api/v1/contents", "postContent", "Store content from a form and record it", PostAsync)
        {
            Tag = Tag,
            Description = "A form of type multipart/form-data: first the fields key (required), description, type, "
                + "parent (repeatable), strict, expectedId, digest (as Content-Digest); then one file.",
            Parameters = [Submission.WaitForCommit, Repeat.Header],
            Body = new RequestBody("Fields, then one file", Type: null, ["multipart/form-data"]),
            BodyBytesMax = null,
            Answers = RecordWriting.Answers,
        },
    ];

    /// <summary>Takes a body under a key, for the paths of 2019 too.</summary>
    /// <param name="ended">Called behind the content's last byte; throws when more came. Null for nothing.</param>
    public async Task UploadAsync(
        Call call, RecordRequest template, Stream body, StringValues digestField,
        Func<CancellationToken, Task>? ended)
    {
        if (!DigestHeader.TryRead(digestField, out Hash32? announced, out string? fault))
            throw Call.Wrong(s_digest, digestField.ToString(), fault);

        using Repeat repeat = submission.Enter(call);
        await using var content = new ReceivedContent(body, announced, ended, metrics);

        // The body of a repeated request is only held against the first one's.
        if (repeat.Known is { } known)
        {
            Hash32 again = await HashAsync(content, call.Cancellation);
            await submission.RunAsync(
                call, repeat, PrintOf(template, again), NeverEndorsed, _ => known.Receipt, committed: null);
            return;
        }

        // Parents first: a wrong name should not leave content behind that nothing refers to.
        RecordRequest resolved = template with
        {
            Parents = await RecordDrafts.ParentsAsync(call.Session, template.Parents, call.Cancellation),
        };
        StoredContent stored = await stores.Default.AddAsync(
            content, new AddOptions { Name = template.Key }, call.Cancellation);
        RecordRequest request = resolved with
        {
            Hash = stored.Checksum.ToString(),
            ChecksumAlgorithm = "SHA-256",
            Location = stored.Location,
            Pointer = stored.Pointer,
        };
        var receipt = new ContentReceipt(
            "SHA-256", request.Hash, stored.Bytes, stored.Location, stored.Pointer);
        await submission.RunAsync(
            call, repeat, PrintOf(template, stored.Checksum),
            async () => await (await RecordDrafts.ProposeAsync(call.Session, request, call.Cancellation))
                .EndorseAsync(call.Cancellation),
            id => Submission.ReceiptOf(request.Key, id, receipt),
            id => LinkAsync(stored, id));
    }

    private Task PutAsync(Call call)
    {
        var template = new RecordRequest
        {
            Key = call.Key(RecordSelector.Key),
            Hash = "",
            Description = call.Get(s_description),
            Type = call.Has(s_type) ? call.Get(s_type) : null,
            Parents = call.Get(s_parents),
            Strict = call.Get(s_strict),
            ExpectedId = call.Has(s_expected) ? call.Get(s_expected) : null,
        };
        return UploadAsync(call, template, call.Request.Body, call.Request.Headers[s_digest.Name], ended: null);
    }

    private async Task PostAsync(Call call)
    {
        UploadForm.Parts form = await UploadForm.ReadAsync(call, s_fields);
        string? key = Single(form, "key");
        if (string.IsNullOrEmpty(key))
            throw new RequestFault(new Problem(ProblemKind.InvalidBody, "The form has no field key before its file.")
            {
                Subject = "key",
                Next = "Send the field key first, then the file. Nothing was recorded.",
            });

        string strict = Single(form, s_strict.Name) ?? "true";
        if (!s_strict.TryParse(strict, out bool isStrict, out string? fault))
            throw Call.Wrong(s_strict, strict, $"it must be {fault}");

        var template = new RecordRequest
        {
            Key = key,
            Hash = "",
            Description = Single(form, s_description.Name) ?? "",
            Type = Single(form, s_type.Name),
            Parents = form.Fields.GetValueOrDefault(s_parents.Name) ?? [],
            Strict = isStrict,
            ExpectedId = Single(form, s_expected.Name),
        };
        await UploadAsync(call, template, form.File, new StringValues(Single(form, "digest")), form.FileEnded);
    }

    private static string? Single(UploadForm.Parts form, string name)
    {
        if (!form.Fields.TryGetValue(name, out IReadOnlyList<string>? values))
            return null;

        return values.Count == 1
            ? values[0]
            : throw new RequestFault(new Problem(ProblemKind.InvalidBody, $"The field {name} is there more than once.")
            {
                Subject = name,
                Next = "Send it once. Nothing was recorded.",
            });
    }

    private async Task LinkAsync(StoredContent stored, TxId record)
    {
        try
        {
            await stores.Default.LinkAsync(stored.Pointer, record, CancellationToken.None);
        }
        catch (Exception e) when (e is StorageFailedException or StoreUnreachableException)
        {
            // The record is committed; the sweep asks the ledger about content without a note.
        }
    }

    private static Task<Transaction> NeverEndorsed() =>
        throw new InvariantViolatedException("a repeated request sends the transaction of the first one");

    private static Hash32 PrintOf(RecordRequest template, Hash32 content) =>
        Hash32.Of(
            Encoding.ASCII.GetBytes($"content {content}\n"),
            JsonSerializer.SerializeToUtf8Bytes(template, RestJson.Api.RecordRequest));

    private static async Task<Hash32> HashAsync(Stream content, CancellationToken cancellation) =>
        Hash32.Read(await SHA256.HashDataAsync(content, cancellation));
}
