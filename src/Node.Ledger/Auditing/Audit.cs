using Node.Ledger.Blocks;
using Node.Ledger.Snapshots;
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

        return new AuditReport(channel, tip.Height, _checked, tip.CommitHash, fault)
        {
            FirstHeld = HeldBlocks.ReadFirst(database),
            Origin = SnapshotOrigin.Read(database),
        };
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
        ChannelId id = ChannelId.Of(channel);
        ulong held = HeldBlocks.ReadFirst(database);
        if (held > 0 && held >= tip.Height)
            return new AuditFault(Block: null, $"whole blocks begin at {held}, and it has {tip.Height} blocks");

        var scratch = LedgerDatabase.CreateScratch(scratchFolder, id);
        LedgerTip start = LedgerTip.Empty;
        if (held > 0)
        {
            var before = new ReplayStart(database, scratch, held, authority);
            AuditFault? early = before.Run(blocks => progress.Report(new AuditProgress(blocks, tip.Height)), out start);
            _checked = before.BlocksChecked;
            if (early is not null)
            {
                scratch.Dispose();
                return early;
            }
        }

        using ChannelLedger replay = ChannelLedger.CreateScratch(id, scratch, start);
        return RunBlocks(database, replay, held, tip.Height)
            ?? new DatabaseComparison(database, scratch).FirstFault(tip.Height);
    }

    private AuditFault? RunBlocks(LedgerDatabase database, ChannelLedger replay, ulong held, ulong height)
    {
        // Outlines are checked with their roots, so what follows them has roots as well.
        bool commitmentRequired = held > 0;
        for (ulong number = held; number < height; number++)
        {
            BlockBytes block = TipCheck.ReadBlock(database, number);
            commitmentRequired = number == 0 ? Replay.CommitsToRoots(block) : commitmentRequired;
            if (Replay.Run(replay, block, commitmentRequired, takesVersions: held > 0) is { } fault)
                return new AuditFault(number, fault);
            if (!authority.TryCheck(block, out string? signatureFault))
                return new AuditFault(number, signatureFault);

            _checked = number + 1;
            progress.Report(new AuditProgress(_checked, height));
        }

        return null;
    }
}
