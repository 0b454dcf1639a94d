using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Gateways;

/// <summary>
/// What a gateway must know of a signed proposal to route it and to assemble the transaction from it.
/// </summary>
/// <remarks>Only the form is checked here; signature and membership are the endorser's business.</remarks>
internal sealed class ProposalParts
{
    private ProposalParts(SignedProposal signed, DecodedProposal decoded)
    {
        Signed = signed;
        Decoded = decoded;
    }

    /// <summary>As the client sent it, for other peers.</summary>
    public SignedProposal Signed { get; }

    /// <summary>The same, for this process.</summary>
    public DecodedProposal Decoded { get; }

    public ChannelId Channel => Decoded.Channel;

    public string Contract => Decoded.ContractName;

    /// <summary>The proposal carries private inputs, which go to no more organisations than must see them.</summary>
    public bool HasTransient => Decoded.Transient.Length > 0;

    /// <summary>The encoded common.Header, as the client wrote it.</summary>
    public ByteString Header => UnsafeByteOperations.UnsafeWrap(Decoded.Header);

    public ByteString SignatureHeader => UnsafeByteOperations.UnsafeWrap(Decoded.SignatureHeader);

    /// <summary>The encoded ChaincodeProposalPayload without its transient map.</summary>
    public ByteString StrippedPayload => UnsafeByteOperations.UnsafeWrap(Decoded.StrippedPayload);

    public static bool TryRead(
        SignedProposal? signed, [NotNullWhen(true)] out ProposalParts? parts, [NotNullWhen(false)] out string? fault)
    {
        parts = null;
        if (signed is null || signed.ProposalBytes.IsEmpty)
        {
            fault = "the request carries no proposal";
            return false;
        }

        if (!DecodedProposal.TryDecode(signed.ProposalBytes.Memory, out DecodedProposal? decoded, out fault))
            return false;

        fault = decoded.Channel.IsNone ? "the proposal names no channel" : decoded.HeaderFault;
        if (fault is not null)
            return false;

        parts = new ProposalParts(signed, decoded);
        return true;
    }
}
