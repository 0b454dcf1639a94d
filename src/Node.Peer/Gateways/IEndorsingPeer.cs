using Node.Peer.Endorsing;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>A peer that endorses proposals: this one, in process, or another organisation's, over gRPC.</summary>
internal interface IEndorsingPeer
{
    /// <summary>host:port, as clients find it in error details.</summary>
    string Address { get; }

    string MspId { get; }

    /// <summary>Never throws for what the peer answers or for not reaching it; cancellation does throw.</summary>
    /// <param name="atHeight">
    /// The peer is to have this height first, and to tell the height of the state it looked at. Null: any will do.
    /// </param>
    Task<EndorserAnswer> EndorseAsync(
        ProposalParts proposal, ulong? atHeight, CancellationToken cancellationToken);

    /// <summary>As <see cref="EndorseAsync"/>, but nobody needs the signature: a peer may leave it out.</summary>
    Task<EndorserAnswer> EvaluateAsync(ProposalParts proposal, CancellationToken cancellationToken);
}

/// <summary>How one peer answered one proposal.</summary>
/// <param name="Response">Null when the proposal was rejected or the peer could not be asked.</param>
/// <param name="Fault">Why there is no usable response; null when there is one.</param>
/// <param name="Retriable">True when another peer may well answer: this one was unreachable or cannot run the
/// contract.</param>
internal sealed record EndorserAnswer(IEndorsingPeer Peer, ProposalResponse? Response, string? Fault, bool Retriable)
{
    private const int ChaincodeErrorStatus = 400;
    private const int PeerFailureStatus = 500;

    /// <summary>
    /// Height of the state that the peer looked at; null when it did not tell, as Fabric's do not, or looked at none.
    /// </summary>
    public ulong? Height { get; init; }

    /// <summary>Nobody answered, which is not the same as a peer's own failure.</summary>
    public bool IsUnreachable => Retriable && Response is null;

    public NodeFault ToNodeFault() => new(Peer.Address, Peer.MspId, Fault ?? "");

    public static EndorserAnswer From(IEndorsingPeer peer, EndorseOutcome outcome) =>
        outcome.Response is { } response
            ? From(peer, response, outcome.Height)
            : new EndorserAnswer(peer, Response: null, outcome.Rejection, Retriable: false);

    public static EndorserAnswer From(IEndorsingPeer peer, ProposalResponse response, ulong? height)
    {
        int status = response.Response?.Status ?? 0;
        if (status is >= 200 and < ChaincodeErrorStatus)
            return new EndorserAnswer(peer, response, Fault: null, Retriable: false) { Height = height };

        // A failure without payload is the peer's own (no such contract here, out of step), not the contract's word.
        string message = response.Response?.Message ?? "";
        return status == PeerFailureStatus && response.Payload.IsEmpty
            ? new EndorserAnswer(peer, response, message, Retriable: true) { Height = height }
            : new EndorserAnswer(peer, response, $"chaincode response {status}, {message}", Retriable: false)
            {
                Height = height,
            };
    }

    /// <summary>The answer as an endorsement: a contract's success that nobody signed is of no use.</summary>
    public EndorserAnswer RequireEndorsement() => Fault is null && Response?.Endorsement is null
        ? this with { Fault = "the peer answered without an endorsement" }
        : this;

    public static EndorserAnswer Unreachable(IEndorsingPeer peer, string why) =>
        new(peer, Response: null, $"{peer.Address} of {peer.MspId} could not be asked: {why}", Retriable: true);
}
