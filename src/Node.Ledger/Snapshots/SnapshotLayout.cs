using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>The files of a snapshot's folder. docs/formats.md, "Snapshot".</summary>
internal static class SnapshotLayout
{
    public const string Manifest = "manifest.json";
    public const string Signatures = "signatures";

    /// <summary>The orderers' signatures, in which peers may differ, and what they should be.</summary>
    public const string Orderers = "orderers.data";
    public const string OrderersEntry = "orderers.json";

    public const string Blocks = "blocks.data";
    public const string State = "state.data";
    public const string History = "history.data";
    public const string Transactions = "transactions.data";
    public const string Namespaces = "namespaces.data";

    /// <summary>Largest key of a record: that of a history entry.</summary>
    public const int KeyBytesMax = Limits.KeyBytesMax + Limits.NamespaceBytesMax + 64;

    /// <summary>Largest value of a record: a block as a peer stores it.</summary>
    public const int ValueBytesMax = Limits.BlockBytesMax + (1 << 20);

    /// <summary>Largest manifest or signature file.</summary>
    public const int JsonBytesMax = 1 << 20;

    /// <summary>What the manifest lists, in its order.</summary>
    public static IReadOnlyList<string> Listed { get; } = [Blocks, State, History, Transactions, Namespaces];

    /// <summary>The 8 bytes that a record file begins with.</summary>
    public static ReadOnlySpan<byte> MagicOf(string file) => file switch
    {
        Blocks => "HPBLOCK\n"u8,
        Orderers => "HPSIGNS\n"u8,
        State => "HPSTATE\n"u8,
        History => "HPHISTO\n"u8,
        Transactions => "HPTXIDS\n"u8,
        Namespaces => "HPNAMES\n"u8,
        _ => throw Invariant.Unreachable("every record file has its magic"),
    };
}
