using System.Globalization;
using System.Text.Json;

namespace Node.Client.Recording;

// Questions about derivation, and about whose records are whose.
public sealed partial class ProvenanceClient
{
    private const string AllLevels = "-1";
    private const string AllNodes = "";
    private const string CompactForm = "compact";

    /// <summary>What a record was derived from, or what was derived from it.</summary>
    /// <inheritdoc cref="LineageAsync(string, LineageDirection, int, ulong?, CancellationToken)"/>
    public Task<Lineage> LineageAsync(
        string keyOrTransaction, LineageDirection direction, int depth, CancellationToken cancellation) =>
        LineageAsync(keyOrTransaction, direction, depth, asOf: null, cancellation);

    /// <summary>As it was at a height of the chain.</summary>
    /// <param name="keyOrTransaction">A key means the newest record that it had then.</param>
    /// <param name="depth">Levels beyond the root; negative: all, as far as the contract's limits go.</param>
    /// <param name="asOf">
    /// Count of blocks: what lies in block <c>asOf</c> or later is not there. Null, or more than there are: all.
    /// </param>
    /// <exception cref="RecordNotFoundException">There is no such record.</exception>
    public async Task<Lineage> LineageAsync(
        string keyOrTransaction, LineageDirection direction, int depth, ulong? asOf, CancellationToken cancellation)
    {
        string[] arguments =
        [
            keyOrTransaction,
            direction == LineageDirection.Up ? "up" : "down",
            depth.ToString(CultureInfo.InvariantCulture),
            AllNodes,
            HeightText(asOf),
            CompactForm,
        ];
        return await AskForLineageAsync("getlineage", arguments, direction, keyOrTransaction, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>All that was derived from any of several records: what is tainted when they are bad.</summary>
    /// <param name="keysOrRecords">At most 1,000 keys (their newest records) and record ids.</param>
    /// <inheritdoc cref="LineageAsync(string, LineageDirection, int, ulong?, CancellationToken)"/>
    public Task<Lineage> ImpactAsync(
        IReadOnlyList<string> keysOrRecords, ulong? asOf, CancellationToken cancellation) =>
        ImpactAsync(
            JsonSerializer.Serialize(keysOrRecords, ArgumentJson.Default.IReadOnlyListString),
            string.Join(", ", keysOrRecords), asOf, cancellation);

    /// <summary>All that somebody recorded, and all that was derived from it.</summary>
    /// <inheritdoc cref="LineageAsync(string, LineageDirection, int, ulong?, CancellationToken)"/>
    public Task<Lineage> ImpactAsync(Writer writer, ulong? asOf, CancellationToken cancellation) =>
        ImpactAsync(
            JsonSerializer.Serialize(
                new WriterJson { MspId = writer.MspId, Writer = writer.Who, Since = SinceText(writer) },
                ArgumentJson.Default.WriterJson),
            writer.Who, asOf, cancellation);

    /// <summary>What somebody recorded, certificate by certificate, each in the order of time.</summary>
    public IAsyncEnumerable<ProvenanceRecord> WrittenByAsync(Writer writer, CancellationToken cancellation) =>
        PagesAsync(
            bookmark =>
                ("getbywriter", [writer.MspId, writer.Who, PageSize(PageRecords), bookmark, SinceText(writer)]),
            cancellation);

    /// <summary>One page of <see cref="WrittenByAsync"/>.</summary>
    /// <param name="bookmark">Empty for the first page, else what the page before returned.</param>
    /// <returns>The bookmark is empty on the last page.</returns>
    public async Task<(IReadOnlyList<ProvenanceRecord> Records, string Bookmark)> WrittenByPageAsync(
        Writer writer, int pageSize, string bookmark, CancellationToken cancellation)
    {
        PageJson page = await AskAsync(
            "getbywriter", [writer.MspId, writer.Who, PageSize(pageSize), bookmark, SinceText(writer)],
            AnswerJson.Default.PageJson, cancellation).ConfigureAwait(false);
        return ([.. page.Records.Select(record => record.ToRecord())], page.Bookmark);
    }

    /// <summary>How one record came of another: the shortest derivation between them.</summary>
    /// <param name="descendant">A key or a record's id: where the path begins.</param>
    /// <param name="ancestor">A key or a record's id: where it ends.</param>
    /// <exception cref="RecordNotFoundException">One of them is not recorded.</exception>
    public async Task<DerivationPath> PathAsync(
        string descendant, string ancestor, ulong? asOf, CancellationToken cancellation)
    {
        Lineage end = await LineageAsync(ancestor, LineageDirection.Up, depth: 0, asOf, cancellation)
            .ConfigureAwait(false);
        Lineage lineage = await LineageAsync(descendant, LineageDirection.Up, depth: -1, asOf, cancellation)
            .ConfigureAwait(false);
        IReadOnlyList<ProvenanceRecord> path = lineage.PathTo(end.Root);
        return new DerivationPath(path, IsTruncated: path.Count == 0 && lineage.IsTruncated);
    }

    /// <summary>The record that a key had as its n-th.</summary>
    /// <param name="number">1 is the oldest one; -1 the newest, -2 the one before it.</param>
    /// <exception cref="RecordNotFoundException">The key has fewer records.</exception>
    public async Task<ProvenanceRecord> GetVersionAsync(string key, int number, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(number);
        int left = Math.Abs(number);
        await foreach (ProvenanceRecord record in HistoryAsync(key, newestFirst: number < 0, cancellation)
            .ConfigureAwait(false))
        {
            if (--left == 0)
                return record;
        }

        throw new RecordNotFoundException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"key \"{key}\" has {Math.Abs(number) - left} records, no version {number}"), key, inner: null);
    }

    private Task<Lineage> ImpactAsync(string roots, string asked, ulong? asOf, CancellationToken cancellation) =>
        AskForLineageAsync(
            "getimpact", [roots, AllLevels, AllNodes, HeightText(asOf), CompactForm], LineageDirection.Down, asked,
            cancellation);

    private async Task<Lineage> AskForLineageAsync(
        string function, string[] arguments, LineageDirection direction, string asked, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> answer =
                await contract.EvaluateAsync(function, arguments, cancellation).ConfigureAwait(false);
            return LineageReader.Read(answer.Span, direction);
        }
        catch (GatewayException e) when (e.ContractStatus == StatusNotFound)
        {
            throw new RecordNotFoundException($"no record of \"{asked}\"", asked, e);
        }
        catch (JsonException e)
        {
            throw NotItsJson(function, e);
        }
    }

    private static string HeightText(ulong? asOf) => asOf?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string SinceText(Writer writer) =>
        writer.Since?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) ?? "";
}
