using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Node.Client.Exporting.Attesting;

/// <summary>A signed payload. Source: DSSE v1.0.2 (secure-systems-lab), protocol and envelope.</summary>
public static class DsseEnvelope
{
    /// <summary>
    /// What is signed: type and payload, each with its length before it, so that neither can be mistaken.
    /// </summary>
    public static byte[] PreAuthEncoding(string payloadType, ReadOnlySpan<byte> payload)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ");
        return [.. Encoding.UTF8.GetBytes(head), .. payload];
    }

    /// <summary>Signs and wraps. ECDSA signatures are DER over SHA-256, Ed25519 ones 64 raw bytes.</summary>
    /// <param name="keyId">A hint for who verifies: SHA-256 of the certificate, in hex.</param>
    /// <returns>The envelope as JSON, UTF-8.</returns>
    public static byte[] Sign(string payloadType, ReadOnlySpan<byte> payload, Signer signer, string keyId)
    {
        byte[] signature = signer(PreAuthEncoding(payloadType, payload));
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("payloadType", payloadType);
            json.WriteBase64String("payload", payload);
            json.WriteStartArray("signatures");
            json.WriteStartObject();
            json.WriteString("keyid", keyId);
            json.WriteBase64String("sig", signature);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
