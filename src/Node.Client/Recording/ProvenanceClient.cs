using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>Records files on the ledger and gets them back verified. Any thread.</summary>
/// <remarks>
/// Bytes go to the store, their checksum and place to the ledger: first the store, durably, then the ledger, so that a
/// record never names content that was not there. Functions and answers: docs/provenance-contract.md.
/// </remarks>
public sealed partial class ProvenanceClient(Contract contract, ContentStores stores)
{
    private const int StatusNotFound = 404;
    private const int PageRecords = 500;

    /// <param name="store">For new content, and the only one that records may name.</param>
    public ProvenanceClient(Contract contract, IContentStore store)
        : this(contract, new ContentStores(store))
    {
    }

    public ContentStores Stores => stores;

    /// <summary>For content that is encrypted. Owned by the caller.</summary>
    public IReadOnlyList<ReadingKey> Keys { get; init; } = [];

    /// <summary>Stores the content and records it under a key. Committed when it returns.</summary>
    /// <exception cref="RecordNotFoundException">A parent is not recorded.</exception>
    /// <exception cref="StorageFailedException">The store cannot be written; nothing was recorded.</exception>
    /// <exception cref="GatewayException">Refused: see its subclasses for what is known of the transaction.</exception>
    /// <exception cref="CommitException">It is on the ledger as invalid.</exception>
    public async Task<PutResult> PutAsync(
        string key, Stream content, PutOptions options, CancellationToken cancellation)
    {
        // Parents first: a wrong name should not leave content behind that nothing refers to.
        TxId[] parents = await ResolveAsync(options.DependsOn, cancellation).ConfigureAwait(false);
        AddOptions adding = options.Adding with { Name = options.Adding.Name ?? key };
        StoredContent stored = await StoreAsync(content, adding, options.EncryptFor, cancellation)
            .ConfigureAwait(false);
        string[] arguments =
        [
            key,
            stored.Checksum.ToString(),
            stored.Location,
            stored.Pointer,
            options.Description,
            string.Join(':', parents),
            OptionsText(options, parents.Length),
        ];
        CommitStatus status = await RecordAsync(arguments, cancellation).ConfigureAwait(false);
        await LinkAsync(stored.Pointer, status.TransactionId, cancellation).ConfigureAwait(false);
        return new PutResult(
            key, status.TransactionId, status.BlockNumber, stored.Checksum, stored.Bytes, stored.Place, parents);
    }

    /// <summary>Records what a draft says; no store is asked. Committed when it returns.</summary>
    /// <exception cref="GatewayException">Refused: see its subclasses for what is known of the transaction.</exception>
    /// <exception cref="CommitException">It is on the ledger as invalid.</exception>
    public Task<Recorded> RecordAsync(RecordDraft draft, CancellationToken cancellation) =>
        new RecordSubmission(contract).RecordAsync(draft, cancellation);

    /// <summary>Records a list of drafts, many in one transaction, in the order of the list.</summary>
    /// <remarks>
    /// Each transaction holds all of its drafts or none. It ends at 500 drafts, at 1 MiB, and before a key that it
    /// writes already.
    /// </remarks>
    /// <exception cref="PartlyRecordedException">It failed after some transactions were committed.</exception>
    /// <inheritdoc cref="RecordAsync(RecordDraft, CancellationToken)"/>
    public Task<IReadOnlyList<Recorded>> RecordBatchAsync(
        IReadOnlyList<RecordDraft> drafts, CancellationToken cancellation) =>
        new RecordSubmission(contract).RecordBatchAsync(drafts, cancellation);

    /// <summary>What <see cref="RecordAsync(RecordDraft, CancellationToken)"/> sends, for a caller who endorses and
    /// submits it.</summary>
    /// <exception cref="ArgumentException">A text is no Unicode.</exception>
    public Proposal Propose(RecordDraft draft) =>
        contract.NewProposal("set", new ProposalOptions { Arguments = DraftJson.SetArguments(draft) });

    /// <summary>One transaction that records all of the drafts or none; drafts may name earlier ones as #0, #1, ….
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There are none, they do not fit into one transaction, two have one key, or a text or reference is wrong.
    /// </exception>
    public Proposal ProposeBatch(IReadOnlyList<RecordDraft> drafts)
    {
        (ReadOnlyMemory<byte> argument, int count) = new BatchPlan(drafts).TakeNext();
        if (count == 0 || count < drafts.Count)
            throw new ArgumentException(
                $"{count} of {drafts.Count} drafts fit into one transaction: it holds at most {BatchPlan.EntriesMax} "
                + $"drafts and {BatchPlan.BytesMax} bytes, at least one draft, and no key twice.", nameof(drafts));

        return contract.NewProposal("setbatch", new ProposalOptions { Arguments = [argument] });
    }

    /// <summary>The transaction that committed a record: what a receipt, or <c>tx</c>, is asked for.</summary>
    /// <param name="keyOrRecord">
    /// A key (its newest record), a record's id, or a transaction's: an id that names no record is returned as it is.
    /// </param>
    /// <exception cref="RecordNotFoundException">Nothing was ever recorded under this key.</exception>
    public async Task<TxId> FindTransactionAsync(string keyOrRecord, CancellationToken cancellation)
    {
        if (!TxId.TryParse(keyOrRecord, out TxId id, out _))
            return (await FindAsync(keyOrRecord, cancellation).ConfigureAwait(false)).CommittedBy;

        try
        {
            return (await FindByTransactionAsync(id, cancellation).ConfigureAwait(false)).CommittedBy;
        }
        catch (RecordNotFoundException)
        {
            return id;
        }
    }

    /// <summary>The newest record of a key.</summary>
    /// <exception cref="RecordNotFoundException">Nothing was ever recorded under it.</exception>
    public Task<ProvenanceRecord> FindAsync(string key, CancellationToken cancellation) =>
        AskForRecordAsync("get", key, $"no record of key \"{key}\"", cancellation);

    /// <summary>The record of this id: what a transaction recorded, or one entry of a batch.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public Task<ProvenanceRecord> FindByTransactionAsync(TxId id, CancellationToken cancellation) =>
        AskForRecordAsync("getfromid", id.Value, $"no record by transaction {id}", cancellation);

    /// <summary>Opens a record's content so that its last piece comes only after the whole has been verified.</summary>
    /// <exception cref="ContentMismatchException">
    /// Missing or altered; the latter may show only while reading.
    /// </exception>
    /// <exception cref="LocationRefusedException">No store of this client covers the record's location.</exception>
    /// <exception cref="ContentEncryptedException">
    /// It is encrypted, and none of <see cref="Keys"/> opens it.
    /// </exception>
    public async Task<Stream> OpenAsync(ProvenanceRecord record, CancellationToken cancellation)
    {
        Stream stored = await OpenStoredAsync(record, cancellation).ConfigureAwait(false);
        if (!record.Pointer.EndsWith(ContentAddress.EncryptedSuffix, StringComparison.Ordinal))
            return stored;

        try
        {
            return await DecryptingStream
                .OpenAsync(stored, StorePlace.Of(record.Location, record.Pointer), Keys, cancellation)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (
            e is ContentEncryptedException or ContentMismatchException or StoreUnreachableException or IOException)
        {
            await stored.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The stored bytes, verified and, if they are encrypted, left so.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public Task<Stream> OpenStoredAsync(ProvenanceRecord record, CancellationToken cancellation) =>
        stores.OpenAsync(record.Location, record.Pointer, ChecksumOf(record), cancellation);

    /// <summary>Writes a record's content to a file, which comes into being only once verified in full.</summary>
    /// <exception cref="ContentMismatchException">Missing or altered: there is no new file.</exception>
    /// <exception cref="StorageFailedException">The file cannot be written.</exception>
    public async Task GetAsync(ProvenanceRecord record, string path, CancellationToken cancellation)
    {
        Stream content = await OpenAsync(record, cancellation).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
            await DurableFile.CreateAsync(path, content, cancellation).ConfigureAwait(false);
    }

    /// <summary>All records a key ever had.</summary>
    public IAsyncEnumerable<ProvenanceRecord> HistoryAsync(
        string key, bool newestFirst, CancellationToken cancellation) =>
        PagesAsync(
            bookmark => ("getkeyhistory", [key, PageSize(PageRecords), bookmark, newestFirst ? "true" : "false"]),
            cancellation);

    /// <summary>One page of <see cref="HistoryAsync"/>; empty for a key that was never written.</summary>
    /// <param name="bookmark">Empty for the first page, else what the page before returned.</param>
    /// <returns>The bookmark is empty on the last page.</returns>
    public async Task<(IReadOnlyList<ProvenanceRecord> Records, string Bookmark)> HistoryPageAsync(
        string key, bool newestFirst, int pageSize, string bookmark, CancellationToken cancellation)
    {
        PageJson page = await AskAsync(
            "getkeyhistory", [key, PageSize(pageSize), bookmark, newestFirst ? "true" : "false"],
            AnswerJson.Default.PageJson, cancellation).ConfigureAwait(false);
        return ([.. page.Records.Select(record => record.ToRecord())], page.Bookmark);
    }

    /// <summary>The newest records of a range of keys, in the order of their UTF-8 bytes.</summary>
    /// <param name="start">Inclusive; empty from the first.</param>
    /// <param name="end">Exclusive; empty to the last.</param>
    public IAsyncEnumerable<ProvenanceRecord> RangeAsync(string start, string end, CancellationToken cancellation) =>
        PagesAsync(bookmark => ("getbyrange", [start, end, PageSize(PageRecords), bookmark]), cancellation);

    /// <summary>One page of <see cref="RangeAsync"/>.</summary>
    /// <param name="bookmark">Empty for the first page, else what the page before returned.</param>
    /// <returns>The bookmark is empty on the last page.</returns>
    public async Task<(IReadOnlyList<ProvenanceRecord> Records, string Bookmark)> RangePageAsync(
        string start, string end, int pageSize, string bookmark, CancellationToken cancellation)
    {
        PageJson page = await AskAsync(
            "getbyrange", [start, end, PageSize(pageSize), bookmark], AnswerJson.Default.PageJson, cancellation)
            .ConfigureAwait(false);
        return ([.. page.Records.Select(record => record.ToRecord())], page.Bookmark);
    }

    /// <summary>Holds records against the stored bytes, and their ancestors too.</summary>
    public RecordVerification NewVerification() => new(this);

    /// <summary>Stores content in the default store, encrypted when there are recipients.</summary>
    internal async Task<StoredContent> StoreAsync(
        Stream content, AddOptions adding, IReadOnlyList<RecipientKey> recipients, CancellationToken cancellation)
    {
        if (recipients.Count == 0)
            return await stores.Default.AddAsync(content, adding, cancellation).ConfigureAwait(false);

        var encrypted = new EncryptingStream(content, recipients);
        await using (encrypted.ConfigureAwait(false))
            return await stores.Default.AddAsync(
                encrypted, adding with { Suffix = ContentAddress.EncryptedSuffix }, cancellation).ConfigureAwait(false);
    }

    // The record is committed: what it rests on is durable, and the note beside it can be made again.
    internal async Task LinkAsync(string pointer, TxId record, CancellationToken cancellation)
    {
        try
        {
            await stores.Default.LinkAsync(pointer, record, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageFailedException or StoreUnreachableException)
        {
            // The sweep asks the ledger about objects without a note.
        }
    }

    private static Checksum ChecksumOf(ProvenanceRecord record) =>
        record.Checksum ?? throw new NotSupportedException(
            $"The record of key \"{record.Key}\" carries a checksum that this program cannot compute " +
            $"({record.ChecksumAlgorithm}): its content cannot be verified.");

    internal async Task<TxId[]> ResolveAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        const string KeyPrefix = "key:";
        var parents = new TxId[names.Count];
        for (int index = 0; index < parents.Length; index++)
        {
            string name = names[index];
            if (TxId.TryParse(name, out parents[index], out _))
                continue;

            string key = name.StartsWith(KeyPrefix, StringComparison.Ordinal) ? name[KeyPrefix.Length..] : name;
            parents[index] = (await FindAsync(key, cancellation).ConfigureAwait(false)).TransactionId;
        }

        return [.. parents.Distinct()];
    }

    private async Task<CommitStatus> RecordAsync(string[] arguments, CancellationToken cancellation)
    {
        SubmittedTransaction submitted = await contract.StartSubmitAsync(
            "set",
            new ProposalOptions { Arguments = Array.ConvertAll(arguments, Encode) },
            cancellation).ConfigureAwait(false);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation).ConfigureAwait(false);
        status.RequireValid();
        return status;
    }

    private async Task<ProvenanceRecord> AskForRecordAsync(
        string function, string argument, string notFound, CancellationToken cancellation)
    {
        try
        {
            RecordJson answer = await AskAsync(function, [argument], AnswerJson.Default.RecordJson, cancellation)
                .ConfigureAwait(false);
            return answer.ToRecord();
        }
        catch (GatewayException e) when (e.ContractStatus == StatusNotFound)
        {
            throw new RecordNotFoundException(notFound, argument, e);
        }
    }

    private async IAsyncEnumerable<ProvenanceRecord> PagesAsync(
        Func<string, (string Function, string[] Arguments)> call,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        string bookmark = "";
        do
        {
            (string function, string[] arguments) = call(bookmark);
            PageJson page = await AskAsync(function, arguments, AnswerJson.Default.PageJson, cancellation)
                .ConfigureAwait(false);
            foreach (RecordJson record in page.Records)
                yield return record.ToRecord();

            bookmark = page.Bookmark;
        }
        while (bookmark.Length > 0);
    }

    private async Task<T> AskAsync<T>(
        string function, string[] arguments, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> answer =
            await contract.EvaluateAsync(function, arguments, cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(answer.Span, type)
                ?? throw new GatewayException(
                    $"The contract {contract.Name} answered {function} with null.", default, null);
        }
        catch (JsonException e)
        {
            throw NotItsJson(function, e);
        }
    }

    private GatewayException NotItsJson(string function, JsonException e) => new(
        $"The contract {contract.Name} answered {function} with something that is not its JSON " +
        $"({e.Message}). Check that the channel's contract is the provenance contract.", default, null);

    internal static string OptionsText(PutOptions options, int parents) =>
        JsonSerializer.Serialize(
            new SetOptionsJson
            {
                Type = options.Type,
                ChecksumAlgorithm = "SHA-256",
                Strict = options.Strict && parents > 0,
                ExpectedTxid = options.ExpectedTransactionId,
            },
            ArgumentJson.Default.SetOptionsJson);

    private static ReadOnlyMemory<byte> Encode(string text) => Encoding.UTF8.GetBytes(text);

    private static string PageSize(int records) => records.ToString(CultureInfo.InvariantCulture);
}
