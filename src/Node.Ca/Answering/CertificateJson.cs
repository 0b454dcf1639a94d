using System.Text;
using System.Text.Json;
using Node.Ca.Storing;
using Node.Membership.Issuing;

namespace Node.Ca.Answering;

/// <summary>Certificates and revocation lists as Fabric CA's clients read them.</summary>
internal static class CertificateJson
{
    public static void WriteIssued(Utf8JsonWriter json, PresentedCertificate issued, Action writeServer)
    {
        json.WriteStartObject();
        json.WriteBase64String("Cert", Encoding.ASCII.GetBytes(issued.ToPem()));
        json.WritePropertyName("ServerInfo");
        writeServer();
        json.WriteEndObject();
    }

    /// <param name="list">PEM; null where none was asked for.</param>
    public static void WriteRevoked(Utf8JsonWriter json, IReadOnlyList<CertificateRecord> revoked, string? list)
    {
        json.WriteStartObject();
        json.WriteStartArray("RevokedCerts");
        foreach (CertificateRecord one in revoked)
        {
            json.WriteStartObject();
            json.WriteString("Serial", one.Number.SerialNumber);
            json.WriteString("AKI", one.Number.AuthorityKeyId);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBase64String("CRL", Encoding.ASCII.GetBytes(list ?? ""));
        json.WriteEndObject();
    }

    public static void WriteList(Utf8JsonWriter json, string list)
    {
        json.WriteStartObject();
        json.WriteBase64String("CRL", Encoding.ASCII.GetBytes(list));
        json.WriteEndObject();
    }

    public static void WriteAll(Utf8JsonWriter json, IEnumerable<CertificateRecord> certificates, string caName)
    {
        json.WriteStartObject();
        json.WriteStartArray("certs");
        foreach (CertificateRecord one in certificates)
        {
            json.WriteStartObject();
            json.WriteString("PEM", one.Certificate.ToPem());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("caname", caName);
        json.WriteEndObject();
    }
}
