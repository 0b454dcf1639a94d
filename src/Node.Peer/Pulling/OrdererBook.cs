using System.Security.Cryptography;
using Node.Membership;

namespace Node.Peer.Pulling;

/// <summary>Remembers how each orderer of a channel behaved, and says which one to pull from next.</summary>
/// <remarks>
/// <para>
/// Who failed is left alone for a while that doubles with each failure of the same kind; who lied, for long. While
/// an orderer that has not lied is known, a liar is not asked before its time is over. Lies are not forgotten until
/// the peer restarts.
/// </para>
/// <para>Any thread. At most <see cref="OrderersMax"/> are remembered; the channel's configuration names them.</para>
/// </remarks>
internal sealed class OrdererBook(TimeProvider clock)
{
    /// <summary>Most orderers of one channel that are remembered.</summary>
    public const int OrderersMax = 256;

    /// <summary>Longest wait for a liar when the channel has nobody else.</summary>
    public static readonly TimeSpan OnlyLiarsWait = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for one that kept a block back, when no better one is there.</summary>
    public static readonly TimeSpan OnlySlowWait = TimeSpan.FromMilliseconds(100);

    // The first and the longest time to be left alone, by fault.
    private static readonly (TimeSpan First, TimeSpan Longest)[] s_spans =
    [
        (TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1)),
        (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)),
        (TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)),
        (TimeSpan.FromMinutes(10), TimeSpan.FromHours(24)),
    ];

    private readonly Lock _lock = new();   // Protects everything below.
    private readonly Dictionary<string, Standing> _standings = new(StringComparer.Ordinal);
    private uint _turn = (uint)RandomNumberGenerator.GetInt32(1 << 16);   // Peers spread over the orderers.

    // Since whenever the clock began to count: setting the machine's time does not move it.
    private TimeSpan Now => clock.GetElapsedTime(startingTimestamp: 0);

    /// <summary>Orderers that are left alone because they lied.</summary>
    public int ShunnedCount
    {
        get
        {
            TimeSpan now = Now;
            lock (_lock)
                return _standings.Values.Count(standing => standing.IsShunned(now));
        }
    }

    /// <summary>The orderer to pull from next, and how long to wait before it is dialled.</summary>
    /// <param name="known">Not empty.</param>
    public (OrdererEndpoint Endpoint, TimeSpan Wait) Choose(IReadOnlyList<OrdererEndpoint> known)
    {
        TimeSpan now = Now;
        lock (_lock)
        {
            OrdererEndpoint? best = null;
            (bool IsLiar, TimeSpan Due) bestRank = default;
            for (int index = 0; index < known.Count; index++)
            {
                OrdererEndpoint endpoint = known[(int)((_turn + (uint)index) % (uint)known.Count)];
                Standing? standing = _standings.GetValueOrDefault(endpoint.ToString());
                if (standing is null || standing.Until <= now)
                    return (endpoint, TimeSpan.Zero);

                (bool IsLiar, TimeSpan Due) rank =
                    standing.IsShunned(now) ? (true, standing.Until) : (false, standing.Due);
                if (best is null || rank.CompareTo(bestRank) < 0)
                    (best, bestRank) = (endpoint, rank);
            }

            TimeSpan wait = bestRank.Due > now ? bestRank.Due - now : TimeSpan.Zero;
            return (best!, bestRank.IsLiar && wait > OnlyLiarsWait ? OnlyLiarsWait : wait);   // known is not empty.
        }
    }

    public bool IsShunned(string orderer)
    {
        lock (_lock)
            return _standings.GetValueOrDefault(orderer)?.IsShunned(Now) ?? false;
    }

    /// <summary>Blocks of this orderer became durable: what is no lie is forgiven.</summary>
    public void Worked(string orderer)
    {
        lock (_lock)
            _standings.GetValueOrDefault(orderer)?.Forgive();
    }

    /// <summary>Leaves an orderer alone.</summary>
    /// <returns>For how long.</returns>
    public TimeSpan Failed(string orderer, OrdererFault fault)
    {
        lock (_lock)
        {
            _turn++;
            if (!_standings.TryGetValue(orderer, out Standing? standing))
            {
                if (_standings.Count == OrderersMax)
                    _standings.Clear();

                _standings.Add(orderer, standing = new Standing());
            }

            (TimeSpan first, TimeSpan longest) = s_spans[(int)fault];
            TimeSpan span = standing.Next(fault, first, longest);

            // A random part of it: all peers lose the same orderer at the same moment, and must not return together.
            int half = (int)(span.TotalMilliseconds / 2);
            span = TimeSpan.FromMilliseconds(half + RandomNumberGenerator.GetInt32(half + 1));
            standing.Leave(fault, Now, span);

            if (fault == OrdererFault.Lying)
                standing.ShunnedUntil = standing.Until;

            return span;
        }
    }

    private sealed class Standing
    {
        private readonly int[] _counts = new int[s_spans.Length];
        private TimeSpan _dueAgain;

        /// <summary>Until then it is left alone.</summary>
        public TimeSpan Until { get; private set; }

        /// <summary>
        /// When it is asked after all, if every other one is left alone too. One that kept a block back may be the one
        /// that no longer does, and is better than one that is not there.
        /// </summary>
        public TimeSpan Due => _dueAgain < Until ? _dueAgain : Until;

        public TimeSpan ShunnedUntil { get; set; }

        public bool IsShunned(TimeSpan now) => ShunnedUntil > now;

        public TimeSpan Next(OrdererFault fault, TimeSpan first, TimeSpan longest)
        {
            // Beyond this many doublings every span has reached its longest.
            const int DoublingsMax = 20;
            int doublings = Math.Min(_counts[(int)fault]++, DoublingsMax);
            double milliseconds = Math.Min(first.TotalMilliseconds * (1 << doublings), longest.TotalMilliseconds);
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        public void Leave(OrdererFault fault, TimeSpan now, TimeSpan span)
        {
            Until = Until > now + span ? Until : now + span;
            _dueAgain = fault == OrdererFault.Stalling ? now + OnlySlowWait : Until;
        }

        public void Forgive()
        {
            Array.Clear(_counts, 0, (int)OrdererFault.Lying);
            Until = ShunnedUntil;
        }
    }
}
