using System.Globalization;

namespace Node.Protocol;

/// <summary>
/// A bounded queue or a set of places is full. Nothing was done; retry after <see cref="RetryAfter"/>.
/// </summary>
public sealed class OverloadedException : NodeException
{
    /// <param name="what">What is full, in the plural: "simulations".</param>
    /// <param name="limit">How many there may be at once.</param>
    public OverloadedException(string what, long limit, TimeSpan retryAfter)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"All {limit} places for {what} are taken. Retry in {retryAfter.TotalMilliseconds:0} ms."),
            inner: null)
    {
        What = what;
        Limit = limit;
        RetryAfter = retryAfter;
    }

    public string What { get; }

    public long Limit { get; }

    public TimeSpan RetryAfter { get; }
}
