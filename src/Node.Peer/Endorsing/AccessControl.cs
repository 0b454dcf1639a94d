using Node.Membership;
using Node.Peer.Hosting;

namespace Node.Peer.Endorsing;

/// <summary>
/// Who may use what on this peer: channel resources by the channel's policies, local ones by the own organisation.
/// </summary>
/// <remarks>
/// Any thread. Identities given here are resolved, and their signature over the proposal is verified.
/// </remarks>
internal sealed class AccessControl(PeerNode node)
{
    /// <summary>Asks for an administrator of this peer's organisation.</summary>
    /// <returns>Null when access is granted, else why it is not.</returns>
    public string? FaultOfLocalAdmin(Identity identity) =>
        identity.MspId == node.MspId && identity.IsAdmin
            ? null
            : $"{identity} is no administrator of {node.MspId}, which this peer belongs to";

    /// <summary>Asks for a member of this peer's organisation.</summary>
    /// <returns>Null when access is granted, else why it is not.</returns>
    public string? FaultOfLocalMember(Identity identity) =>
        identity.MspId == node.MspId ? null : $"{identity} is no member of {node.MspId}, which this peer belongs to";

    /// <summary>Asks the policy of a channel's resource, such as <c>peer/Propose</c>.</summary>
    /// <returns>Null when access is granted, else why it is not.</returns>
    public static string? FaultOf(ChannelConfig config, string resource, Identity identity)
    {
        string path = config.AclPolicyPath(resource);
        Policy? policy = config.FindPolicy(path);
        if (policy is null)
            return $"the channel has no policy {path}";

        return policy.IsSatisfiedBy([identity]) ? null : $"{identity} does not satisfy the policy {path}";
    }

    /// <summary>The same for a channel that the proposal names in an argument instead of its header.</summary>
    /// <returns>Null when access is granted, else why it is not.</returns>
    public static string? FaultOfStranger(ChannelConfig config, string resource, Identity identity) =>
        config.TryResolve(identity.Serialized.Span, out Identity? member, out string? fault)
            ? FaultOf(config, resource, member)
            : fault;
}
