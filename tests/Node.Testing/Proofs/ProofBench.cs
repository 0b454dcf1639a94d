using Google.Protobuf;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;
using ApplicationPolicy = Node.Protocol.Wire.Peer.ApplicationPolicy;

namespace Node.Testing.Proofs;

/// <summary>
/// A chain in memory and everybody's keys, to make receipts as honest peers would, or as nobody should.
/// </summary>
/// <remarks>Written from docs/formats.md, without the code of the peer that makes real receipts.</remarks>
public sealed class ProofBench : IDisposable
{
    public const string Contract = "hyperprov";

    private readonly List<BlockBytes> _blocks = [];
    private readonly MerkleTree _tree = new();

    public ProofBench()
    {
        Chain = new TestChain(Channel);
        Add(Chain.Genesis);
    }

    public TestChannel Channel { get; } = new();

    public TestChain Chain { get; }

    public IReadOnlyList<BlockBytes> Blocks => _blocks;

    public Hash32 GenesisHash => _blocks[0].Hash;

    /// <summary>The policy that attestations name: one peer of each organisation.</summary>
    public ByteString Policy { get; set; } = new ApplicationPolicy
    {
        SignaturePolicy = PolicyText.Parse("AND('Org1MSP.peer', 'Org2MSP.peer')"),
    }.ToByteString();

    /// <summary>When peers sign their attestations.</summary>
    public DateTimeOffset AttestedAt { get; set; } = TestIssuer.Epoch.AddDays(2);

    /// <summary>A transaction that records a checksum for a key, as the provenance contract would.</summary>
    public Tx Recording(string key, string hash)
    {
        Tx tx = Tx.Valid(Channel);
        return tx.Writing(key, RecordJson(tx.Id, hash, Channel.Client1));
    }

    public string RecordJson(TxId id, string hash, SigningIdentity writer)
    {
        bool resolved = Channel.Config().TryResolve(writer.Serialized.Span, out Identity? identity, out string? fault);
        Invariant.Require(resolved && identity is not null, fault ?? "");
        return $$"""
            {"hash":"{{hash}}","location":"file:///data/","pointer":"a.csv","txid":"{{id}}","cert":"User1",
            "type":"text/csv","desc":"","depends":"","checksumAlgorithm":"SHA-256","mspId":"{{identity.MspId}}",
            "fingerprint":"{{identity.Fingerprint}}","time":"2026-01-02T00:00:00Z"}
            """;
    }

    /// <summary>Takes in a block that the chain made.</summary>
    public BlockBytes Add(byte[] bytes)
    {
        bool decoded = BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault);
        Invariant.Require(decoded && block is not null, fault ?? "");
        _blocks.Add(block);
        _tree.Append(BlockCommitments.ChainLeaf(block.HeaderBytes.Span, block.ComputeTransactionsRoot()));
        return block;
    }

    public BlockBytes AddTransactions(params IReadOnlyList<Tx> transactions) =>
        Add(Chain.Next([.. transactions.Select(tx => tx.ToEnvelope())]));

    /// <summary>A receipt that both organisations' peers attest.</summary>
    public Receipt Prove(ulong number, int index) => Prove(number, index, Channel.Peer1, Channel.Peer2);

    public Receipt Prove(ulong number, int index, params SigningIdentity[] attesters)
    {
        BlockBytes block = _blocks[(int)number];
        var receipt = new Receipt
        {
            Block = SignedBlockOf(block),
            Index = (uint)index,
            Count = (uint)block.Envelopes.Length,
            Envelope = ByteString.CopyFrom(block.Envelopes[index].Span),
            CommitHash = ByteString.CopyFrom(Hash32.Of("commits"u8).AsSpan()),
            Policies = { new ContractPolicy { Contract = Contract, Policy = Policy } },
        };
        receipt.Path.Add(MerkleTree.OfLeaves(block.Envelopes)
            .ProveInclusion((ulong)index, receipt.Count).Select(BytesOf));
        receipt.Configurations.Add(ConfigurationsBefore(number).Select(configuration =>
        {
            configuration.ChainPath.Add(_tree.ProveInclusion(configuration.Block.Number, number).Select(BytesOf));
            return configuration;
        }));
        foreach (SigningIdentity attester in attesters)
            receipt.Attestations.Add(Attest(receipt, attester));

        return receipt;
    }

    /// <summary>Signs anew what the receipt says now.</summary>
    public Attestation Attest(Receipt receipt, SigningIdentity peer)
    {
        long at = AttestedAt.ToUnixTimeSeconds();
        return new Attestation
        {
            Peer = ByteString.CopyFrom(peer.Serialized.Span),
            SignedAt = at,
            Signature = ByteString.CopyFrom(peer.Sign(StatementOf(receipt).ToBytes(peer.Serialized.Span, at))),
        };
    }

    public ValidationStatement StatementOf(Receipt receipt)
    {
        bool decoded = DecodedEnvelope.TryDecode(receipt.Envelope.Memory, out DecodedEnvelope? envelope, out _);
        Invariant.Require(decoded && envelope is not null, "benches make envelopes that can be read");
        envelope.TryGetTxId(out TxId id, out _);
        SignedBlock block = receipt.Block;
        return new ValidationStatement
        {
            Channel = Channel.Id,
            BlockNumber = block.Number,
            BlockHash = BlockHash.Of(block.Number, block.PreviousHash.Span, block.DataHash.Span),
            Index = receipt.Index,
            Count = receipt.Count,
            TransactionId = id,
            Code = (byte)receipt.Code,
            CommitHash = Hash32.Read(receipt.CommitHash.Span),
            Policies = [.. receipt.Policies.Select(policy => new PolicyInForce(policy.Contract, policy.Policy.Memory))],
        };
    }

    /// <summary>The configuration blocks below a number, the genesis block first.</summary>
    public IEnumerable<ConfigurationBlock> ConfigurationsBefore(ulong number) =>
        _blocks.Take((int)number).Where(IsConfiguration).Select(Commitment);

    /// <summary>What a peer's Commitments stream says about a block.</summary>
    public static ConfigurationBlock Commitment(BlockBytes block)
    {
        var commitment = new ConfigurationBlock { Block = SignedBlockOf(block) };
        if (IsConfiguration(block))
            commitment.Envelope = ByteString.CopyFrom(block.Envelopes[0].Span);

        return commitment;
    }

    public static SignedBlock SignedBlockOf(BlockBytes block)
    {
        var signed = new SignedBlock
        {
            Number = block.Number,
            PreviousHash = ByteString.CopyFrom(block.PreviousHash.Span),
            DataHash = ByteString.CopyFrom(block.DataHash.AsSpan()),
        };
        if (block.Number == 0)
            return signed;

        Metadata slot = Metadata.Parser.ParseFrom(block.Slot(0).Span);
        signed.Value = slot.Value;
        signed.Signatures.Add(slot.Signatures.Select(signature => new OrdererSignature
        {
            Header = signature.SignatureHeader,
            Signature = signature.Signature,
        }));
        return signed;
    }

    public Hash32[] ProveConsistency(ulong first, ulong second) => _tree.ProveConsistency(first, second);

    public Hash32[] ProveInclusion(ulong block, ulong height) => _tree.ProveInclusion(block, height);

    public void Dispose() => Channel.Dispose();

    public static bool IsConfiguration(BlockBytes block) =>
        block.Envelopes.Length == 1
        && DecodedEnvelope.TryDecode(block.Envelopes[0], out DecodedEnvelope? envelope, out _)
        && envelope.Type == HeaderType.Config;

    private static ByteString BytesOf(Hash32 hash) => ByteString.CopyFrom(hash.AsSpan());
}
