using System.Text;
using Node.Ledger;
using Node.Protocol;

namespace Node.Peer.Validating;

/// <summary>
/// The endorsement policies of single keys, as the ledger has them before the block under validation.
/// </summary>
/// <remarks>Owned by the commit loop for one block; the snapshot is taken only when a key is asked for.</remarks>
internal sealed class KeyPolicies(ChannelLedger ledger) : IDisposable
{
    private StateSnapshot? _state;

    /// <summary>
    /// False when no key of the namespace, its collections included, ever had a policy: then nothing need be asked.
    /// </summary>
    public bool HasAny(string contract) => ledger.HasKeyPolicies(contract);

    /// <summary>The encoded SignaturePolicyEnvelope of a key; empty when it has none.</summary>
    /// <param name="collection">Empty for a public key.</param>
    /// <param name="key">UTF-8, or in a collection the hash of the key.</param>
    public ReadOnlyMemory<byte> Find(string contract, string collection, ReadOnlySpan<byte> key)
    {
        _state ??= ledger.Snapshot();
        bool found = collection.Length == 0
            ? _state.TryGet(Encoding.UTF8.GetBytes(contract), key, out StateValue value)
            : TryFindHashed(_state, contract, collection, key, out value);
        return found && value.TryGetMetadata(StateValue.ValidationParameter, out ReadOnlyMemory<byte> policy)
            ? policy
            : default;
    }

    /// <summary>True when the id is on the ledger already.</summary>
    public bool IsOnLedger(TxId id) => ledger.IsTaken(id);

    public void Dispose() => _state?.Dispose();

    // What is no hash names no key, so it has no policy either.
    private static bool TryFindHashed(
        StateSnapshot state, string contract, string collection, ReadOnlySpan<byte> key, out StateValue value)
    {
        value = default;
        return Hash32.TryRead(key, out Hash32 hash) && state.TryGetHash(contract, collection, hash, out value);
    }
}
