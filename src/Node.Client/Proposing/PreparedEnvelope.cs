using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Wire = Node.Protocol.Wire.Peer;

namespace Node.Client.Proposing;

/// <summary>Reads the transaction that a gateway assembled, before the client signs it.</summary>
internal static class PreparedEnvelope
{
    /// <summary>
    /// Checks that the envelope holds the answer to this proposal, and takes the contract's result out of it.
    /// </summary>
    /// <remarks>
    /// Without the check a gateway could have the client sign another call than the one it asked for.
    /// </remarks>
    public static bool TryRead(
        Envelope envelope, ByteString proposalBytes, out ReadOnlyMemory<byte> result,
        [NotNullWhen(false)] out string? fault)
    {
        result = default;
        try
        {
            var proposal = Wire.Proposal.Parser.ParseFrom(proposalBytes);
            Payload payload = Payload.Parser.ParseFrom(envelope.Payload);
            if (payload.Header is null || !payload.Header.Equals(Header.Parser.ParseFrom(proposal.Header)))
            {
                fault = "its header is not the proposal's";
                return false;
            }

            var transaction = Wire.Transaction.Parser.ParseFrom(payload.Data);
            if (transaction.Actions.Count != 1)
            {
                fault = $"it holds {transaction.Actions.Count} actions instead of one";
                return false;
            }

            return TryReadAction(transaction.Actions[0], proposal.Payload, out result, out fault);
        }
        catch (InvalidProtocolBufferException e)
        {
            fault = $"it cannot be read ({e.Message})";
            return false;
        }
    }

    /// <summary>The contract's result of an assembled transaction, whatever proposal it came from.</summary>
    public static ReadOnlyMemory<byte> ResultOf(Envelope envelope)
    {
        var transaction = Wire.Transaction.Parser.ParseFrom(Payload.Parser.ParseFrom(envelope.Payload).Data);
        return transaction.Actions.Count == 0
            ? default
            : ResultOf(ChaincodeActionPayload.Parser.ParseFrom(transaction.Actions[0].Payload));
    }

    private static bool TryReadAction(
        TransactionAction action, ByteString proposalPayload, out ReadOnlyMemory<byte> result,
        [NotNullWhen(false)] out string? fault)
    {
        result = default;
        ChaincodeActionPayload payload = ChaincodeActionPayload.Parser.ParseFrom(action.Payload);
        ByteString input = ChaincodeProposalPayload.Parser.ParseFrom(proposalPayload).Input;
        if (payload.ChaincodeProposalPayload != new ChaincodeProposalPayload { Input = input }.ToByteString())
        {
            fault = "it calls another function, or with other arguments, than the proposal";
            return false;
        }

        if (payload.Action is null || payload.Action.Endorsements.Count == 0)
        {
            fault = "it carries no endorsement";
            return false;
        }

        result = ResultOf(payload);
        fault = null;
        return true;
    }

    private static ReadOnlyMemory<byte> ResultOf(ChaincodeActionPayload payload)
    {
        if (payload.Action is null)
            return default;

        var response = ProposalResponsePayload.Parser.ParseFrom(payload.Action.ProposalResponsePayload);
        return ChaincodeAction.Parser.ParseFrom(response.Extension).Response?.Payload.Memory ?? default;
    }
}
