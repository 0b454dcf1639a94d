using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <summary>Who may sign a channel's blocks, and who may vouch for a ledger of it.</summary>
public interface ISnapshotAuthority : IBlockAuthority
{
    /// <summary>The channel of the configuration that the blocks so far gave; null before block 0.</summary>
    ChannelId? Channel { get; }

    /// <summary>Checks that the signer is a peer of the channel, as configured by the last block.</summary>
    /// <param name="organization">Whose peer it is.</param>
    bool TryCheckSigner(
        SnapshotSignature signature,
        byte[] message,
        [NotNullWhen(true)] out string? organization,
        [NotNullWhen(false)] out string? fault);
}
