using Google.Protobuf;
using Node.Contracts;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing;

/// <summary>Answers that carry no endorsement.</summary>
internal static class ProposalAnswers
{
    /// <summary>
    /// This peer could not run the contract. It has no payload, which tells clients that another peer may.
    /// </summary>
    public static ProposalResponse Failure(string message) =>
        new() { Response = new Response { Status = ContractResponse.Failed, Message = message } };

    /// <summary>What the contract said, without a signature.</summary>
    public static ProposalResponse Unsigned(ContractResponse response) => new() { Response = ToMessage(response) };

    /// <summary>The payload is not copied: a contract does not touch what it has returned.</summary>
    public static Response ToMessage(ContractResponse response) => new()
    {
        Status = response.Status,
        Message = response.Message,
        Payload = UnsafeByteOperations.UnsafeWrap(response.Payload),
    };
}
