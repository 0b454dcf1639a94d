using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Node.Protocol;
using Node.Protocol.Canonical;

namespace Node.Membership.Channels;

/// <summary>All providers of a channel, with the cache of what they have resolved.</summary>
/// <remarks>
/// Handed on from one configuration to the next while the providers stay the same, so that caches stay warm.
/// </remarks>
internal sealed class MspSet
{
    private readonly Dictionary<MspId, Msp> _msps;
    private readonly IdentityCache _cache = new(Limits.IdentityCacheMax);

    private MspSet(Dictionary<MspId, Msp> msps, Hash32 fingerprint)
    {
        _msps = msps;
        Fingerprint = fingerprint;
    }

    /// <summary>Over the rules and every provider's configuration bytes.</summary>
    public Hash32 Fingerprint { get; }

    public static MspSet Create(
        Dictionary<MspId, Msp> msps,
        IReadOnlyDictionary<MspId, ReadOnlyMemory<byte>> configs,
        MspRules rules,
        MspSet? previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)rules]);
        foreach ((_, ReadOnlyMemory<byte> config) in configs.OrderBy(entry => entry.Key.Value, StringComparer.Ordinal))
            hash.AppendData(Hash32.Of(config.Span).AsSpan());

        Hash32 fingerprint = Hash32.Finish(hash);
        return previous?.Fingerprint == fingerprint ? previous : new MspSet(msps, fingerprint);
    }

    public IEnumerable<Msp> All => _msps.Values.OrderBy(msp => msp.MspId.Value, StringComparer.Ordinal);

    public bool TryFind(MspId mspId, [NotNullWhen(true)] out Msp? msp) => _msps.TryGetValue(mspId, out msp);

    public bool TryResolve(
        ReadOnlySpan<byte> serialized,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        return _cache.TryFind(serialized, out identity) || TryResolveNew(serialized, out identity, out fault);
    }

    private bool TryResolveNew(
        ReadOnlySpan<byte> serialized,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        identity = null;
        if (serialized.Length > Limits.IdentityBytesMax)
        {
            fault = $"an identity has at most {Limits.IdentityBytesMax} bytes, this one has {serialized.Length}";
            return false;
        }

        byte[] own = serialized.ToArray();
        if (!SerializedIdentityBytes.TryDecode(own, out MspId mspId, out ReadOnlyMemory<byte> pem, out fault))
            return false;
        if (!_msps.TryGetValue(mspId, out Msp? msp))
        {
            fault = $"The MSP {mspId} is not part of this channel.";
            return false;
        }

        if (!msp.TryResolve(pem.Span, own, out identity, out fault))
            return false;

        _cache.Keep(identity);
        return true;
    }
}
