using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Decoding;

namespace Node.Ledger.Building;

/// <summary>Takes every block as signed: what signatures are worth is tested where keys are.</summary>
internal sealed class AnyAuthority : IBlockAuthority
{
    public static AnyAuthority Instance { get; } = new();

    public bool TryCheck(BlockBytes block, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        return true;
    }
}

internal sealed class NoProgress : IProgress<AuditProgress>
{
    public static NoProgress Instance { get; } = new();

    public void Report(AuditProgress value)
    {
    }
}
