using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Node.Ca.Answering;
using Node.Hosting.Renewing;
using Node.Membership.Issuing;

namespace Node.Ca;

/// <summary>The authorities of one server: the enrolment authority, and beside it the one for TLS.</summary>
/// <remarks>They share identities and secrets; a revoked identity is revoked with both.</remarks>
internal sealed class CaAuthorities(
    string name, IssuingAuthority enrollment, string tlsName, IssuingAuthority? tls) : IDisposable
{
    /// <summary>The one that tokens are checked with, and the default one.</summary>
    public IssuingAuthority Enrollment { get; } = enrollment;

    /// <summary>Null where the server has none.</summary>
    public IssuingAuthority? Tls { get; } = tls;

    public IEnumerable<IssuingAuthority> All => Tls is null ? [Enrollment] : [Enrollment, Tls];

    /// <summary>Until when the authorities themselves hold.</summary>
    public IEnumerable<CertificateFacts> Certificates => All.Select(authority => new CertificateFacts(
        authority == Enrollment ? CertificateUse.Root : CertificateUse.TlsRoot, IsOwn: true, authority.CommonName,
        authority.SerialNumber, authority.NotBefore, authority.NotAfter));

    /// <summary>Finds the authority that a request names: by its query, or by its body.</summary>
    public bool TryChoose(
        CaRequest request,
        [NotNullWhen(true)] out IssuingAuthority? chosen,
        out string chosenName,
        [NotNullWhen(false)] out CaRefusal? refusal)
    {
        string wanted = request.Query("ca");
        if (wanted.Length == 0)
            wanted = request.Body.Text("caname");

        refusal = null;
        bool isTls = Tls is not null && wanted == tlsName;
        chosen = wanted.Length == 0 || wanted == name ? Enrollment : isTls ? Tls : null;
        chosenName = isTls ? tlsName : name;
        if (chosen is null)
            refusal = new CaRefusal(404, CaRefusal.AuthorityUnknown, $"CA '{Shown(wanted)}' does not exist");

        return chosen is not null;
    }

    /// <summary>The object that cainfo answers and enrolment repeats.</summary>
    public static void WriteInformation(Utf8JsonWriter json, string name, IssuingAuthority authority, string version)
    {
        json.WriteStartObject();
        json.WriteString("CAName", name);
        json.WriteBase64String("CAChain", System.Text.Encoding.UTF8.GetBytes(authority.ChainPem));

        // Keys of Idemix, which is not offered. Clients want them to be there.
        json.WriteString("IssuerPublicKey", "");
        json.WriteString("IssuerRevocationPublicKey", "");
        json.WriteString("Version", version);
        json.WriteEndObject();
    }

    public void Dispose()
    {
        foreach (IssuingAuthority authority in All)
            authority.Dispose();
    }

    private static string Shown(string text) => text.Length <= CaLimits.IdBytesMax ? text : text[..CaLimits.IdBytesMax];
}
