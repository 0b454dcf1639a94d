using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>How a spool is forwarded.</summary>
public sealed record ForwardOptions
{
    /// <summary>Keep on when everything is there: wait for more. Failures of the network are then waited out.</summary>
    public bool Follow { get; init; }

    /// <summary>Attempts in a row without progress before it gives up, unless it follows.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Entries in one transaction; at most <see cref="Limits.JournalBatchEntriesMax"/>.</summary>
    public int BatchEntries { get; init; } = Limits.JournalBatchEntriesMax;

    /// <summary>
    /// Stores that may take the spool's content, each piece before its record. Null: content stays on the device.
    /// </summary>
    public ContentStores? Stores { get; init; }

    /// <summary>Told after each transaction, and before each wait. Null: nobody.</summary>
    public IProgress<ForwardProgress>? Progress { get; init; }
}

/// <param name="OnLedger">The last entry that the ledger has; null before it was asked, or when it has none.</param>
/// <param name="Sequence">The last entry of the spool.</param>
/// <param name="Waiting">Why it waits, in words; null when it does not.</param>
public sealed record ForwardProgress(ulong? OnLedger, ulong Sequence, string? Waiting);

/// <summary>Brings a spool's journal to the ledger: in order, each entry once, whatever dies meanwhile.</summary>
/// <remarks>
/// It keeps no state that matters: the ledger says how far it has the journal, and takes nothing twice. So it may be
/// killed at any instant, and two of them only get in each other's way. One run at a time per object.
/// </remarks>
public sealed class JournalForwarder(Contract contract, string spoolFolder, TimeProvider clock)
{
    private const int StatusNotFound = 404;
    private const int StatusConflict = 409;
    private const int StatusTooLarge = 413;
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_delayMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);

    private readonly SpoolLayout _layout = new(spoolFolder);
    private int _attempts;   // Invariant: failures in a row since a transaction was committed.

    /// <summary>Returns when the ledger has everything that the device vouched for; never when it follows.</summary>
    /// <returns>The number of the last entry on the ledger.</returns>
    /// <exception cref="SpoolException">
    /// The journal was altered, or the ledger has more of it than this device.
    /// </exception>
    /// <exception cref="GatewayException">The contract refused an entry; the message names it.</exception>
    /// <exception cref="PeerUnreachableException">Nobody answered, as often as was asked for.</exception>
    public async Task<ulong> RunAsync(ForwardOptions options, CancellationToken cancellation)
    {
        FinishWhatACrashLeft();
        _attempts = 0;
        ulong? onLedger = null;
        while (true)
        {
            try
            {
                bool isComplete;
                (onLedger, isComplete) = await StepAsync(onLedger, options, cancellation).ConfigureAwait(false);
                if (isComplete && !options.Follow)
                    return onLedger ?? 0;
                if (isComplete)
                    await Task.Delay(s_lookAgain, clock, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (IsPassing(e) && (options.Follow || _attempts + 1 < options.AttemptsMax))
            {
                _attempts++;
                onLedger = null;   // Ask the ledger again: what became of the batch is not known.
                await WaitAsync(e.Message, options, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The last entry that the ledger has of this journal; null when it has none.</summary>
    /// <exception cref="SpoolException">It is not an entry of this journal: the two went apart.</exception>
    public async Task<ulong?> FindOnLedgerAsync(CancellationToken cancellation)
    {
        var reading = new JournalReading(_layout);
        SpoolTip tip = reading.ReadTip();
        JournalHeadJson? head = await AskAsync(tip.Journal, cancellation).ConfigureAwait(false);
        if (head is null)
            return null;

        if (head.Sequence > tip.Sequence)
            throw new SpoolException(
                SpoolFaultKind.Altered,
                FormattableString.Invariant(
                    $"The ledger has {head.Sequence} entries of this journal, the spool ends at {tip.Sequence}: ")
                + "it was put back to an earlier state. Keep it for inspection and make a new spool.");
        if (reading.ReadOne(head.Sequence, tip).Entry.Hash.ToString() != head.Hash)
            throw new SpoolException(
                SpoolFaultKind.Altered,
                FormattableString.Invariant(
                    $"Entry {head.Sequence} on the ledger is not the one in this spool: a copy of it went on alone. ")
                + "Keep it for inspection and make a new spool.");

        SpoolStatus.WriteForwarded(_layout, head.Sequence);
        return head.Sequence;
    }

    private async Task<(ulong? OnLedger, bool IsComplete)> StepAsync(
        ulong? onLedger, ForwardOptions options, CancellationToken cancellation)
    {
        onLedger ??= await FindOnLedgerAsync(cancellation).ConfigureAwait(false);
        var reading = new JournalReading(_layout);
        SpoolTip tip = reading.ReadTip();
        ulong next = onLedger + 1 ?? 0;
        if (next > tip.Sequence)
            return (onLedger, true);

        foreach (List<SignedJournalEntry> batch in Batches(reading.ReadFrom(next, tip), options.BatchEntries))
        {
            await UploadAsync(batch, options, cancellation).ConfigureAwait(false);
            await SendAsync(batch, cancellation).ConfigureAwait(false);
            onLedger = batch[^1].Entry.Sequence;
            _attempts = 0;
            SpoolStatus.WriteForwarded(_layout, onLedger.Value);
            options.Progress?.Report(new ForwardProgress(onLedger, tip.Sequence, Waiting: null));
        }

        return (onLedger, false);
    }

    // First the store, then the ledger: a record never names content that was not there.
    private async Task UploadAsync(
        List<SignedJournalEntry> batch, ForwardOptions options, CancellationToken cancellation)
    {
        if (options.Stores is null)
            return;

        var content = SpoolContent.Open(_layout.Folder);
        await using (content.ConfigureAwait(false))
            await content.UploadAsync(batch, options.Stores, cancellation).ConfigureAwait(false);
    }

    private async Task SendAsync(List<SignedJournalEntry> batch, CancellationToken cancellation)
    {
        try
        {
            await SubmitAsync(batch, cancellation).ConfigureAwait(false);
        }
        catch (GatewayException e) when (e.ContractStatus == StatusTooLarge && batch.Count > 1)
        {
            // What a batch writes is more than what it sends, by how much only the contract knows.
            int half = batch.Count / 2;
            await SendAsync(batch[..half], cancellation).ConfigureAwait(false);
            await SendAsync(batch[half..], cancellation).ConfigureAwait(false);
        }
    }

    private async Task SubmitAsync(List<SignedJournalEntry> batch, CancellationToken cancellation)
    {
        SubmittedTransaction submitted = await contract.StartSubmitAsync(
            "appendjournal",
            new ProposalOptions { Arguments = [JournalBatch.Encode(batch)] },
            cancellation).ConfigureAwait(false);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation).ConfigureAwait(false);
        status.RequireValid();
    }

    /// <summary>As many entries as one transaction takes, one at least.</summary>
    private static IEnumerable<List<SignedJournalEntry>> Batches(
        IEnumerable<SignedJournalEntry> entries, int entriesMax)
    {
        List<SignedJournalEntry> batch = [];
        int bytes = 1;
        foreach (SignedJournalEntry entry in entries)
        {
            if (batch.Count == entriesMax || bytes + entry.BatchBytes > Limits.JournalBatchBytesMax)
            {
                yield return batch;
                batch = [];
                bytes = 1;
            }

            batch.Add(entry);
            bytes += entry.BatchBytes;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    private async Task<JournalHeadJson?> AskAsync(Hash32 journal, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> answer = await contract.EvaluateAsync(
                "getjournal", [journal.ToString()], cancellation).ConfigureAwait(false);
            return JsonSerializer.Deserialize(answer.Span, JournalJson.Default.JournalHeadJson);
        }
        catch (GatewayException e) when (e.ContractStatus == StatusNotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// What may be gone the next time: an unreachable or busy node, or another forwarder at the same time.
    /// </summary>
    private static bool IsPassing(Exception fault) => fault switch
    {
        PeerUnreachableException or OverloadedException or SubmitException or CommitStatusException
            or StoreUnreachableException => true,
        CommitException invalid => invalid.Code == Protocol.Wire.Peer.TxValidationCode.MvccReadConflict,
        GatewayException { ContractStatus: { } status } => status == StatusConflict,
        GatewayException refused => refused.Status
            is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Aborted
            or StatusCode.ResourceExhausted or StatusCode.Unknown,
        _ => false,
    };

    private async Task WaitAsync(string reason, ForwardOptions options, CancellationToken cancellation)
    {
        TimeSpan delay = s_firstDelay * (1L << int.Min(_attempts - 1, 10));
        delay = delay < s_delayMax ? delay : s_delayMax;
        SpoolTip tip = new JournalReading(_layout).ReadTip();
        string waiting = FormattableString.Invariant($"{reason} Trying again in {delay.TotalSeconds} s.");
        options.Progress?.Report(new ForwardProgress(OnLedger: null, tip.Sequence, waiting));
        await Task.Delay(delay, clock, cancellation).ConfigureAwait(false);
    }

    /// <summary>Where nobody adds just now, what is on disk behind an old tip is vouched for first.</summary>
    private void FinishWhatACrashLeft()
    {
        try
        {
            using Spool spool = Spool.Open(_layout.Folder, clock);
        }
        catch (SpoolException e) when (e.Kind is SpoolFaultKind.Busy or SpoolFaultKind.NoIdentity)
        {
            // Whoever adds keeps the tip; and without the key, what the tip covers can still be forwarded.
        }
    }
}

/// <summary>The answer of getjournal, as far as it is needed here.</summary>
internal sealed class JournalHeadJson
{
    public ulong Sequence { get; set; }

    public string Hash { get; set; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JournalHeadJson))]
internal sealed partial class JournalJson : JsonSerializerContext;
