using Node.Membership;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Validating;

/// <summary>
/// One transaction of a block after every check that needs its bytes and the configuration, but no state.
/// </summary>
/// <param name="Code">Valid so far, or why not.</param>
/// <param name="ReachedDuplicateCheck">
/// True when its id is good and nothing that is checked before duplicates failed: then a duplicate id takes precedence
/// over <paramref name="Code"/>.
/// </param>
/// <param name="Envelope">Null when not even the headers can be read.</param>
/// <param name="Transaction">Null for configuration, and for whatever cannot be read to its end.</param>
/// <param name="Endorsers">Each once, signature verified, in the transaction's order.</param>
internal readonly record struct VerifiedTransaction(
    TxValidationCode Code,
    bool ReachedDuplicateCheck,
    DecodedEnvelope? Envelope,
    DecodedTransaction? Transaction,
    Identity[] Endorsers)
{
    public static VerifiedTransaction Invalid(TxValidationCode code, DecodedEnvelope? envelope) =>
        new(code, ReachedDuplicateCheck: false, envelope, Transaction: null, Endorsers: []);
}
