using System.Diagnostics.CodeAnalysis;
using Node.Ledger.Snapshots;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.Building;

/// <summary>
/// Takes every block as signed, and the identity "peer" as one whose signature is the message's hash.
/// </summary>
internal sealed class AnySnapshotAuthority : ISnapshotAuthority
{
    public ChannelId? Channel { get; private set; }

    public static SnapshotSigner Peer { get; } = Signer("peer0.org1.example.com");

    public static SnapshotSigner Signer(string name) =>
        new(name, "peer"u8.ToArray(), message => Hash32.Of(message).AsSpan().ToArray());

    public bool TryCheck(BlockBytes block, [NotNullWhen(false)] out string? fault)
    {
        Channel = TestLedger.ChannelId;
        fault = null;
        return true;
    }

    public bool TryCheckSigner(
        SnapshotSignature signature,
        byte[] message,
        [NotNullWhen(true)] out string? organization,
        [NotNullWhen(false)] out string? fault)
    {
        bool isGood = signature.Identity.Span.SequenceEqual("peer"u8)
            && Hash32.Of(message).AsSpan().SequenceEqual(signature.Signature.Span);
        organization = isGood ? "Org1MSP" : null;
        fault = isGood ? null : "the signature is not that of a peer";
        return isGood;
    }
}

/// <summary>Hears how far an export or import is, and says nothing.</summary>
internal sealed class NoSnapshotProgress : IProgress<SnapshotProgress>
{
    public static NoSnapshotProgress Instance { get; } = new();

    public void Report(SnapshotProgress value)
    {
    }
}
