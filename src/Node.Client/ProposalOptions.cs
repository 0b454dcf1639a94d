namespace Node.Client;

/// <summary>What a proposal carries besides the function's name.</summary>
public sealed record ProposalOptions
{
    /// <summary>After the function's name, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; init; } = [];

    /// <summary>Seen by the endorsers only: neither hashed into the proposal nor part of the transaction.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Transient { get; init; }

    /// <summary>
    /// MSP ids whose peers endorse, one each; empty lets the gateway choose by the contract's policy.
    /// </summary>
    public IReadOnlyList<string> EndorsingOrganizations { get; init; } = [];
}
