using Google.Protobuf;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>Puts proposal and endorsements together to the envelope that the client signs (fabric-wire B11).</summary>
/// <remarks>
/// The client signs these bytes as they are and hashes cover them, so the proposal's own parts are copied, never
/// encoded anew. The transient map stays behind: of the proposal payload only its input travels.
/// </remarks>
internal static class TransactionAssembly
{
    private const uint FirstField = (1 << 3) | 2;    // Field 1, length-delimited.
    private const uint SecondField = (2 << 3) | 2;   // Field 2, length-delimited.

    /// <summary>An envelope without signature.</summary>
    public static Envelope Assemble(
        ProposalParts proposal, ByteString responsePayload, IReadOnlyList<Endorsement> endorsements)
    {
        var endorsed = new ChaincodeEndorsedAction { ProposalResponsePayload = responsePayload };
        endorsed.Endorsements.AddRange(endorsements);
        var action = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = proposal.StrippedPayload,
            Action = endorsed,
        };
        var transaction = new Transaction
        {
            Actions = { new TransactionAction { Header = proposal.SignatureHeader, Payload = action.ToByteString() } },
        };
        return new Envelope { Payload = Payload(proposal.Header, transaction) };
    }

    // Payload's header is a message, and the proposal carries exactly its bytes.
    private static ByteString Payload(ByteString header, Transaction transaction)
    {
        int size = transaction.CalculateSize();
        byte[] bytes = new byte[
            2 + CodedOutputStream.ComputeBytesSize(header) + CodedOutputStream.ComputeLengthSize(size) + size];
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(FirstField);
        output.WriteBytes(header);
        output.WriteTag(SecondField);
        output.WriteLength(size);
        transaction.WriteTo(output);
        output.CheckNoSpaceLeft();
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
