using Google.Protobuf;
using Node.Cli.Running;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Cli.Inspecting;

internal sealed record BlockTransaction(
    int Index, string TransactionId, string Type, string Creator, string Code, string Verdict);

internal sealed record CommitmentDescription(string TransactionsRoot, string ChainRoot, string LogPosition);

/// <summary>What a block says, taken apart for people and programs.</summary>
internal sealed record BlockDescription
{
    public required ulong Number { get; init; }

    public required string Hash { get; init; }

    public required string PreviousHash { get; init; }

    public required string DataHash { get; init; }

    public required int Bytes { get; init; }

    public ulong LastConfig { get; init; }

    public IReadOnlyList<string> Orderers { get; init; } = [];

    public string CommitHash { get; init; } = "";

    /// <summary>Null for a block of an orderer that makes none.</summary>
    public CommitmentDescription? Commitment { get; init; }

    public IReadOnlyList<BlockTransaction> Transactions { get; init; } = [];

    /// <exception cref="CommandFault">The bytes cannot be taken apart.</exception>
    public static BlockDescription Of(Block block, int bytes)
    {
        if (!BlockHash.TryOf(block.Header, out Hash32 hash, out string? fault))
            throw new CommandFault(ExitCode.VerificationFailed, $"the block cannot be taken apart: {fault}");

        try
        {
            Metadata signatures = Metadata.Parser.ParseFrom(Slot(block, BlockMetadataIndex.Signatures));
            OrdererBlockMetadata orderer = OrdererBlockMetadata.Parser.ParseFrom(signatures.Value);
            ByteString commitHash = Slot(block, BlockMetadataIndex.CommitHash);
            return new BlockDescription
            {
                Number = block.Header.Number,
                Hash = hash.ToString(),
                PreviousHash = Hex(block.Header.PreviousHash),
                DataHash = Hex(block.Header.DataHash),
                Bytes = bytes,
                LastConfig = orderer.LastConfig?.Index ?? 0,
                Orderers = [.. signatures.Signatures.Select(signature =>
                    IdentityText.Of(SignatureHeader.Parser.ParseFrom(signature.SignatureHeader).Creator))],
                CommitHash = commitHash.IsEmpty ? "" : Hex(Metadata.Parser.ParseFrom(commitHash).Value),
                Commitment = CommitmentOf(orderer),
                Transactions = TransactionsOf(block),
            };
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CommandFault(
                ExitCode.VerificationFailed, $"the block's bytes cannot be taken apart: {e.Message}");
        }
    }

    /// <summary>Where a transaction lies in a block; -1 when it is not there.</summary>
    public static int IndexOf(Block block, string transactionId)
    {
        for (int index = 0; index < block.Data.Data.Count; index++)
        {
            if (HeadersOf(block.Data.Data[index]).Channel.TxId == transactionId)
                return index;
        }

        return -1;
    }

    private static BlockTransaction[] TransactionsOf(Block block)
    {
        ByteString codes = Slot(block, BlockMetadataIndex.TransactionsFilter);
        var transactions = new BlockTransaction[block.Data.Data.Count];
        for (int index = 0; index < transactions.Length; index++)
        {
            (ChannelHeader channel, SignatureHeader signer) = HeadersOf(block.Data.Data[index]);
            TxValidationCode code = index < codes.Length
                ? (TxValidationCode)codes[index]
                : TxValidationCode.NotValidated;
            transactions[index] = new BlockTransaction(
                index, channel.TxId, ((HeaderType)channel.Type).ToString(), IdentityText.Of(signer.Creator),
                code.ToString(), TxValidationCodeText.Of(code).Words);
        }

        return transactions;
    }

    private static (ChannelHeader Channel, SignatureHeader Signer) HeadersOf(ByteString envelopeBytes)
    {
        Payload payload = Payload.Parser.ParseFrom(Envelope.Parser.ParseFrom(envelopeBytes).Payload);
        Header header = payload.Header ?? new Header();
        return (
            ChannelHeader.Parser.ParseFrom(header.ChannelHeader),
            SignatureHeader.Parser.ParseFrom(header.SignatureHeader));
    }

    private static CommitmentDescription? CommitmentOf(OrdererBlockMetadata orderer) =>
        BlockCommitments.TryDecode(orderer.ConsenterMetadata.Memory, out BlockRoots roots, out _)
            ? new CommitmentDescription(
                roots.Transactions.ToString(), roots.Chain.ToString(), Convert.ToHexStringLower(roots.LogPosition.Span))
            : null;

    private static ByteString Slot(Block block, BlockMetadataIndex index) =>
        block.Metadata is { } metadata && (int)index < metadata.Metadata.Count
            ? metadata.Metadata[(int)index]
            : ByteString.Empty;

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
