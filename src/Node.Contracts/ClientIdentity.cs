using Node.Protocol;

namespace Node.Contracts;

/// <summary>What a client's certificate says its organisation made it.</summary>
public enum ClientRole
{
    /// <summary>A member without a recognised organisational unit.</summary>
    None,
    Client,
    Peer,
    Admin,
    Orderer,
}

/// <summary>Who signed the proposal. Its certificate chain and signature are already checked.</summary>
/// <param name="EnrollmentId">Unique within <paramref name="MspId"/> only; the common name where no such attribute
/// is.</param>
/// <param name="Fingerprint">SHA-256 of the certificate's DER bytes.</param>
/// <param name="Attributes">The attributes an authority wrote into the certificate.</param>
public sealed record ClientIdentity(
    MspId MspId,
    string EnrollmentId,
    string CommonName,
    Hash32 Fingerprint,
    ClientRole Role,
    IReadOnlyDictionary<string, string> Attributes);
