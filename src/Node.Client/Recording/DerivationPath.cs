namespace Node.Client.Recording;

/// <summary>How one record came of another.</summary>
/// <param name="Records">From the descendant to the ancestor, both included. Empty: it did not come of it.</param>
/// <param name="IsTruncated">Nothing was found, but a limit left out a part where it might be.</param>
public sealed record DerivationPath(IReadOnlyList<ProvenanceRecord> Records, bool IsTruncated);
