using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Node.Ledger;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Peer.Hosting;
using Node.Peer.Proving;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Peer.Pulling;

/// <summary>
/// What a peer does about orderers of a channel that lie: names them, leaves them alone, and writes evidence that
/// convinces a third party.
/// </summary>
/// <remarks>Any thread. The same contradiction is told once.</remarks>
internal sealed class ForkReports(
    PeerChannel channel, EvidenceFolder folder, OrdererBook book, PeerMetrics metrics, ILogger log)
{
    // How many characters of a block's hash a file's name carries.
    private const int HashCharsInName = 12;

    private readonly Lock _lock = new();   // Protects _told and _fault.
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private string? _fault;

    /// <summary>Two orderers, or one of them twice, signed different blocks of one number.</summary>
    public void Found(Testimony first, Testimony second)
    {
        string name = NameOf(first.Block, second.Block);
        if (IsNews(name))
            Keep(name, first, second, () => ProofOfTwo(first.Block, second.Block));
    }

    /// <summary>An orderer signed a block that does not follow the chain on our ledger.</summary>
    /// <param name="next">Its number is our height.</param>
    public void FoundUnfit(Testimony next)
    {
        ChannelLedger ledger = channel.Ledger;
        ulong number = next.Block.Number;
        if (number == 0 || number != ledger.Height || !ledger.TryReadBlock(number - 1, out byte[]? bytes)
            || !BlockBytes.TryDecode(bytes, out BlockBytes? tip, out _))
            return;

        var ours = new Testimony("our ledger", SignedBlocks.Of(tip));
        string name = NameOf(ours.Block, next.Block);
        if (IsNews(name))
            Keep(name, ours, next, () => ProofOfUnfit(ledger, ours.Block, next.Block));
    }

    /// <summary>An orderer sent what no honest one sends.</summary>
    public void Lied(Testimony said, string reason) =>
        Lied(said.Orderer, said.Block.Number, $"{reason}; {Describe(said, channel.Config)}");

    /// <inheritdoc cref="Lied(Testimony, string)"/>
    public void Lied(string orderer, ulong number, string reason)
    {
        TimeSpan span = book.Failed(orderer, OrdererFault.Lying);
        metrics.CountOrdererFault(channel.Id, orderer, OrdererFault.Lying.ToString());
        PeerLog.OrdererLied(log, channel.Id, orderer, number, reason, (long)span.TotalSeconds);
    }

    /// <summary>Nothing is committed until a majority of the orderers says which of two blocks is the one.</summary>
    public void Undecided(Testimony ours, IReadOnlyList<Testimony> differing, bool isOutvoted)
    {
        if (!isOutvoted)
            SetFault($"orderers {ours.Orderer} and {differing[0].Orderer} signed different blocks {ours.Block.Number}; "
                + "commits go on when a majority of the orderers says which is the right one");
    }

    public void Settled() => SetFault(null);

    /// <summary>Our own chain is not the one that a majority of the orderers signed.</summary>
    public void Outvoted(ulong height) => SetFault(
        $"a majority of the orderers signed another chain than the one of {height} blocks that lies here: this peer "
        + $"believed a lying orderer when it could reach no other; keep {folder.Folder}, and let the peer join anew");

    private static string NameOf(SignedBlock first, SignedBlock second)
    {
        string[] both = [ShortHash(first), ShortHash(second)];
        Array.Sort(both, StringComparer.Ordinal);
        return $"{Math.Min(first.Number, second.Number)}-{both[0]}-{both[1]}";
    }

    // Over the value too: a block may be signed twice with different commitments.
    private static string ShortHash(SignedBlock block) =>
        Hash32.Of(block.PreviousHash.Span, block.DataHash.Span, block.Value.Span).ToString()[..HashCharsInName];

    private static string Describe(Testimony said, ChannelConfig config)
    {
        string signers = string.Join(" and ", SignedBlockCheck.WithGoodSignatures(said.Block, config).Signatures
            .Select(signature => SignerOf(signature, config)));
        return $"{said.Orderer} gave block {said.Block.Number} signed by "
            + (signers.Length == 0 ? "nobody" : signers);
    }

    private static string SignerOf(OrdererSignature signature, ChannelConfig config)
    {
        ByteString creator = SignatureHeader.Parser.ParseFrom(signature.Header).Creator;
        bool known = config.TryResolve(creator.Span, out Identity? signer, out _);
        Invariant.Require(known && signer is not null, "its signature was verified");
        return $"{signer} (certificate {signer.Fingerprint})";
    }

    private ForkProof ProofOfTwo(SignedBlock first, SignedBlock second) => ForkProof.Of(
        ConfigurationsBefore(channel.Ledger, first.Number),
        SignedBlockCheck.WithGoodSignatures(first, channel.Config),
        SignedBlockCheck.WithGoodSignatures(second, channel.Config),
        frontier: null);

    private ForkProof ProofOfUnfit(ChannelLedger ledger, SignedBlock tip, SignedBlock next)
    {
        bool tipIsConfig = ledger.Tip.LastConfigBlock == tip.Number;
        return ForkProof.Of(
            ConfigurationsBefore(ledger, next.Number),
            tipIsConfig ? null : SignedBlockCheck.WithGoodSignatures(tip, channel.Config),
            SignedBlockCheck.WithGoodSignatures(next, channel.Config),
            FrontierBefore(ledger, tip.Number));
    }

    private static List<ConfigurationBlock> ConfigurationsBefore(ChannelLedger ledger, ulong number)
    {
        List<ulong>? numbers = SignedBlocks.ConfigurationsAmong(
            ledger, 0, number - 1, Limits.ProofConfigurationsMax);
        return [.. (numbers ?? []).Select(at => SignedBlocks.WithConfiguration(SignedBlocks.Read(ledger, at)))];
    }

    private static MerkleFrontier FrontierBefore(ChannelLedger ledger, ulong number)
    {
        if (number == 0)
            return MerkleFrontier.Empty;

        BlockBytes last = SignedBlocks.Read(ledger, number - 1);
        Hash32 leaf = BlockCommitments.ChainLeaf(last.HeaderBytes.Span, last.ComputeTransactionsRoot());
        bool found = TreeShape.TryFromLastLeaf(
            number, leaf, ledger.ProveInclusion(number - 1, number), out MerkleFrontier? frontier);
        Invariant.Require(found && frontier is not null, "the path is of the tree's last leaf");
        return frontier;
    }

    private bool IsNews(string name)
    {
        lock (_lock)
            return _told.Count < Limits.EvidenceFilesMax && _told.Add(name);
    }

    private void SetFault(string? fault)
    {
        lock (_lock)
        {
            // Another fault than ours is not ours to take away.
            if (fault is null && channel.Fault == _fault)
                channel.Fault = null;
            else if (fault is not null && channel.Fault != fault)
            {
                channel.Fault = fault;
                PeerLog.ChainDisputed(log, channel.Id, fault);
            }

            _fault = fault;
        }
    }

    private void Keep(string name, Testimony first, Testimony second, Func<ForkProof> prove)
    {
        ulong number = second.Block.Number;
        string one = Describe(first, channel.Config);
        string other = Describe(second, channel.Config);
        metrics.CountEquivocation(channel.Id);
        string? fault;
        string file = "";
        try
        {
            ForkProof proof = prove();
            fault = proof.Verify(SignedBlocks.Read(channel.Ledger, 0).Hash)[^1].Fault;
            if (fault is null)
                folder.TryWrite($"{channel.Id}-{name}", proof, out file, out fault);
        }
        catch (LedgerCorruptException e)
        {
            // Old blocks may have been removed: then there is no path from the genesis block.
            fault = e.Message;
        }

        if (fault is null)
            PeerLog.EvidenceWritten(log, channel.Id, number, one, other, file);
        else
            PeerLog.EvidenceMissing(log, channel.Id, number, one, other, fault);
    }
}
