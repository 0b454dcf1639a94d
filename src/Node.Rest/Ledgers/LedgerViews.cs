namespace Node.Rest.Ledgers;

/// <summary>The channel as the caller's peer has it.</summary>
/// <param name="Height">Count of blocks.</param>
/// <param name="BlockHash">Of the last block.</param>
internal sealed record ChannelView(
    string Channel, string Contract, ulong Height, string BlockHash, string PreviousHash);

/// <summary>A block, without what its transactions say.</summary>
internal sealed record BlockView(
    ulong Number,
    string Hash,
    string PreviousHash,
    string DataHash,
    int Bytes,
    IReadOnlyList<BlockTransactionView> Transactions);

/// <summary>One transaction of a block.</summary>
/// <param name="Index">Its place in the block, from 0.</param>
/// <param name="Code">The validation code.</param>
internal sealed record BlockTransactionView(
    int Index, string TransactionId, string Type, string Timestamp, string Creator, string MspId, string Code);

/// <summary>What became of a transaction.</summary>
/// <param name="State">pending, committed, or invalid (on the ledger without effect).</param>
/// <param name="Code">The validation code; absent while it is pending.</param>
/// <param name="Verdict">The code in words.</param>
internal sealed record TransactionView(
    string TransactionId,
    string State,
    ulong? Block,
    string? Code,
    string? Verdict,
    string? Type,
    string? Timestamp,
    string? Creator,
    string? MspId);

/// <summary>Who is calling.</summary>
internal sealed record CallerView(string MspId, string User, string Endpoint);
