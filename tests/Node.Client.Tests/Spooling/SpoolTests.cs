using Node.Client.Spooling;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Journaling;
using Node.Testing;
using Node.Testing.Time;

namespace Node.Client.Tests.Spooling;

/// <summary>What a spool acknowledged is there after any crash, and what was done to it shows.</summary>
public sealed class SpoolTests : IDisposable
{
    private static readonly TestNetwork s_network = TestNetwork.Create();
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-spool-").FullName;

    private string SpoolFolder => Path.Combine(_folder, "spool");

    private string Segment => Directory.GetFiles(Path.Combine(SpoolFolder, "segments")).Order().Last();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_added_is_there_again_in_order_with_its_ids()
    {
        List<TxId> ids = [];
        using (Spool spool = Create())
        {
            ids.Add(spool.Add(Record("a")));
            ids.AddRange(spool.Add([Record("b") with { Parents = [ids[0]] }, Record("c")]));
        }

        using (Spool again = Open())
            ids.Add(again.Add(Record("d")));

        JournalEntry[] entries = [.. SpoolStatus.Entries(SpoolFolder, 1)];
        Assert.Equal(ids, entries.Select(entry => entry.RecordId));
        Assert.Equal(["a", "b", "c", "d"], entries.Select(entry => entry.Record!.Key));   // All are records.
        Assert.Equal(4UL, SpoolStatus.Read(SpoolFolder).Sequence);
        Assert.True((await VerifyAsync()).Passed);
    }

    // A power cut leaves any prefix of what was being written, and an older tip.
    [Fact]
    public async Task Whatever_a_crash_leaves_of_the_last_write_the_acknowledged_entries_are_there()
    {
        using (Spool spool = Create())
            spool.Add([Record("a"), Record("b")]);
        byte[] acknowledged = File.ReadAllBytes(Segment);
        byte[] tip = File.ReadAllBytes(Path.Combine(SpoolFolder, "tip"));
        using (Spool spool = Open())
            spool.Add([Record("c"), Record("d")]);
        byte[] after = File.ReadAllBytes(Segment);

        for (int length = acknowledged.Length; length <= after.Length; length += 7)
        {
            File.WriteAllBytes(Segment, after[..length]);
            File.WriteAllBytes(Path.Combine(SpoolFolder, "tip"), tip);
            using (Spool spool = Open())
            {
                Assert.InRange(spool.Sequence, 2UL, 4UL);
                spool.Add(Record("e"));
            }

            SpoolReport report = await VerifyAsync();
            Assert.True(report.Passed, string.Join('\n', report.Findings));
            Assert.Equal(["a", "b"], SpoolStatus.Entries(SpoolFolder, 1).Take(2).Select(entry => entry.Record!.Key));
        }
    }

    [Fact]
    public void A_block_of_zeros_behind_the_acknowledged_entries_is_cut_off()
    {
        using (Spool spool = Create())
            spool.Add(Record("a"));
        using (FileStream file = new(Segment, FileMode.Append))
            file.Write(new byte[4096]);

        using Spool again = Open();
        Assert.Equal(1UL, again.Sequence);
        again.Add(Record("b"));
        Assert.Equal(2, SpoolStatus.Entries(SpoolFolder, 1).Count());
    }

    [Fact]
    public async Task A_torn_tip_leaves_the_one_before()
    {
        using (Spool spool = Create())
            spool.Add(Record("a"));
        using (Spool spool = Open())
            spool.Add(Record("b"));
        (_, long newest) = SpoolTip.ReadNewest(Path.Combine(SpoolFolder, "tip"))!.Value;   // It was just written.
        using (FileStream tip = new(Path.Combine(SpoolFolder, "tip"), FileMode.Open))
        {
            tip.Seek(newest + 20, SeekOrigin.Begin);
            tip.Write(new byte[100]);
        }

        using (Spool again = Open())
            Assert.Equal(2UL, again.Sequence);
        Assert.True((await VerifyAsync()).Passed);
    }

    [Fact]
    public void A_clock_that_fell_back_never_makes_an_entry_older_than_the_one_before()
    {
        using (Spool spool = Create())
            spool.Add(Record("a"));
        using (Spool spool = Spool.Open(SpoolFolder, new ManualClock(DateTimeOffset.UnixEpoch)))
            spool.Add(Record("b"));
        using (Spool spool = Open())
            spool.Add(Record("c"));

        JournalEntry[] entries = [.. SpoolStatus.Entries(SpoolFolder, 1)];
        Assert.Equal([false, true, false], entries.Select(entry => entry.Place.IsClockBehind));
        Assert.Equal(entries[0].Place.Time, entries[1].Place.Time);
    }

    [Fact]
    public void Only_one_process_adds_at_a_time()
    {
        using Spool spool = Create();

        SpoolException busy = Assert.Throws<SpoolException>(() => Open());

        Assert.Equal(SpoolFaultKind.Busy, busy.Kind);
    }

    [Fact]
    public void A_bad_record_is_refused_and_nothing_is_added()
    {
        using Spool spool = Create();

        Assert.Throws<ArgumentException>(() => spool.Add([Record("a"), Record("") with { Key = "" }]));

        Assert.Equal(0UL, spool.Sequence);
        spool.Add(Record("a"));
        Assert.Equal(1UL, spool.Sequence);
    }

    [Fact]
    public async Task A_renewed_certificate_takes_over_and_another_persons_does_not()
    {
        using (Spool spool = Create())
        {
            SpoolException refused = Assert.Throws<SpoolException>(() =>
                spool.Renew(s_network.Org1.MspId, s_network.Org1.Layout.User("Admin").Msp));
            Assert.Contains("Another device keeps a spool of its own", refused.Message, StringComparison.Ordinal);
            spool.Renew(s_network.Org1.MspId, Msp);
            spool.Add(Record("a"));
        }

        using (Spool again = Open())
            again.Add(Record("b"));
        Assert.True((await VerifyAsync()).Passed);
        Assert.Equal(JournalEntryKind.Renew, SpoolStatus.Entries(SpoolFolder, 1).First().Kind);
    }

    public static TheoryData<string, string> Manipulations() => new()
    {
        { "altered", "its checksum is wrong" },
        { "altered with its checksum", "its signature is not the device's" },
        { "removed in the middle", "entries were removed or reordered" },
        { "swapped", "entries were removed or reordered" },
        { "doubled", "entries were removed or reordered" },
        { "cut off the end", "were removed from the end" },
        { "half of the last entry cut", "were removed from the end" },
        { "cut off with an older tip put back", "" },   // A whole rollback: only the ledger can tell.
        { "cut off and the tip deleted", "the device's tip is gone" },
        { "the tip of another journal", "is of" },
        { "replaced by another journal's entries", "its head is altered, or of another journal" },
        { "segment deleted", "no entry can be read" },
    };

    [Theory]
    [MemberData(nameof(Manipulations))]
    public async Task Whatever_is_done_to_the_files_shows(string manipulation, string finding)
    {
        using (Spool spool = Create())
            spool.Add([Record("a"), Record("b"), Record("c"), Record("d")]);

        Manipulate(manipulation);
        SpoolReport report = await VerifyAsync();

        Assert.Equal(finding.Length == 0, report.Passed);
        Assert.True(
            finding.Length == 0
            || report.Findings.Any(found => found.Message.Contains(finding, StringComparison.Ordinal)),
            string.Join('\n', report.Findings));
    }

    [Fact]
    public async Task Every_flipped_bit_of_a_journal_shows()
    {
        using (Spool spool = Create())
            spool.Add([Record("a"), Record("b")]);
        byte[] good = File.ReadAllBytes(Segment);
        for (int at = 0; at < good.Length; at += 3)
        {
            byte[] bad = [.. good];
            bad[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(Segment, bad);
            Assert.False((await VerifyAsync()).Passed, $"byte {at}");
        }
    }

    [Fact]
    public async Task Content_that_was_altered_or_lost_is_named_with_its_entry()
    {
        using (Spool spool = Create())
        {
            await using var store = new FolderStore(SpoolStatus.StoreOf(SpoolFolder));
            foreach (string text in (string[])["one", "two", "three"])
            {
                using var content = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
                StoredContent stored = await store.AddAsync(content, CancellationToken.None);
                spool.Add(Record(text) with
                {
                    Hash = stored.Checksum.ToString(),
                    Location = stored.Location,
                    Pointer = stored.Pointer,
                });
            }
        }

        JournalEntry[] entries = [.. SpoolStatus.Entries(SpoolFolder, 1)];
        JournaledRecord[] records = [.. entries.Select(entry => entry.Record!)];   // All are records.
        Assert.True((await SpoolVerification.RunAsync(SpoolFolder, withContent: true, CancellationToken.None)).Passed);
        string altered = Path.Combine(SpoolStatus.StoreOf(SpoolFolder), records[0].Pointer);
        File.Delete(altered);
        File.WriteAllText(altered, "won");
        File.Delete(Path.Combine(SpoolStatus.StoreOf(SpoolFolder), records[2].Pointer));

        SpoolReport report = await SpoolVerification.RunAsync(
            SpoolFolder, withContent: true, CancellationToken.None);

        Assert.Equal([1UL, 3UL], report.Findings.Select(found => found.Sequence ?? 0));
    }

    private static string Msp => s_network.Org1.Layout.User("User1").Msp;

    private static JournaledRecord Record(string key) => new()
    {
        Key = key,
        Hash = Hash32.Of(System.Text.Encoding.UTF8.GetBytes(key)).ToString(),
        Location = "file:///elsewhere",
        Pointer = key,
    };

    private Spool Create() => Spool.Create(SpoolFolder, s_network.Org1.MspId, Msp, TimeProvider.System);

    private Spool Open() => Spool.Open(SpoolFolder, TimeProvider.System);

    private Task<SpoolReport> VerifyAsync() =>
        SpoolVerification.RunAsync(SpoolFolder, withContent: false, CancellationToken.None);

    private void Manipulate(string how)
    {
        string tip = Path.Combine(SpoolFolder, "tip");
        byte[] bytes = File.ReadAllBytes(Segment);
        List<(int At, int Bytes)> frames = Frames(bytes);
        switch (how)
        {
            case "altered": bytes[frames[2].At + 200] ^= 1; break;
            case "altered with its checksum": bytes = Altered(bytes, frames[2]); break;
            case "removed in the middle": bytes = Without(bytes, frames[2]); break;
            case "swapped": bytes = Swapped(bytes, frames[2], frames[3]); break;
            case "doubled":
                byte[] twice = bytes[frames[2].At..frames[3].At];
                bytes = [.. bytes[..frames[3].At], .. twice, .. bytes[frames[3].At..]];
                break;
            case "cut off the end": bytes = bytes[..frames[3].At]; break;
            case "half of the last entry cut": bytes = bytes[..(frames[4].At + 50)]; break;
            case "cut off with an older tip put back":
                byte[] before = File.ReadAllBytes(tip);
                using (Spool spool = Open())
                    spool.Add([Record("x"), Record("y"), Record("z")]);
                File.WriteAllBytes(tip, before);
                break;
            case "cut off and the tip deleted":
                bytes = bytes[..frames[3].At];
                File.Delete(tip);
                break;
            case "the tip of another journal": File.WriteAllBytes(tip, File.ReadAllBytes(Other("tip"))); break;
            case "replaced by another journal's entries":
                bytes = File.ReadAllBytes(Other("segments/00000000000000000000.journal"));
                break;
            default:
                File.Delete(Segment);
                return;
        }

        File.WriteAllBytes(Segment, bytes);
    }

    private string Other(string file)
    {
        string folder = Path.Combine(_folder, "other");
        using (Spool spool = Spool.Create(folder, s_network.Org1.MspId, Msp, TimeProvider.System))
            spool.Add([Record("a"), Record("b"), Record("c"), Record("d")]);
        return Path.Combine(folder, file);
    }

    private static List<(int At, int Bytes)> Frames(byte[] segment)
    {
        List<(int, int)> frames = [];
        for (int at = SegmentBytes.HeadBytes; SegmentBytes.TryMeasure(segment.AsSpan(at), out int bytes); at += bytes)
            frames.Add((at, bytes));
        return frames;
    }

    private static byte[] Altered(byte[] segment, (int At, int Bytes) frame)
    {
        bool read = SegmentBytes.TryDecode(
            segment.AsMemory(frame.At, frame.Bytes), out SignedJournalEntry? signed, out string? fault);
        Assert.True(read, fault);
        JournalEntry other = JournalEntry.Create(
            signed!.Entry.Place, signed.Entry.Record! with { Description = "another" });   // It was read, a record.
        byte[] replaced = SegmentBytes.EncodeFrames([signed with { Entry = other }]);
        return [.. segment[..frame.At], .. replaced, .. segment[(frame.At + frame.Bytes)..]];
    }

    private static byte[] Without(byte[] segment, (int At, int Bytes) frame) =>
        [.. segment[..frame.At], .. segment[(frame.At + frame.Bytes)..]];

    private static byte[] Swapped(byte[] segment, (int At, int Bytes) one, (int At, int Bytes) other) =>
    [
        .. segment[..one.At],
        .. segment.AsSpan(other.At, other.Bytes),
        .. segment.AsSpan(one.At, one.Bytes),
        .. segment[(other.At + other.Bytes)..],
    ];
}
