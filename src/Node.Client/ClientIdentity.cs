using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Node.Protocol;
using Wire = Node.Protocol.Wire;

namespace Node.Client;

/// <summary>Who speaks: an MSP id and a certificate. Holds no key. Immutable, any thread.</summary>
public sealed class ClientIdentity
{
    /// <param name="serialized">
    /// An encoded msp.SerializedIdentity. The caller does not change the bytes afterwards.
    /// </param>
    public ClientIdentity(MspId mspId, ReadOnlyMemory<byte> serialized)
    {
        MspId = mspId;
        Serialized = serialized;
        Creator = UnsafeByteOperations.UnsafeWrap(serialized);
    }

    public MspId MspId { get; }

    /// <summary>
    /// The bytes that stand for this identity in every header, and that a transaction id is computed from.
    /// </summary>
    public ReadOnlyMemory<byte> Serialized { get; }

    internal ByteString Creator { get; }

    /// <summary>SHA-256 of the certificate's DER bytes, in hex, as records carry it.</summary>
    /// <exception cref="CryptographicException">The identity holds no certificate.</exception>
    public string Fingerprint()
    {
        string pem = Wire.Msp.SerializedIdentity.Parser.ParseFrom(Serialized.Span).IdBytes.ToStringUtf8();
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    /// <param name="certificatePem">Kept to the byte, line endings included: it is part of what is hashed.</param>
    public static ClientIdentity FromPem(MspId mspId, string certificatePem) =>
        new(mspId, new Wire.Msp.SerializedIdentity
        {
            Mspid = mspId.Value,
            IdBytes = ByteString.CopyFromUtf8(certificatePem),
        }.ToByteArray());
}
