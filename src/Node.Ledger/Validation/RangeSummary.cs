using Node.Protocol;

namespace Node.Ledger.Validation;

/// <summary>
/// Records what a range read returned: read by read while they are few, as a tree of hashes beyond that.
/// </summary>
/// <remarks>
/// Reads are gathered in chunks of one more than the degree; a full chunk, encoded as QueryReads, becomes a leaf. A
/// level
/// with more hashes than the degree is hashed into one of the next. At the end remainders are folded upward, and the
/// hashes of the highest level are the summary. Endorser and validator both build it here, as Fabric does.
/// Owned by one reader; <see cref="Finish"/> ends it.
/// </remarks>
internal sealed class RangeSummary
{
    private readonly uint _degreeMax;
    private readonly WireBuffer _pending = new();
    private readonly WireBuffer _read = new();
    private readonly WireBuffer _version = new();
    private readonly List<List<Hash32>> _levels = [];   // Level 1 of the wire is _levels[0].
    private uint _pendingCount;
    private bool _isFinished;

    /// <param name="degreeMax">At least 2.</param>
    public RangeSummary(uint degreeMax)
    {
        Invariant.Require(degreeMax >= 2, "a summary of a smaller degree is refused where it is decoded");
        _degreeMax = degreeMax;
    }

    /// <summary>Whether there were so many reads that only hashes are left of them.</summary>
    public bool IsHashed => _levels.Count > 0;

    /// <summary>Encoded QueryReads with all reads. Only while not hashed.</summary>
    public ReadOnlySpan<byte> RawReads => _pending.Written;

    /// <summary>Reads recorded raw so far.</summary>
    public uint RawCount => _pendingCount;

    /// <summary>The number of the highest level, from 1. Only when hashed and finished.</summary>
    public uint Level => (uint)_levels.Count;

    /// <summary>The hashes of the highest level. Only when hashed and finished.</summary>
    public IReadOnlyList<Hash32> Hashes => _levels[^1];

    public void Add(ReadOnlySpan<byte> keyUtf8, StateVersion version)
    {
        _version.Clear();
        _version.NumberUnlessZero(1, version.Block);
        _version.NumberUnlessZero(2, version.Transaction);
        _read.Clear();
        _read.BytesUnlessEmpty(1, keyUtf8);
        _read.Bytes(2, _version.Written);
        _pending.Bytes(1, _read.Written);
        if (++_pendingCount > _degreeMax)
            CloseChunk();
    }

    /// <summary>Folds what is left over. Nothing may be added afterwards; calling it again changes nothing.</summary>
    public void Finish()
    {
        if (!IsHashed || _isFinished)
            return;

        _isFinished = true;
        if (_pendingCount > 0)
            CloseChunk();

        for (int level = 0; level < _levels.Count - 1; level++)
        {
            List<Hash32> hashes = _levels[level];
            if (hashes.Count == 0)
                continue;

            _levels[level + 1].Add(hashes.Count == 1 ? hashes[0] : Combine(hashes));
            hashes.Clear();
        }

        if (_levels[^1].Count <= _degreeMax)
            return;

        Hash32 combined = Combine(_levels[^1]);
        _levels[^1].Clear();
        _levels.Add([combined]);
    }

    private static Hash32 Combine(List<Hash32> hashes)
    {
        byte[] joined = new byte[hashes.Count * Hash32.Bytes];
        for (int index = 0; index < hashes.Count; index++)
            hashes[index].CopyTo(joined.AsSpan(index * Hash32.Bytes));

        return Hash32.Of(joined);
    }

    private void CloseChunk()
    {
        AddHash(level: 0, Hash32.Of(_pending.Written));
        _pending.Clear();
        _pendingCount = 0;
        for (int level = 0; _levels[level].Count > _degreeMax; level++)
        {
            Hash32 combined = Combine(_levels[level]);
            _levels[level].Clear();
            AddHash(level + 1, combined);
        }
    }

    private void AddHash(int level, Hash32 hash)
    {
        if (level == _levels.Count)
            _levels.Add([]);

        _levels[level].Add(hash);
    }
}
