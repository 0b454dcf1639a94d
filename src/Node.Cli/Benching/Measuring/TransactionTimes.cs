namespace Node.Cli.Benching.Measuring;

/// <summary>
/// What became of one measured transaction. Times in milliseconds of the monotonic clock, each stage from the end of
/// the one before; stages that were left out are 0.
/// </summary>
/// <param name="Start">
/// Since the run began: when it was begun, or in an open loop when it was due, so that a late start counts as waiting.
/// </param>
/// <param name="Wait">From there until it was really begun.</param>
/// <param name="Store">Hashing the content and making it durable off the ledger.</param>
/// <param name="Endorse">Until the endorsements of the policy had come, and the client had signed.</param>
/// <param name="Order">Until an orderer had given it a durable place in the order.</param>
/// <param name="Commit">Until the client's peer had told that it is durable in a block.</param>
/// <param name="Failure">Null for a transaction that is on the ledger as valid.</param>
internal readonly record struct TransactionTimes(
    int Number, double Start, double Wait, double Store, double Endorse, double Order, double Commit, string? Failure)
{
    public double Response => Wait + Store + Endorse + Order + Commit;

    public double End => Start + Response;
}

/// <summary>All transactions of one run, and how long the whole took.</summary>
/// <param name="Milliseconds">From the first start to the last commit.</param>
/// <param name="Shed">Open loop: starts that were due while all places were taken, and so never made.</param>
internal sealed record RunTimes(IReadOnlyList<TransactionTimes> Transactions, double Milliseconds, int Shed)
{
    public int Failures => Transactions.Count(transaction => transaction.Failure is not null);

    public int Committed => Transactions.Count - Failures;

    public double PerMinute => Milliseconds <= 0 ? 0 : Committed / Milliseconds * 60_000;

    public Summary Response => Of(transaction => transaction.Response);

    /// <summary>Of the transactions that were committed.</summary>
    public Summary Of(Func<TransactionTimes, double> stage) =>
        Summary.Of(Transactions.Where(transaction => transaction.Failure is null).Select(stage));

    /// <summary>Several runs of one kind, one after another, as one: times add up.</summary>
    public static RunTimes Join(IReadOnlyList<RunTimes> runs) => new(
        [.. runs.SelectMany(run => run.Transactions)], runs.Sum(run => run.Milliseconds), runs.Sum(run => run.Shed));

    /// <summary>Why transactions failed, each reason with its count.</summary>
    public string FailureText() => string.Join("; ", Transactions
        .Where(transaction => transaction.Failure is not null)
        .GroupBy(transaction => transaction.Failure ?? "", StringComparer.Ordinal)
        .Select(group => $"{group.Count()} x {group.Key}"));
}
