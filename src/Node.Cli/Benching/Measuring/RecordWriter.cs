using System.Globalization;
using System.Text;
using Node.Client;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Cli.Benching.Measuring;

/// <summary>What each transaction of a run writes.</summary>
/// <param name="KeyPrefix">The transaction's number follows it.</param>
/// <param name="Content">Stored off the ledger first, with a number of its own; null: the ledger alone.</param>
/// <param name="WritesLedger">False leaves the ledger out, to measure the store alone.</param>
internal sealed record RecordShape(string KeyPrefix, byte[]? Content, bool WritesLedger);

/// <summary>Writes records as one client and times their stages. Any thread, many at once.</summary>
internal sealed class RecordWriter(Contract contract, IContentStore store, TimeProvider clock)
{
    // What the benchmark of 2019 recorded when it stored nothing: a fixed checksum and pointer, no description.
    private const string FixedHash = "eb2227ce2958d6dcc93f00b82c498b75";
    private const string FixedLocation = "file://mnt/hlfshared";
    private const string FixedPointer = "c0f2f9ac997af0bd1db035e4445f50ba6e4ec24b";

    /// <param name="begun">Timestamp of the run's beginning.</param>
    /// <param name="due">Milliseconds since then at which it was to start; null: now.</param>
    public async Task<TransactionTimes> WriteAsync(
        RecordShape shape, int number, long begun, double? due, CancellationToken cancellation)
    {
        double started = Since(begun);
        double stored = started;
        double endorsed = started;
        double ordered = started;
        double committed = started;
        string? failure = null;
        try
        {
            string[] arguments = await ArgumentsAsync(shape, number, cancellation);
            stored = endorsed = ordered = committed = Since(begun);
            if (shape.WritesLedger)
            {
                Transaction transaction =
                    await contract.NewProposal("set", Options(arguments)).EndorseAsync(cancellation);
                endorsed = ordered = committed = Since(begun);
                Commit commit = await transaction.SubmitAsync(cancellation);
                ordered = committed = Since(begun);
                CommitStatus status = await commit.GetStatusAsync(cancellation);
                committed = Since(begun);
                failure = status.IsValid ? null : status.Code.ToString();
            }
        }
        catch (Exception e) when (e is GatewayException or NodeException)
        {
            failure = ReasonOf(e);
        }

        double from = due ?? started;
        return new TransactionTimes(
            number, from, started - from, stored - started, endorsed - stored, ordered - endorsed,
            committed - ordered, failure);
    }

    private static string ReasonOf(Exception fault)
    {
        string line = fault.Message.Split('\n')[0];
        return line.Length > 200 ? line[..200] : line;
    }

    private static ProposalOptions Options(string[] arguments) => new()
    {
        Arguments = [.. arguments.Select(argument => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(argument))],
    };

    private async Task<string[]> ArgumentsAsync(RecordShape shape, int number, CancellationToken cancellation)
    {
        string key = shape.KeyPrefix + number.ToString(CultureInfo.InvariantCulture);
        if (shape.Content is not { } shared)
            return [key, FixedHash, FixedLocation, FixedPointer, "", ""];

        await using var content = new NumberedContent(shared, number);
        StoredContent stored = await store.AddAsync(content, AddOptions.None, cancellation);
        return [key, stored.Checksum.ToString(), stored.Location, stored.Pointer, "", ""];
    }

    private double Since(long begun) => clock.GetElapsedTime(begun).TotalMilliseconds;
}
