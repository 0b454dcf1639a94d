using System.Globalization;
using Node.Protocol;

namespace Node.Client.Spooling;

/// <summary>What lies where in a spool's folder.</summary>
internal sealed class SpoolLayout(string folder)
{
    private const string SegmentSuffix = ".journal";
    private const string SequenceDigits = "D20";

    public string Folder { get; } = Path.GetFullPath(folder);

    public string Segments => Path.Combine(Folder, "segments");

    /// <summary>Held open by whoever adds.</summary>
    public string LockFile => Path.Combine(Folder, "lock");

    public string TipFile => Path.Combine(Folder, "tip");

    /// <summary>
    /// How far the ledger had the journal when it was last asked: a hint for people, trusted by nobody.
    /// </summary>
    public string ForwardedFile => Path.Combine(Folder, "forwarded");

    /// <summary>Where content is to lie in the end; not there when it stays in <see cref="Store"/>.</summary>
    public string LocationFile => Path.Combine(Folder, "location");

    /// <summary>Content of what was added, until it is wanted elsewhere.</summary>
    public string Store => Path.Combine(Folder, "store");

    public bool Exists => File.Exists(TipFile);

    /// <summary>The MSP folder of one of the device's certificates: its own copy, with the private key.</summary>
    public string IdentityOf(Hash32 fingerprint) => Path.Combine(Folder, "identities", fingerprint.ToString());

    public string SegmentOf(ulong firstSequence) =>
        Path.Combine(Segments, firstSequence.ToString(SequenceDigits, CultureInfo.InvariantCulture) + SegmentSuffix);

    /// <summary>Segments by their first sequence, ascending. Other files are none of ours.</summary>
    public List<(ulong First, string Path)> ListSegments()
    {
        List<(ulong First, string Path)> segments = [];
        if (!Directory.Exists(Segments))
            return segments;

        foreach (string path in Directory.EnumerateFiles(Segments, "*" + SegmentSuffix))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out ulong first))
                segments.Add((first, path));
        }

        segments.Sort((a, b) => a.First.CompareTo(b.First));
        return segments;
    }

    public void RequireSpool()
    {
        if (!Exists)
            throw new SpoolException(
                SpoolFaultKind.WrongPlace,
                $"There is no spool in {Folder}. Make one with: hyperprov spool init, or name another with --spool.");
    }
}
