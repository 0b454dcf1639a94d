using Node.Contracts;
using Node.Membership;

namespace Node.Peer.Endorsing.SystemContracts;

/// <summary>A contract that answers about the peer itself, without a simulation. It writes nothing.</summary>
internal interface ISystemContract
{
    string Name { get; }

    /// <exception cref="Protocol.NodeException">Storage failed.</exception>
    ContractResponse Invoke(SystemCall call);
}

/// <summary>One call of a system contract.</summary>
/// <param name="Creator">Its signature over the proposal is verified.</param>
internal readonly record struct SystemCall(
    string Function, IReadOnlyList<ReadOnlyMemory<byte>> Arguments, Identity Creator);
