using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Client.Storing;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Journaling;

namespace Node.Client.Spooling;

/// <summary>
/// The device's certificates and keys, each in a folder of its own: the journal says which one signs, so a renewal is
/// one entry and nothing has to be swapped.
/// </summary>
internal static class SpoolIdentities
{
    /// <summary>Copies an MSP folder into the spool. On disk when it returns; taking it in twice is harmless.</summary>
    public static SigningIdentity Import(SpoolLayout layout, MspId mspId, string mspFolder)
    {
        SigningIdentity identity = Load(mspId, mspFolder);
        try
        {
            string target = layout.IdentityOf(FingerprintOf(identity));
            foreach (string part in (ReadOnlySpan<string>)["signcerts", "keystore"])
            {
                string folder = Path.Combine(target, part);
                FileSync.CreateFolder(folder);
                foreach (string source in Directory.EnumerateFiles(Path.Combine(mspFolder, part)))
                    OwnedFile.Write(
                        Path.Combine(folder, Path.GetFileName(source)), File.ReadAllBytes(source), isPrivate: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            identity.Dispose();
            throw new StorageFailedException("copy the device's identity", layout.Folder, e.Message, e);
        }

        return identity;
    }

    public static SigningIdentity Open(SpoolLayout layout, MspId mspId, Hash32 fingerprint) =>
        Load(mspId, layout.IdentityOf(fingerprint));

    public static Hash32 FingerprintOf(SigningIdentity identity) => Hash32.Of(identity.CertificateDer.Span);

    public static JournaledDevice Introduce(SigningIdentity identity, ReadOnlyMemory<byte> nonce)
    {
        bool decoded = SerializedIdentityBytes.TryDecode(
            identity.Serialized, out MspId mspId, out ReadOnlyMemory<byte> pem, out string? fault);
        Invariant.Require(decoded, fault ?? "");
        return new JournaledDevice(mspId, pem, nonce);
    }

    /// <summary>The certificate that an opening or a renewal brings; false for one that cannot check
    /// signatures.</summary>
    public static bool TryRead(
        JournaledDevice device,
        [NotNullWhen(true)] out MemberCertificate? certificate,
        [NotNullWhen(false)] out string? fault) =>
        MemberCertificate.TryRead(device.CertificatePem.Span, out certificate, out fault);

    /// <summary>The ledger would refuse an entry that is older than its certificate, and everything behind
    /// it.</summary>
    public static void RequireInForce(JournaledDevice device, DateTimeOffset time)
    {
        MemberCertificate certificate = Read(device);
        if (time < certificate.NotBefore)
            throw new SpoolException(
                SpoolFaultKind.NoIdentity,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The certificate of {certificate.CommonName} is in force from {certificate.NotBefore:u}, this "
                    + $"device's clock says {time:u}. Set the clock."));
    }

    public static void RequireSameDevice(JournaledDevice before, JournaledDevice after)
    {
        string old = Read(before).EnrollmentId;
        string renewed = Read(after).EnrollmentId;
        if (old != renewed || before.MspId != after.MspId)
            throw new SpoolException(
                SpoolFaultKind.NoIdentity,
                $"The new certificate is of {renewed} of {after.MspId}, the journal is of {old} of {before.MspId}. "
                + "Another device keeps a spool of its own.");
    }

    private static MemberCertificate Read(JournaledDevice device) =>
        TryRead(device, out MemberCertificate? certificate, out string? fault)
            ? certificate
            : throw new SpoolException(SpoolFaultKind.NoIdentity, $"The certificate cannot be read: {fault}.");

    private static SigningIdentity Load(MspId mspId, string folder) =>
        SigningIdentity.TryLoad(mspId, folder, out SigningIdentity? identity, out string? fault)
            ? identity
            : throw new SpoolException(SpoolFaultKind.NoIdentity, fault);
}
