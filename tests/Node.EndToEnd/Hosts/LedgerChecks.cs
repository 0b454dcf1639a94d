using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.EndToEnd.Hosts;

/// <summary>
/// Stands outside the nodes and looks at their chains: nothing acknowledged is lost, nothing is valid twice, all peers
/// have one history, all orderers the same blocks.
/// </summary>
/// <remarks>Reads every block once, however often it is asked. One caller.</remarks>
internal sealed class LedgerChecks : IDisposable
{
    private const int CommitHashSlot = 4;
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);

    private readonly HostedNetwork _network;
    private readonly Dictionary<string, ChainReader> _readers = [];
    private readonly List<SigningIdentity> _signers = [];

    // Of every transaction, each time it is in a block.
    private readonly Dictionary<string, List<(ulong Block, TxValidationCode Code)>> _ledger =
        new(StringComparer.Ordinal);

    private readonly Dictionary<ulong, BlockPrint> _prints = [];
    private string _unreadable = "";   // Whom the last failure to read was with.
    private ulong _seen;
    private ulong _compared;

    public LedgerChecks(HostedNetwork network)
    {
        _network = network;
        foreach (NodeRun node in network.Nodes)
        {
            var material = node.Node.IsOrderer
                ? network.Material.OrdererOrganization(node.Node.Domain)
                : network.Material.PeerOrganization(node.Node.Domain);
            Assert.True(
                SigningIdentity.TryLoad(
                    MspId.Of(node.Node.MspId), material.User(node.Node.IsOrderer ? "Admin" : "User1").Msp,
                    out SigningIdentity? signer, out string? fault), fault);
            _signers.Add(signer);
            _readers.Add(node.Name, new ChainReader(
                node.Node, node.Host.Address, signer, material.Node(node.Name).TlsRootFile));
        }
    }

    /// <summary>One more than the last block's number, of one node.</summary>
    public async Task<ulong> HeightAsync(string node)
    {
        try
        {
            return await _readers[node].HeightAsync(CancellationToken.None);
        }
        catch (Grpc.Core.RpcException e)
        {
            _unreadable = $"{node}: {e.Status}";
            return 0;   // Nobody there, or not well yet.
        }
    }

    /// <summary>Waits until all nodes have the same height, for when nobody writes any more.</summary>
    public async Task<ulong> SettleAsync()
    {
        ulong[] heights = [];
        await Wait.UntilAsync(
            async () =>
            {
                heights = await Task.WhenAll(_network.Nodes.Select(node => HeightAsync(node.Name)));
                return heights[0] > 0 && heights.All(height => height == heights[0]);
            },
            s_settleTimeout,
            () => "all nodes to have the same height; they have "
                + string.Join(", ", _network.Nodes.Zip(heights, (node, height) => $"{node.Name} {height}"))
                + $". {_unreadable}\n"
                + string.Join("\n", _network.Nodes.Select(node => $"--- {node.Name}\n{node.LastWords()}")));
        return heights[0];
    }

    /// <summary>Everything at once, after a load has stopped.</summary>
    public async Task RequireAllAsync(Load load)
    {
        ulong height = await SettleAsync();
        await ReadAsync();
        await RequireOneHistoryAsync(height);
        await RequireSameBlocksAsync();
        RequireNothingLost(load);
    }

    public void Dispose()
    {
        foreach (ChainReader reader in _readers.Values)
            reader.Dispose();
        foreach (SigningIdentity signer in _signers)
            signer.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (Block block in _readers[_network.Peers[0].Name].ReadAsync(_seen, CancellationToken.None))
        {
            Assert.Equal(_seen, block.Header.Number);
            ReadOnlySpan<byte> codes = block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter].Span;
            for (int i = 0; i < block.Data.Data.Count; i++)
            {
                string id = TransactionIdOf(block.Data.Data[i]);
                if (!_ledger.TryGetValue(id, out List<(ulong, TxValidationCode)>? places))
                    _ledger.Add(id, places = []);
                places.Add((block.Header.Number, (TxValidationCode)codes[i]));
            }

            _prints[_seen] = BlockPrint.Of(block);
            _seen++;
        }
    }

    private void RequireNothingLost(Load load)
    {
        var twice = _ledger.Where(entry => entry.Key.Length > 0
            && entry.Value.Count(place => place.Code == TxValidationCode.Valid) > 1);
        Assert.Empty(twice.Select(entry => entry.Key));
        Assert.Empty(load.Records
            .Where(record => record.AcknowledgedAt > 0 && !_ledger.ContainsKey(record.Id.Value))
            .Select(record => $"lost: {record.Id} of {record.Peer}, acknowledged"));
        Assert.Empty(load.Records
            .Where(record => record.Status is { } status
                && !_ledger[record.Id.Value].Contains((status.BlockNumber, status.Code)))
            .Select(record => $"{record.Id}: {record.Peer} said {record.Status}"));

        // Every key is written once, so nothing can be in anything's way.
        Assert.Empty(load.Records.Where(record => record.Status is { IsValid: false }).Select(record => record.Status));
    }

    // The commit hash goes over all that came before.
    private async Task RequireOneHistoryAsync(ulong height)
    {
        var hashes = new Dictionary<string, string>();
        foreach (NodeRun peer in _network.Peers)
        {
            await foreach (Block block in _readers[peer.Name].ReadAsync(height - 1, CancellationToken.None))
            {
                hashes.Add(peer.Name, Convert.ToHexStringLower(block.Metadata.Metadata[CommitHashSlot].Span));
                break;
            }
        }

        Assert.Equal(_network.Peers.Count, hashes.Count);
        Assert.All(hashes.Values, hash => Assert.NotEmpty(hash));
        Assert.Single(hashes.Values.Distinct());
    }

    private async Task RequireSameBlocksAsync()
    {
        foreach (NodeRun orderer in _network.Orderers)
        {
            ulong next = _compared;
            await foreach (Block block in _readers[orderer.Name].ReadAsync(next, CancellationToken.None))
            {
                if (next == _seen)
                    break;

                Assert.True(
                    _prints[next] == BlockPrint.Of(block),
                    $"block {next} of {orderer.Name} is not the one that {_network.Peers[0].Name} has");
                next++;
            }

            Assert.Equal(_seen, next);
        }

        _compared = _seen;
        _prints.Clear();
    }

    private static string TransactionIdOf(ByteString envelope)
    {
        Payload payload = Payload.Parser.ParseFrom(Envelope.Parser.ParseFrom(envelope).Payload);
        return ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader).TxId;
    }

    /// <summary>A block but for what is each node's own: the orderer's signature and the peer's verdicts.</summary>
    private readonly record struct BlockPrint(
        Hash32 Header, Hash32 Data, Hash32 Signed, Hash32 LastConfig, Hash32 Orderer)
    {
        public static BlockPrint Of(Block block) => new(
            Hash32.Of(block.Header.ToByteArray()),
            Hash32.Of(block.Data.ToByteArray()),
            Hash32.Of(ValueOf(block, BlockMetadataIndex.Signatures)),
            Hash32.Of(ValueOf(block, BlockMetadataIndex.LastConfig)),
            Hash32.Of(block.Metadata.Metadata[(int)BlockMetadataIndex.Orderer].Span));

        private static ReadOnlySpan<byte> ValueOf(Block block, BlockMetadataIndex slot) =>
            Metadata.Parser.ParseFrom(block.Metadata.Metadata[(int)slot]).Value.Span;
    }
}
