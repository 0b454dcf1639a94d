namespace Node.Contracts;

/// <summary>Code that owns one namespace of a channel's world state and answers proposals about it.</summary>
/// <remarks>
/// Deterministic: the same context gives the same reads, writes, event and response on every peer, whatever its clock,
/// culture or processor. One instance serves all channels, and any number of threads at once, so it keeps no state.
/// </remarks>
public interface IContract
{
    /// <summary>The name in proposals, which is the namespace in world state.</summary>
    string Name { get; }

    /// <summary>
    /// What this build of the code calls itself. The version that is endorsed comes from the channel's definition.
    /// </summary>
    string Version { get; }

    /// <summary>Simulates one call. Nothing is written: the state records what it would write.</summary>
    /// <returns>A status below 400 is endorsed. A refusal is a response, never an exception.</returns>
    ContractResponse Invoke(IContractContext context);
}
