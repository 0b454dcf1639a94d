using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Node.Protocol.Wire.Msp;

namespace Node.Cli.Inspecting;

/// <summary>Names the bearer of an identity for people. Nothing is verified here.</summary>
internal static class IdentityText
{
    /// <returns>"User1@org1.example.com of Org1MSP", or what can be said.</returns>
    public static string Of(ByteString serialized)
    {
        if (serialized.IsEmpty)
            return "nobody";

        try
        {
            SerializedIdentity identity = SerializedIdentity.Parser.ParseFrom(serialized);
            return $"{CommonNameOf(identity.IdBytes)} of {identity.Mspid}";
        }
        catch (InvalidProtocolBufferException)
        {
            return "an identity that cannot be read";
        }
    }

    private static string CommonNameOf(ByteString pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(pem.Span));
            return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }
        catch (CryptographicException)
        {
            return "an unreadable certificate";
        }
    }
}
