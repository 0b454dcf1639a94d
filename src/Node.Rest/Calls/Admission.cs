using System.Threading.RateLimiting;
using Node.Rest.Identities;
using Node.Rest.Problems;

namespace Node.Rest.Calls;

/// <summary>How many requests an identity may make, and how many may be in progress. Any thread.</summary>
/// <remarks>A full house is said at once, with the time to come again: nothing waits in a queue here.</remarks>
internal sealed class Admission : IDisposable
{
    private readonly PartitionedRateLimiter<IdentityName> _rate;
    private readonly PartitionedRateLimiter<IdentityName> _concurrency;
    private readonly PartitionedRateLimiter<IdentityName> _streams;
    private readonly ConcurrencyLimiter _server;
    private readonly int _requestsPerSecond;

    public Admission(int requestsPerSecond, int concurrentRequests)
    {
        _requestsPerSecond = requestsPerSecond;
        _rate = PartitionedRateLimiter.Create<IdentityName, IdentityName>(caller =>
            RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, requestsPerSecond),
                TokensPerPeriod = Math.Max(1, requestsPerSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromSeconds(requestsPerSecond < 10 ? 1.0 / requestsPerSecond : 0.1),
                QueueLimit = 0,
            }));
        _concurrency = Places(concurrentRequests);
        _streams = Places(RestLimits.EventStreamsMax);
        _server = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = RestLimits.ServerRequestsMax,
            QueueLimit = 0,
        });
    }

    /// <returns>The place, to be given back when the request has ended; or the problem.</returns>
    public (IDisposable? Place, Problem? Problem) Enter(IdentityName caller, bool isEndless)
    {
        using RateLimitLease rate = _rate.AttemptAcquire(caller);
        if (!rate.IsAcquired)
        {
            TimeSpan wait = rate.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after)
                ? after
                : TimeSpan.FromSeconds(1);
            return (null, Full(
                "requests per second", FormattableString.Invariant($"{_requestsPerSecond} per second"), wait));
        }

        RateLimitLease place = (isEndless ? _streams : _concurrency).AttemptAcquire(caller);
        if (!place.IsAcquired)
        {
            place.Dispose();
            return (null, Full(
                isEndless ? "event streams at once" : "requests in progress", "see GET /version",
                TimeSpan.FromSeconds(1)));
        }

        if (isEndless)
            return (place, null);

        RateLimitLease server = _server.AttemptAcquire();
        if (server.IsAcquired)
            return (new Leases(place, server), null);

        place.Dispose();
        server.Dispose();
        return (null, new Problem(ProblemKind.Overloaded, "The server carries out as many requests as it can.")
        {
            Limit = FormattableString.Invariant($"{RestLimits.ServerRequestsMax} requests in progress"),
            RetryAfter = TimeSpan.FromSeconds(1),
            Next = "Send it again later.",
        });
    }

    public void Dispose()
    {
        _rate.Dispose();
        _concurrency.Dispose();
        _streams.Dispose();
        _server.Dispose();
    }

    private static PartitionedRateLimiter<IdentityName> Places(int count) =>
        PartitionedRateLimiter.Create<IdentityName, IdentityName>(caller =>
            RateLimitPartition.GetConcurrencyLimiter(
                caller, _ => new ConcurrencyLimiterOptions { PermitLimit = count, QueueLimit = 0 }));

    private static Problem Full(string what, string limit, TimeSpan wait) =>
        new(ProblemKind.RateLimited, $"This identity has used up its {what}.")
        {
            Limit = limit,
            RetryAfter = wait,
            Next = "Wait as long as Retry-After says, and send it again. Batches need fewer requests.",
        };

    private sealed class Leases(RateLimitLease first, RateLimitLease second) : IDisposable
    {
        public void Dispose()
        {
            second.Dispose();
            first.Dispose();
        }
    }
}
