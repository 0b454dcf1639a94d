using Google.Protobuf;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Auditing;

/// <summary>One channel's ledger on disk.</summary>
/// <param name="Node">Whose it is; the folder's name when no network says so.</param>
/// <param name="GenesisHash">The hash that its block 0 must have; null when no network says so.</param>
internal sealed record LedgerPlace(string Node, string Channel, string Folder, Hash32? GenesisHash);

/// <summary>Finds the peers' ledgers below a folder.</summary>
internal static class LedgerPlaces
{
    private const string RocksDbMark = "CURRENT";   // Every RocksDB database has a file of this name.

    /// <param name="folder">A network folder, a node's folder or data folder, or one ledger itself.</param>
    /// <exception cref="CommandFault">There is no ledger.</exception>
    public static IReadOnlyList<LedgerPlace> Find(string folder, Invocation invocation)
    {
        LedgerPlace[] found = File.Exists(Path.Combine(folder, NetworkTopology.FileName))
            ? [.. OfNetwork(NetworkLayout.Open(folder, invocation))]
            : [.. OfNode(folder)];
        return found.Length > 0
            ? found
            : throw new CommandFault(
                ExitCode.NotFound,
                $"there is no peer's ledger in {folder}. Name a network folder, or a peer's data folder below nodes/.");
    }

    private static IEnumerable<LedgerPlace> OfNetwork(NetworkLayout layout) =>
        layout.Nodes
            .Where(place => !place.IsOrderer)
            .SelectMany(place => ChannelFolders(layout.NodeAt(place).DataFolder)
                .Select(ledger => new LedgerPlace(
                    place.Node.Name, Path.GetFileName(ledger), ledger, GenesisHashOf(
                        layout, Path.GetFileName(ledger)))));

    private static IEnumerable<LedgerPlace> OfNode(string folder)
    {
        string[] ledgers = File.Exists(Path.Combine(folder, RocksDbMark))
            ? [folder]
            : [.. ChannelFolders(folder), .. ChannelFolders(Path.Combine(folder, "data"))];
        return ledgers.Select(ledger => new LedgerPlace(folder, Path.GetFileName(ledger), ledger, GenesisHash: null));
    }

    private static IEnumerable<string> ChannelFolders(string dataFolder)
    {
        string channels = Path.Combine(dataFolder, "channels");
        return Directory.Exists(channels)
            ? Directory.EnumerateDirectories(channels)
                .Where(ledger => File.Exists(Path.Combine(ledger, RocksDbMark))
                    && ChannelId.TryParse(Path.GetFileName(ledger), out _, out _))   // Not what an import left.
                .Order(StringComparer.Ordinal)
            : [];
    }

    private static Hash32? GenesisHashOf(NetworkLayout layout, string channel)
    {
        if (!ChannelId.TryParse(channel, out ChannelId id, out _) || !File.Exists(layout.GenesisFile(id)))
            return null;

        try
        {
            Block block = Block.Parser.ParseFrom(File.ReadAllBytes(layout.GenesisFile(id)));
            return BlockHash.TryOf(block.Header, out Hash32 hash, out _) ? hash : null;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CommandFault(
                ExitCode.VerificationFailed, $"the genesis block {layout.GenesisFile(id)} cannot be read: {e.Message}");
        }
    }
}
