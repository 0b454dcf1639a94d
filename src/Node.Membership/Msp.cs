using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Protocol;
using Node.Protocol.Wire.Msp;

namespace Node.Membership;

/// <summary>
/// The membership provider of one organisation: decides whether a certificate is one of its members, and which.
/// </summary>
/// <remarks>
/// Immutable once made; any thread. The rules are Fabric's for X.509 providers, except that authorities with name
/// constraints are refused.
/// Resolving costs two signature checks: callers keep the result (see <c>ChannelConfig.TryResolve</c>).
/// </remarks>
public sealed class Msp
{
    private readonly List<Certificate> _administrators = [];
    private readonly Dictionary<string, List<Hash32>> _requiredUnits = new(StringComparer.Ordinal);
    private readonly MspRules _rules;
    private AuthorityTree _authorities = null!;   // Set by Build, without which there is no instance.
    private NodeOrganizationalUnits? _nodeUnits;  // Null when the organisation does not classify its identities.

    private Msp(MspId mspId, MspRules rules)
    {
        MspId = mspId;
        _rules = rules;
    }

    public MspId MspId { get; }

    /// <summary>PEM of the certificates that vouch for the TLS certificates of this organisation's nodes.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> TlsRootPems { get; private set; } = [];

    /// <summary>The certificates that vouch for members and for TLS certificates, and until when each holds.</summary>
    public IReadOnlyList<AuthorityCertificate> Authorities { get; private set; } = [];

    /// <summary>Checks a provider's configuration as a whole.</summary>
    /// <param name="fault">Names the provider and what is wrong with it.</param>
    public static bool TryCreate(
        FabricMSPConfig config,
        MspRules rules,
        [NotNullWhen(true)] out Msp? msp,
        [NotNullWhen(false)] out string? fault)
    {
        msp = null;
        if (!MspId.TryParse(config.Name, out MspId id, out fault))
            return false;

        var built = new Msp(id, rules);
        fault = built.Build(config);
        if (fault is not null)
        {
            fault = $"The MSP {id} is not acceptable: {fault}.";
            return false;
        }

        msp = built;
        return true;
    }

    /// <summary>
    /// Reads a folder as cryptogen and Fabric CA write them (cacerts, config.yaml, …), with the newest rules.
    /// </summary>
    public static bool TryLoadFolder(
        MspId id, string folder, [NotNullWhen(true)] out Msp? msp, [NotNullWhen(false)] out string? fault)
    {
        msp = null;
        return MspFolder.TryRead(id, folder, out FabricMSPConfig? config, out fault)
            && TryCreate(config, MspRules.Fabric30, out msp, out fault);
    }

    /// <summary>Checks a member's certificate and makes its key ready. Its expiry is not looked at.</summary>
    /// <param name="idBytesPem">PEM text, as in SerializedIdentity.id_bytes.</param>
    public bool TryResolve(
        ReadOnlySpan<byte> idBytesPem,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        byte[] serialized = new SerializedIdentity
        {
            Mspid = MspId.Value,
            IdBytes = ByteString.CopyFrom(idBytesPem),
        }.ToByteArray();
        return TryResolve(idBytesPem, serialized, out identity, out fault);
    }

    internal bool TryResolve(
        ReadOnlySpan<byte> idBytesPem,
        ReadOnlyMemory<byte> serialized,
        [NotNullWhen(true)] out Identity? identity,
        [NotNullWhen(false)] out string? fault)
    {
        identity = null;
        if (!Certificate.TryReadPem(idBytesPem, out Certificate? certificate, out fault))
        {
            fault = $"A certificate of {MspId} cannot be read: {fault}.";
            return false;
        }

        fault = Check(certificate, serialized, out identity);
        if (fault is not null)
            fault = $"The certificate {certificate.SubjectName.CommonName} is no member of {MspId}: {fault}.";

        return identity is not null;
    }

    private string? Check(Certificate certificate, ReadOnlyMemory<byte> serialized, out Identity? identity)
    {
        identity = null;
        if (FaultOfKey(certificate.Key) is { } unusable)
            return unusable;
        if (certificate.Extensions.IsAuthority)
            return "it belongs to a certificate authority, which is no identity";
        if (!_authorities.TryFindIssuer(certificate, out CertificateAuthority? issuer, out string? fault))
            return fault;
        if (_authorities.IsRevoked(certificate, issuer))
            return "it is revoked";
        if (_requiredUnits.Count > 0 && !HasRequiredUnit(certificate, issuer.CertifierId))
            return "it has none of the organisational units that this organisation requires";

        var role = NodeRole.None;
        if (_nodeUnits?.Classify(certificate, issuer.CertifierId, out role) is { } unclassified)
            return unclassified;

        // Last, since only now is it known that the issuer vouches for this key: a stranger's costs no import.
        if (!VerificationKey.TryImport(certificate.Key, out VerificationKey? key, out fault))
            return fault;

        ReadOnlyMemory<byte> der = CertificateSpelling.WithLowS(certificate, issuer.Key.Curve);
        identity = new Identity(key, certificate)
        {
            MspId = MspId,
            Serialized = serialized,
            CertificateDer = der,
            Fingerprint = Hash32.Of(der.Span),
            Role = role,
            IsAdmin = role == NodeRole.Admin || IsListedAdministrator(certificate),
            CertifierId = issuer.CertifierId,
        };
        return null;
    }

    private string? FaultOfKey(SubjectKey key) => key.Kind switch
    {
        SubjectKeyKind.Ecdsa => null,
        SubjectKeyKind.Ed25519 when _rules >= MspRules.Fabric30 => null,
        SubjectKeyKind.Ed25519 => "Ed25519 keys need the channel capability V3_0",
        _ => $"its public key ({key.Describe()}) is neither ECDSA over a named curve nor Ed25519",
    };

    private bool HasRequiredUnit(Certificate certificate, Hash32 certifierId)
    {
        foreach (string unit in certificate.SubjectName.OrganizationalUnits)
        {
            if (_requiredUnits.TryGetValue(unit, out List<Hash32>? certifiers) && certifiers.Contains(certifierId))
                return true;
        }

        return false;
    }

    private bool IsListedAdministrator(Certificate certificate)
    {
        foreach (Certificate administrator in _administrators)
        {
            if (administrator.ToBeSigned.Span.SequenceEqual(certificate.ToBeSigned.Span))
                return true;
        }

        return false;
    }

    private string? Build(FabricMSPConfig config)
    {
        if (config.CryptoConfig is { } crypto && crypto.SignatureHashFamily is not ("" or "SHA2"))
            return $"its hash family is {crypto.SignatureHashFamily}, only SHA2 is supported";
        if (!AuthorityTree.TryBuild(
            config.RootCerts,
            config.IntermediateCerts,
            config.RevocationList,
            out AuthorityTree? tree,
            out string? fault))
            return fault;

        _authorities = tree;
        Authorities = [.. tree.Certificates.Select(one => AuthorityCertificate.Of(one, isForTls: false))];
        return BuildTls(config) ?? BuildUnits(config) ?? BuildAdministrators(config);
    }

    private string? BuildTls(FabricMSPConfig config)
    {
        if (config.TlsRootCerts.Count == 0)
            return config.TlsIntermediateCerts.Count == 0 ? null : "it has TLS intermediates, but no TLS root";
        if (!AuthorityTree.TryBuild(
            config.TlsRootCerts, config.TlsIntermediateCerts, [], out AuthorityTree? tree, out string? fault))
            return $"of its TLS certificates, {fault}";

        Authorities =
            [.. Authorities, .. tree.Certificates.Select(one => AuthorityCertificate.Of(one, isForTls: true))];
        TlsRootPems = [.. config.TlsRootCerts.Concat(config.TlsIntermediateCerts).Select(pem => pem.Memory)];
        return null;
    }

    private string? BuildUnits(FabricMSPConfig config)
    {
        foreach (FabricOUIdentifier required in config.OrganizationalUnitIdentifiers)
        {
            (Hash32? certifier, string? fault) = CertifierOf(required);
            if (certifier is not { } id)
                return fault;
            if (!_requiredUnits.TryGetValue(required.OrganizationalUnitIdentifier, out List<Hash32>? certifiers))
                _requiredUnits[required.OrganizationalUnitIdentifier] = certifiers = [];

            certifiers.Add(id);
        }

        if (config.FabricNodeOus is not { Enable: true } nodeUnits)
            return null;

        _nodeUnits = new NodeOrganizationalUnits();
        return _nodeUnits.Add(nodeUnits, _rules, CertifierOf);
    }

    private (Hash32? Id, string? Fault) CertifierOf(FabricOUIdentifier unit)
    {
        string name = unit.OrganizationalUnitIdentifier;
        if (!Certificate.TryReadPem(unit.Certificate.Span, out Certificate? certificate, out string? fault))
            return (null, $"the certificate of organisational unit {name} cannot be read: {fault}");
        if (_authorities.Find(certificate) is not { } authority)
            return (null, $"the certificate of organisational unit {name} is not one of its authorities");
        if (!authority.IsRoot && authority.HasIntermediates)
            return (null, $"the certificate of organisational unit {name} has intermediates below it");

        return (authority.CertifierId, null);
    }

    private string? BuildAdministrators(FabricMSPConfig config)
    {
        if (config.Admins.Count == 0 && _nodeUnits is not { HasAdministrators: true })
            return "it names no administrators, by certificate or by organisational unit";

        foreach (ByteString pem in config.Admins)
        {
            if (!Certificate.TryReadPem(pem.Span, out Certificate? administrator, out string? fault))
                return $"an administrator's certificate cannot be read: {fault}";

            fault = Check(administrator, default, out Identity? identity);
            string name = administrator.SubjectName.CommonName;
            if (fault is not null)
                return $"the administrator {name} is not valid: {fault}";
            if (_nodeUnits is not null && identity?.Role is not (NodeRole.Client or NodeRole.Admin))
                return $"the administrator {name} is neither client nor admin";

            _administrators.Add(administrator);
        }

        return null;
    }
}
