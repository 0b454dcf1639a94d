using System.Security.Cryptography;

namespace Node.Peer.Pulling;

/// <summary>How long to wait before the next try: doubling from 50 ms to 5 s, each time a random part of it.</summary>
/// <remarks>
/// Random because all peers lose the same orderer at the same moment, and must not return together. Owned by one loop.
/// </remarks>
internal sealed class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        TimeSpan ceiling = _next;
        _next = _next + _next < Most ? _next + _next : Most;
        int half = (int)(ceiling.TotalMilliseconds / 2);
        return TimeSpan.FromMilliseconds(half + RandomNumberGenerator.GetInt32(half + 1));
    }

    /// <summary>Something worked: the next failure starts small again.</summary>
    public void Reset() => _next = First;
}
