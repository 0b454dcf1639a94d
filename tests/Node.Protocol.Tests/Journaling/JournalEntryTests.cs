using System.Text;
using Node.Protocol.Journaling;

namespace Node.Protocol.Tests.Journaling;

/// <summary>One entry has one spelling, and every byte of it counts.</summary>
public class JournalEntryTests
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly JournalPlace s_place = new(
        Hash32.Of("journal"u8), 7, Hash32.Of("sixth"u8), s_time, IsClockBehind: false, Hash32.Of("device"u8));

    private static readonly JournaledRecord s_record = new()
    {
        Key = "k",
        Hash = new string('a', 64),
        Location = "l",
        Pointer = "p",
        Description = "d",
        Type = "T",
        Parents = [TxId.Of(Hash32.Of("parent"u8))],
    };

    [Fact]
    public void A_record_has_these_bytes()
    {
        JournalEntry entry = JournalEntry.Create(s_place, s_record);

        string expected =
            "48504a31" + "01" + "00"                                 // HPJ1, record, no flags
            + Hash32.Of("journal"u8) + "0000000000000007" + Hash32.Of("sixth"u8)
            + "000649add4493000"                                     // microseconds since 1970
            + Hash32.Of("device"u8)
            + "00000001" + "6b"                                      // key
            + "00000040" + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(s_record.Hash))
            + "00000007" + "5348412d323536"                          // SHA-256
            + "00000001" + "6c" + "00000001" + "70"                  // location, pointer
            + "00000001" + "64" + "00000001" + "54"                  // description, type
            + "00000001" + Hash32.Of("parent"u8);
        Assert.Equal(expected, Convert.ToHexStringLower(entry.Body.Span));
        Assert.Equal(Hash32.Of(entry.Body.Span).ToString(), entry.RecordId.Value);
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        JournalEntry record = JournalEntry.Create(s_place with { IsClockBehind = true }, s_record);
        JournalEntry opening = JournalEntry.Create(
            new JournalPlace(default, 0, default, s_time, IsClockBehind: false, Hash32.Of("device"u8)),
            new JournaledDevice(MspId.Of("Org1MSP"), "pem"u8.ToArray(), new byte[16]));

        Assert.True(JournalEntry.TryRead(record.Body, out JournalEntry? read, out _));
        Assert.Equal(record.Place, read.Place);
        Assert.Equal(s_record with { Parents = [] }, read.Record! with { Parents = [] });   // It is a record.
        Assert.Equal(s_record.Parents, read.Record!.Parents);
        Assert.Equal(opening.Hash, opening.Journal);
        Assert.Equal(JournalEntryKind.Open, opening.Kind);
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_changes_the_hash()
    {
        JournalEntry entry = JournalEntry.Create(s_place, s_record);
        byte[] bytes = entry.Body.ToArray();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(JournalEntry.TryRead(bytes, out JournalEntry? other, out _) && other.Hash == entry.Hash);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void No_shortened_or_lengthened_entry_is_read()
    {
        byte[] bytes = JournalEntry.Create(s_place, s_record).Body.ToArray();
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(JournalEntry.TryRead(bytes.AsMemory(0, length), out _, out _));

        Assert.False(JournalEntry.TryRead((byte[])[.. bytes, 0], out _, out string? fault));
        Assert.Equal("bytes follow its last part", fault);
    }

    public static TheoryData<string, string> BadRecords() => new()
    {
        { "empty key", "its key is empty" },
        { "NUL in key", "holds U+0000" },
        { "long key", "its key has 4097 bytes" },
        { "long description", "its description has 262145 bytes" },
        { "short hash", "its SHA-256 checksum is not 64 lower-case hex digits" },
        { "upper-case hash", "its SHA-256 checksum is not 64 lower-case hex digits" },
        { "unknown algorithm", "its checksum algorithm is unknown" },
        { "reserved type", "the type Init is reserved" },
        { "parent twice", "it names a parent twice" },
    };

    [Theory]
    [MemberData(nameof(BadRecords))]
    public void A_record_that_the_ledger_would_refuse_never_enters_a_journal(string what, string because)
    {
        JournaledRecord bad = what switch
        {
            "empty key" => s_record with { Key = "" },
            "NUL in key" => s_record with { Key = "a\0b" },
            "long key" => s_record with { Key = new string('k', 4097) },
            "long description" => s_record with { Description = new string('d', (256 << 10) + 1) },
            "short hash" => s_record with { Hash = "abc" },
            "upper-case hash" => s_record with { Hash = new string('A', 64) },
            "unknown algorithm" => s_record with { Algorithm = "CRC" },
            "reserved type" => s_record with { Type = "Init" },
            _ => s_record with { Parents = [s_record.Parents[0], s_record.Parents[0]] },
        };

        ArgumentException refused = Assert.Throws<ArgumentException>(() => JournalEntry.Create(s_place, bad));

        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_reads_back_and_no_prefix_of_it_does_by_mistake()
    {
        SignedJournalEntry[] entries =
        [
            new(JournalEntry.Create(s_place, s_record), "first"u8.ToArray()),
            new(JournalEntry.Create(s_place with { Sequence = 8 }, s_record), "second"u8.ToArray()),
        ];
        byte[] batch = JournalBatch.Encode(entries);

        Assert.True(JournalBatch.TryRead(batch, out IReadOnlyList<SignedJournalEntry>? read, out _));
        Assert.Equal(entries.Select(entry => entry.Entry.Hash), read.Select(entry => entry.Entry.Hash));
        Assert.Equal("second"u8.ToArray(), read[1].Signature.ToArray());
        int whole = 0;
        for (int length = 0; length < batch.Length; length++)
            whole += JournalBatch.TryRead(batch.AsMemory(0, length), out _, out _) ? 1 : 0;
        Assert.Equal(1, whole);   // Cut exactly behind the first entry, it is a batch of one.
    }
}
