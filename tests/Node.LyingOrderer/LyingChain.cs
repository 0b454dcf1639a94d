using System.Security.Cryptography;
using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.LyingOrderer;

/// <summary>The blocks that one orderer gives: honest ones that it signs, or what its lie makes of them.</summary>
/// <remarks>Any thread.</remarks>
public sealed class LyingChain(SigningIdentity signer)
{
    private readonly Lock _lock = new();   // Protects everything below.
    private readonly List<Block> _honest = [];
    private readonly List<MerkleFrontier> _before = [MerkleFrontier.Empty];   // The tree before each honest block.
    private readonly Dictionary<ulong, Block> _made = [];
    private Hash32 _ownPrevious;
    private MerkleFrontier _ownTree = MerkleFrontier.Empty;
    private ulong _ownNext;
    private TaskCompletionSource _grown = NewSignal();

    public Lie Lie { get; private set; }

    /// <summary>The first block it lies about.</summary>
    public ulong From { get; private set; }

    public ulong Height
    {
        get
        {
            lock (_lock)
                return (ulong)_honest.Count;
        }
    }

    /// <summary>Adds an honest block. Whose signature it bears does not matter: it is replaced.</summary>
    public void Add(Block block)
    {
        lock (_lock)
        {
            Invariant.Require(block.Header.Number == (ulong)_honest.Count, "blocks are added in order");
            _honest.Add(block);
            _before.Add(_before[^1].Append(LeafOf(block)));
        }

        Signal();
    }

    /// <summary>Begins to lie, about this block and all behind it.</summary>
    public void Begin(Lie lie, ulong from)
    {
        lock (_lock)
        {
            (Lie, From) = (lie, from);
            _made.Clear();
            _ownNext = from;
            _ownTree = _before[(int)Math.Min(from, (ulong)_honest.Count)];
            _ownPrevious = from == 0 ? default : HashOf(_honest[(int)from - 1].Header);
        }

        Signal();
    }

    public bool IsLieAbout(ulong number)
    {
        lock (_lock)
            return Lie != Lie.None && number >= From;
    }

    /// <summary>Completes with the block once the honest orderers have it.</summary>
    public async Task<Block> WaitAsync(ulong number, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grown;
            lock (_lock)
            {
                if (number < (ulong)_honest.Count)
                    return number == 0 ? _honest[0] : MadeUnderLock(number);

                grown = _grown.Task;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Hash32 HashOf(BlockHeader header) =>
        Hash32.Of(BlockHeaderBytes.ToArray(header.Number, header.PreviousHash.Span, header.DataHash.Span));

    private static Hash32 LeafOf(Block block) => BlockCommitments.ChainLeaf(
        BlockHeaderBytes.ToArray(block.Header.Number, block.Header.PreviousHash.Span, block.Header.DataHash.Span),
        MerkleRoot.Of(block.Data.Data));

    private void Signal()
    {
        TaskCompletionSource last;
        lock (_lock)
        {
            last = _grown;
            _grown = NewSignal();
        }

        last.TrySetResult();
    }

    private Block MadeUnderLock(ulong number)
    {
        if (_made.TryGetValue(number, out Block? made))
            return made;

        Block block = _honest[(int)number].Clone();
        bool lies = Lie != Lie.None && number >= From;
        if (lies && Lie is Lie.Fork or Lie.Reorder)
        {
            // Its blocks are chained, so those before are made first.
            while (_ownNext < number)
                MadeUnderLock(_ownNext);

            MakeOwn(block);
        }
        else if (lies && Lie == Lie.Resign && number == From)
        {
            Alter(block);
            Commit(block, roots => roots.TransactionsRoot = Bytes(MerkleRoot.Of(block.Data.Data)));
        }
        else if (lies && Lie == Lie.WrongCommitment)
        {
            Commit(block, roots => roots.ChainRoot = Bytes(Hash32.Of([(byte)number])));
        }
        else if (lies && Lie == Lie.WrongPrevious)
        {
            block.Header.PreviousHash = Bytes(Hash32.Of([(byte)number]));
        }

        Sign(block, isGood: !(lies && Lie == Lie.BadSignature));
        _made.Add(number, block);
        return block;
    }

    private void MakeOwn(Block block)
    {
        if (Lie == Lie.Reorder && block.Data.Data.Count > 1)
            Reverse(block);
        else if (Lie == Lie.Fork)
            Alter(block);

        block.Header.PreviousHash = Bytes(_ownPrevious);
        Commit(block, roots =>
        {
            roots.TransactionsRoot = Bytes(MerkleRoot.Of(block.Data.Data));
            roots.ChainRoot = Bytes(_ownTree.Root);
        });
        _ownTree = _ownTree.Append(LeafOf(block));
        _ownPrevious = HashOf(block.Header);
        _ownNext = block.Header.Number + 1;
    }

    private static void Reverse(Block block)
    {
        ByteString[] reversed = [.. block.Data.Data.Reverse()];
        block.Data.Data.Clear();
        block.Data.Data.Add(reversed);
        block.Header.DataHash = Bytes(BlockDataHash.Of(block.Data.Data));
    }

    // It cannot sign for clients, but it can leave out what they sent, or say it twice.
    private static void Alter(Block block)
    {
        if (block.Data.Data.Count > 1)
            block.Data.Data.RemoveAt(0);
        else
            block.Data.Data.Add(block.Data.Data[0]);

        block.Header.DataHash = Bytes(BlockDataHash.Of(block.Data.Data));
    }

    private static ByteString Bytes(Hash32 hash) => ByteString.CopyFrom(hash.AsSpan());

    private static void Commit(Block block, Action<BlockCommitment> change)
    {
        Metadata metadata = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        OrdererBlockMetadata value = OrdererBlockMetadata.Parser.ParseFrom(metadata.Value);
        BlockCommitment commitment = BlockCommitment.Parser.ParseFrom(value.ConsenterMetadata);
        change(commitment);
        value.ConsenterMetadata = commitment.ToByteString();
        metadata.Value = value.ToByteString();
        block.Metadata.Metadata[0] = metadata.ToByteString();
    }

    private void Sign(Block block, bool isGood)
    {
        Metadata metadata = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        ByteString header = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(24)),
        }.ToByteString();
        byte[] blockHeader = BlockHeaderBytes.ToArray(
            block.Header.Number, block.Header.PreviousHash.Span, block.Header.DataHash.Span);
        byte[] message = [.. metadata.Value.Span, .. header.Span, .. blockHeader];
        metadata.Signatures.Clear();
        metadata.Signatures.Add(new MetadataSignature
        {
            SignatureHeader = header,
            Signature = ByteString.CopyFrom(signer.Sign(isGood ? message : [0, .. message])),
        });
        block.Metadata.Metadata[0] = metadata.ToByteString();
    }
}
