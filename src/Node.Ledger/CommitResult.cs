using System.Diagnostics.CodeAnalysis;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger;

/// <summary>Why a block from outside is not the next block of this chain. Nothing was written.</summary>
/// <param name="Reason">A phrase that names both values.</param>
public sealed record BlockRefusal(ulong Number, string Reason);

/// <summary>What became of a block that was to be committed: durable with verdicts, or refused.</summary>
public sealed class CommitResult
{
    private readonly IReadOnlySet<string> _namespaces;

    internal CommitResult(BlockRefusal refusal)
    {
        Refusal = refusal;
        _namespaces = new HashSet<string>();
    }

    internal CommitResult(
        LedgerTip tip, TxValidationCode[] codes, byte[] block, IReadOnlySet<string> namespaces, bool wroteKeyPolicies)
    {
        Tip = tip;
        Codes = codes;
        Block = block;
        _namespaces = namespaces;
        WroteKeyPolicies = wroteKeyPolicies;
    }

    /// <summary>Null when the block is durable.</summary>
    public BlockRefusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Tip))]
    public bool IsCommitted => Tip is not null;

    /// <summary>The ledger after this block; null when it was refused.</summary>
    public LedgerTip? Tip { get; }

    /// <summary>One for each envelope; none when refused.</summary>
    public TxValidationCode[] Codes { get; } = [];

    /// <summary>The encoded block as it was stored, with codes and commit hash.</summary>
    public ReadOnlyMemory<byte> Block { get; }

    public Hash32? CommitHash => Tip?.CommitHash;

    /// <summary>
    /// A valid transaction changed metadata of a key: what was judged ahead by older key policies is stale.
    /// </summary>
    public bool WroteKeyPolicies { get; }

    /// <summary>Time for hashes, duplicates and version checks.</summary>
    public TimeSpan Checking { get; internal set; }

    /// <summary>Time for the synced write.</summary>
    public TimeSpan Writing { get; internal set; }

    /// <summary>Whether a valid transaction of the block wrote to this namespace.</summary>
    public bool HasWrittenTo(string ns) => _namespaces.Contains(ns);
}
