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
    private readonly DecodedProposal _proposal;

    private ProposalParts(SignedProposal signed, DecodedProposal proposal, ChannelId channel)
    {
        Signed = signed;
        Channel = channel;
        Contract = proposal.ContractName;
        _proposal = proposal;
    }

    public SignedProposal Signed { get; }

    public ChannelId Channel { get; }

    public string Contract { get; }

    /// <summary>The proposal carries private inputs, which go to no more organisations than must see them.</summary>
    public bool HasTransient => _proposal.Transient.Length > 0;

    /// <summary>The encoded common.Header, as the client wrote it.</summary>
    public ByteString Header => UnsafeByteOperations.UnsafeWrap(_proposal.Header);

    public ByteString SignatureHeader => UnsafeByteOperations.UnsafeWrap(_proposal.SignatureHeader);

    /// <summary>The encoded ChaincodeProposalPayload without its transient map.</summary>
    public ByteString StrippedPayload => UnsafeByteOperations.UnsafeWrap(_proposal.StrippedPayload);

    public static bool TryRead(
        SignedProposal? signed, [NotNullWhen(true)] out ProposalParts? parts, [NotNullWhen(false)] out string? fault)
    {
        parts = null;
        if (signed is null || signed.ProposalBytes.IsEmpty)
        {
            fault = "the request carries no proposal";
            return false;
        }

        if (!DecodedProposal.TryDecode(signed.ProposalBytes.Memory, out DecodedProposal? proposal, out fault)
            || !proposal.TryGetChannelId(out ChannelId channel, out fault))
            return false;

        parts = new ProposalParts(signed, proposal, channel);
        return true;
    }
}
