namespace Node.Ledger;

/// <summary>One public key of the world state, as a range gives it.</summary>
public readonly record struct StateRecord(string Key, StateValue Value);
