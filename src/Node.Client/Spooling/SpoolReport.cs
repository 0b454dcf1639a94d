using Node.Protocol;

namespace Node.Client.Spooling;

/// <summary>Something in a spool that is not as it was recorded.</summary>
/// <param name="Sequence">The entry; null when it is about a whole file.</param>
/// <param name="Place">File, and byte where there is one.</param>
public sealed record SpoolFinding(ulong? Sequence, string Place, string Message);

/// <summary>What <see cref="SpoolVerification"/> found out about a spool, alone and offline.</summary>
/// <param name="Entries">Entries that were read, the opening included.</param>
/// <param name="Findings">At most <see cref="FindingsMax"/>; empty when everything is as it was recorded.</param>
public sealed record SpoolReport(Hash32 Journal, ulong Entries, IReadOnlyList<SpoolFinding> Findings)
{
    public const int FindingsMax = 100;

    public bool Passed => Findings.Count == 0;
}
