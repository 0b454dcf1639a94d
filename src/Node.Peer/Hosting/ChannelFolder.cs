using Node.Ledger;
using Node.Ledger.Snapshots;
using Node.Membership;
using Node.Peer.Joining;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Hosting;

/// <summary>Opens the ledgers in a data folder, and starts new ones from genesis blocks.</summary>
/// <remarks>One folder per channel, named as the channel: <c>channels/mychannel</c>.</remarks>
internal sealed class ChannelFolder(string dataFolder)
{
    private string Root => Path.Combine(dataFolder, "channels");

    /// <summary>Opens every channel that is there, after starting those whose genesis block is new.</summary>
    /// <exception cref="LedgerCorruptException">A ledger's bytes are not what was stored.</exception>
    /// <exception cref="StorageFailedException">A ledger cannot be opened.</exception>
    /// <exception cref="ArgumentException">A genesis block is none.</exception>
    public IReadOnlyList<PeerChannel> OpenAll(IReadOnlyList<string> genesisBlockFiles) =>
        OpenAll(genesisBlockFiles, snapshotFolders: []);

    /// <summary>As above, after making ledgers of the snapshots of channels that are not there yet.</summary>
    /// <inheritdoc cref="OpenAll(IReadOnlyList{string})" path="/exception"/>
    /// <exception cref="SnapshotRefusedException">A snapshot to join from is not what it says.</exception>
    public IReadOnlyList<PeerChannel> OpenAll(
        IReadOnlyList<string> genesisBlockFiles, IReadOnlyList<string> snapshotFolders)
    {
        Directory.CreateDirectory(Root);
        foreach (string snapshot in snapshotFolders)
            JoinFrom(snapshot, genesisBlockFiles);

        var channels = new Dictionary<ChannelId, PeerChannel>();
        foreach (string file in genesisBlockFiles)
        {
            byte[] bytes = File.ReadAllBytes(file);
            ChannelConfig genesis = ReadGenesis(file, bytes);
            if (!channels.ContainsKey(genesis.Id))
                channels.Add(genesis.Id, Open(genesis.Id, bytes));
        }

        foreach (string folder in Directory.EnumerateDirectories(Root))
        {
            if (ChannelId.TryParse(Path.GetFileName(folder), out ChannelId id, out _) && !channels.ContainsKey(id))
                channels.Add(id, Open(id, genesis: default));
        }

        return [.. channels.Values];
    }

    /// <summary>The configuration in force after a ledger's last block.</summary>
    public static ChannelConfig ReadConfig(ChannelLedger ledger)
    {
        ulong number = ledger.Tip.LastConfigBlock;
        if (!ledger.TryReadBlock(number, out byte[]? block))
        {
            throw new LedgerCorruptException(
                "the block with the channel's configuration is missing", ledger.Folder, number);
        }

        return ChannelConfig.TryFromConfigBlock(block, out ChannelConfig? config, out string? fault)
            ? config
            : throw new LedgerCorruptException($"its configuration cannot be read: {fault}", ledger.Folder, number);
    }

    public string FolderOf(ChannelId channel) => Path.Combine(Root, channel.Value);

    // Once joined, the snapshot is not needed any more and may be gone.
    private void JoinFrom(string snapshot, IReadOnlyList<string> genesisBlockFiles)
    {
        if (!Directory.Exists(snapshot))
            return;

        ChannelId channel = LedgerSnapshots.ReadManifest(snapshot).Channel;
        if (Directory.Exists(FolderOf(channel)))
            return;

        foreach (string file in genesisBlockFiles)
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (ReadGenesis(file, bytes).Id != channel || !BlockBytes.TryDecode(bytes, out BlockBytes? genesis, out _))
                continue;

            SnapshotJoin.Import(
                snapshot, dataFolder, genesis.Hash, organizationsMin: 1, new Progress<SnapshotProgress>());
            return;
        }

        throw new ArgumentException(
            $"The snapshot {snapshot} is of channel {channel}; name that channel's genesis block as well, which trust "
            + "begins with.");
    }

    private PeerChannel Open(ChannelId id, ReadOnlyMemory<byte> genesis) =>
        Open(id, genesis, LedgerOptions.Default);

    /// <param name="genesis">Block 0, for a channel that is not there yet.</param>
    /// <inheritdoc cref="OpenAll(IReadOnlyList{string})" path="/exception"/>
    internal PeerChannel Open(ChannelId id, ReadOnlyMemory<byte> genesis, LedgerOptions options)
    {
        var ledger = ChannelLedger.Open(FolderOf(id), id, options);
        if (ledger.Height == 0)
            CommitGenesis(ledger, genesis);

        return new PeerChannel(ledger, ReadConfig(ledger));
    }

    private void CommitGenesis(ChannelLedger ledger, ReadOnlyMemory<byte> genesis)
    {
        // An empty folder and no genesis block: the join was cut short before its first write.
        if (genesis.IsEmpty || !BlockBytes.TryDecode(genesis, out BlockBytes? block, out string? fault))
            throw new ArgumentException($"A channel in {Root} is empty; start with its genesis block, or remove it.");

        if (block.Number != 0)
        {
            throw new ArgumentException(
                $"Channel {ledger.Channel} would begin with block {block.Number}. A peer begins with block 0, which "
                + "./hyperprov channel fetch genesis gives, or with a snapshot.");
        }

        bool decoded = DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _);
        Invariant.Require(decoded && envelope is not null, "a block whose configuration was read has an envelope");
        var verdict = new TransactionVerdict(
            TxValidationCode.Valid, ReachedDuplicateCheck: false, envelope, Transaction: null);
        CommitResult result = ledger.Commit(new BlockToCommit(block, [verdict], commitmentRequired: true));
        if (result.Refusal is { } refusal)
            throw new ArgumentException($"The genesis block cannot be committed: {refusal.Reason}.");
    }

    private static ChannelConfig ReadGenesis(string file, byte[] bytes) =>
        ChannelConfig.TryFromConfigBlock(bytes, out ChannelConfig? config, out string? fault)
            ? config
            : throw new ArgumentException($"{file} is no genesis block: {fault}");
}
