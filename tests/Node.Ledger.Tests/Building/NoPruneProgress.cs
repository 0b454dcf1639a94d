using Node.Ledger.Pruning;

namespace Node.Ledger.Building;

/// <summary>Hears how far a prune is, and says nothing.</summary>
internal sealed class NoPruneProgress : IProgress<PruneProgress>
{
    public static NoPruneProgress Instance { get; } = new();

    public void Report(PruneProgress value)
    {
    }
}
