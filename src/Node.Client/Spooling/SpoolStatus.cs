using System.Globalization;
using System.Text;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>A spool at a glance; nothing is verified.</summary>
/// <param name="Sequence">The last entry that the device vouches for.</param>
/// <param name="Forwarded">The last entry that the ledger was seen to have; null when it never was.</param>
/// <param name="NotAfter">When the certificate expires that signs now.</param>
public sealed record SpoolStatus(
    string Folder,
    Hash32 Journal,
    MspId MspId,
    string EnrollmentId,
    ulong Sequence,
    DateTimeOffset Opened,
    DateTimeOffset Last,
    long Bytes,
    ulong? Forwarded,
    DateTimeOffset NotAfter)
{
    /// <summary>Reads a spool that others may be adding to.</summary>
    /// <exception cref="SpoolException">There is no spool, or it cannot be read.</exception>
    public static SpoolStatus Read(string folder)
    {
        var layout = new SpoolLayout(folder);
        var reading = new JournalReading(layout);
        SpoolTip tip = reading.ReadTip();
        JournalEntry opening = reading.ReadOne(0, tip).Entry;
        JournalEntry last = tip.Sequence == 0 ? opening : reading.ReadOne(tip.Sequence, tip).Entry;
        JournaledDevice device = opening.Device ?? throw new SpoolException(
            SpoolFaultKind.Altered, $"The journal in {layout.Folder} does not begin with its opening entry.");
        return new SpoolStatus(
            layout.Folder,
            tip.Journal,
            device.MspId,
            Certificate(device).EnrollmentId,
            tip.Sequence,
            opening.Place.Time,
            last.Place.Time,
            layout.ListSegments().Sum(segment => new FileInfo(segment.Path).Length),
            ReadForwarded(layout),
            NotAfterOf(layout, last, device));
    }

    /// <summary>The entries of a spool from a number on, in order, as far as the device vouches for them.</summary>
    /// <exception cref="SpoolException">There is no spool, or an entry cannot be read.</exception>
    public static IEnumerable<JournalEntry> Entries(string folder, ulong from)
    {
        var reading = new JournalReading(new SpoolLayout(folder));
        SpoolTip tip = reading.ReadTip();
        return from > tip.Sequence ? [] : reading.ReadFrom(from, tip).Select(signed => signed.Entry);
    }

    /// <summary>Where the content of what is added lies until it is wanted elsewhere.</summary>
    public static string StoreOf(string folder) => new SpoolLayout(folder).Store;

    internal static void WriteForwarded(SpoolLayout layout, ulong sequence)
    {
        string text = sequence.ToString(CultureInfo.InvariantCulture) + "\n";
        string next = layout.ForwardedFile + ".next";
        File.WriteAllText(next, text, Encoding.ASCII);
        File.Move(next, layout.ForwardedFile, overwrite: true);
    }

    private static ulong? ReadForwarded(SpoolLayout layout) =>
        File.Exists(layout.ForwardedFile)
        && ulong.TryParse(
            File.ReadAllText(layout.ForwardedFile), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
            out ulong forwarded)
            ? forwarded
            : null;

    private static DateTimeOffset NotAfterOf(SpoolLayout layout, JournalEntry last, JournaledDevice opened)
    {
        if (last.Device is { } renewed)
            return Certificate(renewed).NotAfter;

        string folder = Path.Combine(layout.IdentityOf(last.Place.Signer), "signcerts");
        string? own = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).FirstOrDefault() : null;
        return own is not null && MemberCertificate.TryRead(
            File.ReadAllBytes(own), out MemberCertificate? certificate, out _)
            ? certificate.NotAfter
            : Certificate(opened).NotAfter;
    }

    private static MemberCertificate Certificate(JournaledDevice device) =>
        SpoolIdentities.TryRead(device, out MemberCertificate? certificate, out string? fault)
            ? certificate
            : throw new SpoolException(SpoolFaultKind.Altered, $"The device's certificate cannot be read: {fault}.");
}
