using Node.Membership;
using Node.Membership.Issuing;
using Node.Protocol;
using Node.Protocol.Canonical;

namespace Node.Hosting.Renewing;

/// <summary>The identity that a node signs with, as its MSP folder holds it now.</summary>
/// <remarks>
/// Any thread. Take <see cref="Current"/> once for each thing that is signed: identity bytes and signature must be of
/// the same certificate. A renewed one is taken only when the organisation's own rules take it for a member.
/// </remarks>
public sealed class NodeIdentity : IRenewedCertificate, IDisposable
{
    private readonly RenewedFiles<SigningIdentity>? _files;
    private readonly SigningIdentity? _fixed;
    private readonly List<SigningIdentity> _former = [];   // A signature may be under way: disposed of at the end.

    private NodeIdentity(MspId mspId, string folder)
    {
        MspId = mspId;
        Place = folder;
        _files = new RenewedFiles<SigningIdentity>(() => FilesIn(folder), Make);
    }

    private NodeIdentity(SigningIdentity signer)
    {
        MspId = signer.MspId;
        Place = "";
        _fixed = signer;
    }

    public MspId MspId { get; }

    public string Place { get; }

    public SigningIdentity Current => _fixed ?? _files?.Current!;   // One of the two is there, by construction.

    public string? Fault => _files?.Fault;

    public CertificateFacts Facts
    {
        get
        {
            SigningIdentity current = Current;
            bool isRead = PresentedCertificate.TryReadDer(
                current.CertificateDer, out PresentedCertificate? certificate, out _);
            Invariant.Require(isRead && certificate is not null, "an identity was made of this certificate");
            return new CertificateFacts(
                CertificateUse.Signing, IsOwn: true, current.CommonName, certificate.Number.SerialNumber,
                certificate.NotBefore, certificate.NotAfter);
        }
    }

    /// <summary>One that never changes; its owner disposes of it.</summary>
    public static NodeIdentity Of(SigningIdentity signer) => new(signer);

    /// <param name="mspFolder">With one certificate in signcerts and its key in keystore.</param>
    /// <exception cref="ArgumentException">The folder holds no usable identity; the message says why.</exception>
    public static NodeIdentity Open(MspId mspId, string mspFolder)
    {
        var identity = new NodeIdentity(mspId, mspFolder);
        return identity._files!.TryOpen(DateTimeOffset.MaxValue, out string? fault)   // Made two lines above.
            ? identity
            : throw new ArgumentException(fault, nameof(mspFolder));
    }

    public bool Refresh(DateTimeOffset now)
    {
        SigningIdentity former = Current;
        if (_files is null || !_files.Refresh(now))
            return false;

        _former.Add(former);
        return true;
    }

    public void Dispose()
    {
        foreach (SigningIdentity former in _former)
            former.Dispose();

        if (_fixed is null)
            Current.Dispose();
    }

    private SigningIdentity? Make(DateTimeOffset now, out string? fault)
    {
        if (!SigningIdentity.TryLoad(MspId, Place, out SigningIdentity? next, out fault))
            return null;

        // At the start the node goes by what it has: others say what is wrong with it.
        fault = now == DateTimeOffset.MaxValue ? null : FaultOf(next, now);
        if (fault is null)
            return next;

        next.Dispose();
        return null;
    }

    private string? FaultOf(SigningIdentity next, DateTimeOffset now)
    {
        if (!Msp.TryLoadFolder(MspId, Place, out Msp? msp, out string? fault)
            || !SerializedIdentityBytes.TryDecode(next.Serialized, out _, out ReadOnlyMemory<byte> pem, out fault)
            || !msp.TryResolve(pem.Span, out Identity? identity, out fault))
            return fault;
        if (identity.NotBefore > now)
            return $"the certificate of {identity.CommonName} in {Place} begins at {identity.NotBefore:u} only";

        return identity.IsExpiredAt(now) ? Signers.ExpiryText(identity) : null;
    }

    private static string[] FilesIn(string folder) =>
    [
        .. Directory.GetFiles(Path.Combine(folder, "signcerts")).Order(StringComparer.Ordinal),
        .. Directory.GetFiles(Path.Combine(folder, "keystore")).Order(StringComparer.Ordinal),
    ];
}
