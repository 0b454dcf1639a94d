using System.Globalization;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Journaling;

namespace Node.Testing.Journals;

/// <summary>A device's journal in memory: makes signed entries, good ones and, on request, others.</summary>
public sealed class TestJournal
{
    private readonly SigningIdentity _device;

    /// <param name="opened">The original time of entry 0; each later one is a second younger.</param>
    public TestJournal(SigningIdentity device, DateTimeOffset opened)
    {
        _device = device;
        Entries.Add(Sign(JournalEntry.Create(
            new JournalPlace(default, 0, default, opened, IsClockBehind: false, FingerprintOf(device)),
            DeviceOf(device, new byte[JournaledDevice.NonceBytes]))));
    }

    public List<SignedJournalEntry> Entries { get; } = [];

    public JournalEntry Last => Entries[^1].Entry;

    public Hash32 Id => Entries[0].Entry.Hash;

    /// <summary>The place behind the last entry.</summary>
    public JournalPlace Next() => new(
        Id, Last.Sequence + 1, Last.Hash, Last.Place.Time.AddSeconds(1), IsClockBehind: false, FingerprintOf(_device));

    /// <summary>Appends records under these keys.</summary>
    public TestJournal Add(params string[] keys)
    {
        foreach (string key in keys)
            Entries.Add(Sign(JournalEntry.Create(Next(), RecordOf(key))));
        return this;
    }

    public SignedJournalEntry Sign(JournalEntry entry) => new(entry, _device.Sign(entry.Body.Span));

    /// <summary>From entry <paramref name="first"/> on.</summary>
    public byte[] Batch(int first) => JournalBatch.Encode([.. Entries.Skip(first)]);

    public static JournaledRecord RecordOf(string key) => new()
    {
        Key = key,
        Hash = Hash32.Of(System.Text.Encoding.UTF8.GetBytes(key)).ToString(),
        Location = "file:///device/store",
        Pointer = "sha256/" + key.Length.ToString(CultureInfo.InvariantCulture),
    };

    public static JournaledDevice DeviceOf(SigningIdentity device, byte[] nonce) => new(
        device.MspId,
        SerializedIdentityBytes.TryDecode(device.Serialized, out _, out ReadOnlyMemory<byte> pem, out string? fault)
            ? pem
            : throw new InvalidOperationException(fault),
        nonce);

    public static Hash32 FingerprintOf(SigningIdentity device) => Hash32.Of(device.CertificateDer.Span);
}
