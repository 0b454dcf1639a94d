using Microsoft.Extensions.Logging;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Contents;
using Node.Rest.Describing;
using Node.Rest.Following;
using Node.Rest.Identities;
using Node.Rest.Ledgers;
using Node.Rest.Legacy;
using Node.Rest.Lineages;
using Node.Rest.Observing;
using Node.Rest.Proving;
using Node.Rest.Records;
using Node.Rest.Repeating;

namespace Node.Rest.Hosting;

/// <summary>Everything of a running server that is not the web framework's. Owned by <see cref="RestHost"/>.</summary>
internal sealed class RestServer : IDisposable
{
    private readonly RepeatJournal _journal;
    private readonly CallerSessions _sessions;
    private readonly Authentication _authentication;
    private readonly Admission _admission;

    private RestServer(
        RestOptions options, NetworkTopology topology, RestChannel channel, RepeatJournal journal, ILogger log,
        CancellationToken stopping)
    {
        _journal = journal;
        Log = log;
        var users = new UserFolders(options.NetworkFolder, topology, options.Clock);
        var keys = new ApiKeyRing(new ApiKeyFile(options.NetworkFolder, options.Clock), options.Clock);
        var metrics = new RestMetrics(options.Clock);
        _sessions = new CallerSessions(options.NetworkFolder, channel, users, options.Stores, options.Clock);
        _authentication = new Authentication(keys, users);
        _admission = new Admission(options.RequestsPerSecond, options.ConcurrentRequests);
        Pipeline = new Pipeline(_authentication, _admission, _sessions, metrics, log, options.UploadBytesMax);

        var pending = new PendingTransactions();
        var submission = new Submission(journal, pending, options.Clock);
        var uploads = new ContentUploads(submission, options.Stores, metrics);
        var downloads = new ContentDownloads(metrics);
        var state = new ServerState(
            channel, LimitsOf(options), metrics, () => _sessions.Get(options.Own), stopping);
        Operations =
        [
            .. RecordReading.Operations(),
            .. new RecordWriting(submission).Operations(),
            .. uploads.Operations(),
            .. downloads.Operations(),
            .. RecordVerifying.Operations(),
            .. new LineageReading(channel).Operations(),
            .. OpenLineageIntake.Operations(),
            .. new ReceiptReading(channel).Operations(),
            .. new LedgerReading(channel, pending).Operations(),
            .. new RecordEvents(options.Clock, stopping).Operations(),
            .. state.Operations(),
            .. new LegacyPaths(uploads, downloads).Operations(),
        ];
        Document = OpenApiDocument.Build(Operations);
    }

    public ILogger Log { get; }

    public Pipeline Pipeline { get; }

    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>The OpenAPI document.</summary>
    public byte[] Document { get; }

    /// <exception cref="ArgumentException">The channel cannot be used.</exception>
    /// <exception cref="StorageFailedException">The server's own folder cannot be used.</exception>
    public static RestServer Open(
        RestOptions options, NetworkTopology topology, ILoggerFactory loggers, CancellationToken stopping)
    {
        RestChannel channel = RestChannel.Open(options.NetworkFolder, options.Channel, options.Contract);
        return new RestServer(
            options, topology, channel, RepeatJournal.Open(options.NetworkFolder, options.Clock),
            loggers.CreateLogger("Hyperprov.Rest"), stopping);
    }

    public void Dispose()
    {
        _sessions.Dispose();
        _authentication.Dispose();
        _admission.Dispose();
        _journal.Dispose();
    }

    private static LimitsView LimitsOf(RestOptions options) => new(
        options.UploadBytesMax, RestLimits.JsonBytesMax, RestLimits.BatchRecordsMax, RestLimits.PageRecordsMax,
        options.RequestsPerSecond, options.ConcurrentRequests, RestLimits.EventStreamsMax);
}
