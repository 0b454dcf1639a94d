using System.Text;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Ledger.Building;

/// <summary>
/// A real ledger in a temporary folder, and the orderer's part: making the next block of transactions.
/// </summary>
internal sealed class TestLedger : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ledger-");

    private TestLedger()
    {
        Ledger = ChannelLedger.Open(Folder, ChannelId, LedgerOptions.Default);
    }

    public static ChannelId ChannelId => Protocol.ChannelId.Of(Tx.Channel);

    public ChannelLedger Ledger { get; private set; }

    public string Folder => Path.Combine(_root.FullName, "channel");

    public static TestLedger Empty() => new();

    /// <summary>A ledger that holds its genesis block.</summary>
    public static TestLedger WithGenesis()
    {
        var ledger = new TestLedger();
        ledger.CommitConfig("genesis");
        return ledger;
    }

    /// <summary>Commits the next block, which must be accepted.</summary>
    public CommitResult Commit(params Tx[] transactions)
    {
        Block block = NextBlock([.. transactions.Select(tx => tx.ToEnvelope())]);
        CommitResult result = Ledger.Commit(ToCommit(block, transactions));
        Assert.Null(result.Refusal?.Reason);
        return result;
    }

    /// <summary>The codes of a block of these transactions.</summary>
    public TxValidationCode[] CodesOf(params Tx[] transactions) => Commit(transactions).Codes;

    public CommitResult CommitConfig(string config)
    {
        Block block = NextBlock(Ledger.Height, [ConfigEnvelope(config, isGenesis: Ledger.Height == 0)]);
        CommitResult result = Ledger.Commit(ToCommit(block, []));
        Assert.Null(result.Refusal?.Reason);
        return result;
    }

    /// <summary>The next block, as an orderer would make it.</summary>
    public Block NextBlock(params byte[][] envelopes) => NextBlock(Ledger.Tip.LastConfigBlock, envelopes);

    private Block NextBlock(ulong lastConfig, byte[][] envelopes)
    {
        LedgerTip tip = Ledger.Tip;
        ReadOnlyMemory<byte>[] leaves = [.. envelopes.Select(envelope => (ReadOnlyMemory<byte>)envelope)];
        var roots = new BlockRoots(MerkleRoot.Of(leaves), tip.Chain.Root, LogPosition: default);
        var orderer = new OrdererBlockMetadata
        {
            LastConfig = new LastConfig { Index = lastConfig },
            ConsenterMetadata = ByteString.CopyFrom(BlockCommitments.Encode(roots)),
        };
        var block = new Block
        {
            Header = new BlockHeader
            {
                Number = tip.Height,
                PreviousHash = tip.Height == 0 ? ByteString.Empty : ByteString.CopyFrom(tip.LastBlockHash.AsSpan()),
                DataHash = ByteString.CopyFrom(BlockDataHash.Of(leaves).AsSpan()),
            },
            Data = new BlockData { Data = { envelopes.Select(envelope => ByteString.CopyFrom(envelope)) } },
            Metadata = new BlockMetadata(),
        };
        block.Metadata.Metadata.Add(new Metadata { Value = orderer.ToByteString() }.ToByteString());
        block.Metadata.Metadata.Add(Enumerable.Repeat(ByteString.Empty, BlockBytes.SlotCount - 1));
        return block;
    }

    /// <summary>Judges by the decoders alone: what stage 1 finds without keys.</summary>
    public static BlockToCommit ToCommit(Block block, IReadOnlyList<Tx> transactions)
    {
        Assert.True(BlockBytes.TryDecode(block.ToByteArray(), out BlockBytes? bytes, out string? fault), fault);
        var verdicts = new TransactionVerdict[bytes.Envelopes.Length];
        for (int index = 0; index < verdicts.Length; index++)
        {
            Tx? given = index < transactions.Count ? transactions[index] : null;
            bool isGenesis = bytes.Number == 0 && given is null;
            verdicts[index] = isGenesis ? TakeGenesis(bytes.Envelopes[0]) : Judge(bytes.Envelopes[index], given);
        }

        return new BlockToCommit(bytes, verdicts, commitmentRequired: true);
    }

    public void Reopen()
    {
        Ledger.Dispose();
        Ledger = ChannelLedger.Open(Folder, ChannelId, LedgerOptions.Default);
    }

    public string? ValueOf(string key, string ns = Tx.Contract)
    {
        using StateSnapshot state = Ledger.Snapshot();
        return state.TryGet(ns, key, out StateValue value) ? Encoding.UTF8.GetString(value.Value.Span) : null;
    }

    public void Dispose()
    {
        Ledger.Dispose();
        _root.Delete(recursive: true);
    }

    // Block 0 is nobody's transaction: no creator, no signature.
    private static byte[] ConfigEnvelope(string config, bool isGenesis)
    {
        var channelHeader = new ChannelHeader { Type = (int)HeaderType.Config, ChannelId = Tx.Channel };
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = new SignatureHeader
                {
                    Creator = ByteString.CopyFromUtf8(isGenesis ? "" : "orderer"),
                    Nonce = ByteString.CopyFromUtf8(config),
                }.ToByteString(),
            },
            Data = ByteString.CopyFromUtf8(config),
        };
        return CanonicalEnvelope.Encode(payload.ToByteArray(), isGenesis ? [] : [1]);
    }

    private static TransactionVerdict TakeGenesis(ReadOnlyMemory<byte> bytes)
    {
        Assert.True(DecodedEnvelope.TryDecode(bytes, out DecodedEnvelope? envelope, out DecodeFault fault), fault.Text);
        return new TransactionVerdict(TxValidationCode.Valid, ReachedDuplicateCheck: false, envelope, null);
    }

    private static TransactionVerdict Judge(ReadOnlyMemory<byte> bytes, Tx? given)
    {
        if (!DecodedEnvelope.TryDecodeInBlock(bytes, out DecodedEnvelope? envelope, out DecodeFault fault))
            return new TransactionVerdict(fault.Code, ReachedDuplicateCheck: false, Envelope: null, Transaction: null);
        if (envelope.Type == HeaderType.Config)
            return new TransactionVerdict(TxValidationCode.Valid, ReachedDuplicateCheck: false, envelope, null);

        bool decoded = DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out fault);
        TxValidationCode code = decoded ? given?.Code ?? TxValidationCode.Valid : fault.Code;
        bool reached = (decoded || fault.Stage == DecodeStage.Content)
            && code is not (TxValidationCode.BadCreatorSignature or TxValidationCode.TargetChainNotFound);
        return new TransactionVerdict(code, reached, envelope, transaction);
    }
}
