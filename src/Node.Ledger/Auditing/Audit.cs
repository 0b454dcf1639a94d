using Node.Ledger.Storage;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Ledger.Auditing;

/// <summary>One audit: replays all blocks into a scratch ledger, then compares the databases.</summary>
internal sealed class Audit(
    string folder, string scratchFolder, IBlockAuthority authority, IProgress<AuditProgress> progress)
{
    private ulong _checked;

    public AuditReport Run()
    {
        using LedgerDatabase database = LedgerDatabase.OpenReadOnly(folder, scratchFolder);
        string channel = database.ChannelName;
        LedgerTip tip = LedgerTip.Empty;
        AuditFault? fault;
        try
        {
            fault = FaultOfHead(database, channel, out tip) ?? Compare(database, channel, tip);
        }
        catch (LedgerCorruptException error)
        {
            fault = new AuditFault(error.BlockNumber ?? (_checked < tip.Height ? _checked : null), error.What);
        }

        return new AuditReport(channel, tip.Height, _checked, tip.CommitHash, fault);
    }

    private static AuditFault? FaultOfHead(LedgerDatabase database, string channel, out LedgerTip tip)
    {
        tip = LedgerTip.Empty;
        if (!ChannelId.TryParse(channel, out _, out string? fault))
            return new AuditFault(Block: null, $"the channel's name: {fault}");

        byte[]? record = database.Get(TipRecord.Key, database.Meta, "read the savepoint");
        return record is null || TipRecord.TryDecode(record, out tip)
            ? null
            : new AuditFault(Block: null, "the savepoint cannot be read");
    }

    private AuditFault? Compare(LedgerDatabase database, string channel, LedgerTip tip)
    {
        using ChannelLedger replay = ChannelLedger.CreateScratch(scratchFolder, ChannelId.Of(channel));
        bool commitmentRequired = false;
        for (ulong number = 0; number < tip.Height; number++)
        {
            BlockBytes block = TipCheck.ReadBlock(database, number);
            commitmentRequired = number == 0 ? Replay.CommitsToRoots(block) : commitmentRequired;
            if (Replay.Run(replay, block, commitmentRequired) is { } fault)
                return new AuditFault(number, fault);
            if (!authority.TryCheck(block, out string? signatureFault))
                return new AuditFault(number, signatureFault);

            _checked = number + 1;
            progress.Report(new AuditProgress(_checked, tip.Height));
        }

        return new DatabaseComparison(database, replay.Database).FirstFault(tip.Height);
    }
}
