using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Node.Membership.Channels;

/// <summary>Resolved identities by the bytes they were resolved from: a hit is one hash and one comparison.</summary>
/// <remarks>
/// Any thread. Two generations of bounded size: when the young one is full it becomes the old one, whose rarely used
/// half is forgotten with it. Refusals are never kept, so strangers cannot push members out.
/// </remarks>
internal sealed class IdentityCache(int identitiesMax)
{
    private readonly int _generationMax = identitiesMax / 2;
    private readonly Lock _turning = new();   // Guards the change of generations, not the generations.
    private volatile Generation _young = new();
    private volatile Generation _old = new();

    /// <summary>How many identities are kept, at most.</summary>
    public int Count => _young.Entries.Count + _old.Entries.Count;

    public bool TryFind(ReadOnlySpan<byte> serialized, [NotNullWhen(true)] out Identity? identity)
    {
        if (_young.BySpan.TryGetValue(serialized, out identity))
            return true;
        if (!_old.BySpan.TryGetValue(serialized, out identity))
            return false;

        Keep(identity);
        return true;
    }

    /// <summary>Keeps it under its own <see cref="Identity.Serialized"/>.</summary>
    public void Keep(Identity identity)
    {
        Generation young = _young;
        bool added = young.Entries.TryAdd(identity.Serialized, identity);
        if (!added || Interlocked.Increment(ref young.Added) < _generationMax)
            return;

        lock (_turning)
        {
            // Another thread may have turned while this one waited.
            if (_young == young)
            {
                _old = young;
                _young = new Generation();
            }
        }
    }

    private sealed class Generation
    {
        public int Added;   // ConcurrentDictionary.Count takes all of its locks; this does not.

        public Generation() => BySpan = Entries.GetAlternateLookup<ReadOnlySpan<byte>>();

        public ConcurrentDictionary<ReadOnlyMemory<byte>, Identity> Entries { get; } = new(ByteComparer.Instance);

        public ConcurrentDictionary<ReadOnlyMemory<byte>, Identity>.AlternateLookup<ReadOnlySpan<byte>> BySpan { get; }
    }

    private sealed class ByteComparer
        : IEqualityComparer<ReadOnlyMemory<byte>>,
            IAlternateEqualityComparer<ReadOnlySpan<byte>, ReadOnlyMemory<byte>>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) =>
            left.Span.SequenceEqual(right.Span);

        public bool Equals(ReadOnlySpan<byte> alternate, ReadOnlyMemory<byte> other) =>
            alternate.SequenceEqual(other.Span);

        public int GetHashCode(ReadOnlyMemory<byte> bytes) => GetHashCode(bytes.Span);

        // All bytes, seeded per process: a hash of a part would let a member build colliding spellings of itself.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public ReadOnlyMemory<byte> Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
