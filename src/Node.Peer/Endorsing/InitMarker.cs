using System.Text;
using Node.Contracts;
using Node.Protocol.Decoding;

namespace Node.Peer.Endorsing;

/// <summary>Keeps Fabric's rule that a contract whose definition demands it is initialised once per version.</summary>
/// <remarks>
/// The marker is a key of the contract's own namespace that no contract can name; its value is the version.
/// </remarks>
internal static class InitMarker
{
    private const string Key = "\0\U0010FFFFinitialized";

    /// <summary>
    /// Reads the marker where the definition demands it, and writes it when this call is the initialisation.
    /// </summary>
    /// <returns>Null when the call may go on.</returns>
    public static string? FaultOf(
        IContractContext context, DecodedProposal proposal, string version, bool initRequired)
    {
        if (!initRequired)
            return proposal.IsInit
                ? $"chaincode '{proposal.ContractName}' does not require initialization but called as init"
                : null;

        bool isInitialized = context.State.TryGet(Key, out StateEntry marker)
            && marker.Value.Span.SequenceEqual(Encoding.UTF8.GetBytes(version));
        if (isInitialized == proposal.IsInit)
            return isInitialized
                ? $"chaincode '{proposal.ContractName}' is already initialized but called as init"
                : $"chaincode '{proposal.ContractName}' has not been initialized for this version, "
                    + "must call as init first";

        if (proposal.IsInit)
            context.State.Put(Key, Encoding.UTF8.GetBytes(version));
        return null;
    }
}
