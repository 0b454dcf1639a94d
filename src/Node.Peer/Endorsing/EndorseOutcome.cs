using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing;

/// <summary>
/// What became of a proposal on this peer: an answer, endorsed or not, or a rejection before simulation.
/// </summary>
/// <remarks>
/// A rejected proposal (malformed, badly signed, not admitted, replayed) gets no <see cref="ProposalResponse"/>: over
/// the wire it is a gRPC error. Everything later, a contract's own refusal included, is an answer.
/// </remarks>
internal sealed record EndorseOutcome
{
    private EndorseOutcome(ProposalResponse? response, string? rejection, ulong? height)
    {
        Response = response;
        Rejection = rejection;
        Height = height;
    }

    /// <summary>Null exactly when the proposal was rejected.</summary>
    public ProposalResponse? Response { get; }

    /// <summary>Why the proposal was rejected, in words; null when it was answered.</summary>
    public string? Rejection { get; }

    /// <summary>
    /// Height of the state that was looked at, where it came to that. An answer without a simulation may have seen a
    /// later one.
    /// </summary>
    public ulong? Height { get; }

    public static EndorseOutcome Answered(ProposalResponse response, ulong? height) =>
        new(response, rejection: null, height);

    public static EndorseOutcome Rejected(string rejection) => new(response: null, rejection, height: null);
}
