using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Node.Client.Exporting.Attesting;
using Node.Client.Lineages;

namespace Node.Client.Tests.Exporting;

/// <summary>Statements say what in-toto and SLSA ask for, and their signatures are checked by openssl.</summary>
public sealed class AttestationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_statement_names_the_content_and_its_parents_by_digest()
    {
        JsonElement statement = Statement(Records.Weather());

        Assert.Equal("https://in-toto.io/Statement/v1", statement.GetProperty("_type").GetString());
        JsonElement subject = Assert.Single(statement.GetProperty("subject").EnumerateArray());
        Assert.Equal("climate", subject.GetProperty("name").GetString());
        Assert.Equal(
            Records.Of("climate", 8).Hash, subject.GetProperty("digest").GetProperty("sha256").GetString());
        Assert.Equal("https://slsa.dev/provenance/v1", statement.GetProperty("predicateType").GetString());
        JsonElement predicate = statement.GetProperty("predicate");
        JsonElement definition = predicate.GetProperty("buildDefinition");
        Assert.NotEmpty(definition.GetProperty("buildType").GetString()!);
        Assert.Equal("climate", definition.GetProperty("externalParameters").GetProperty("key").GetString());
        Assert.Equal(
            [Records.Of("year/2012", 6).Hash, Records.Of("year/2013", 7).Hash],
            definition.GetProperty("resolvedDependencies").EnumerateArray()
                .Select(parent => parent.GetProperty("digest").GetProperty("sha256").GetString()));
        Assert.Equal(
            "urn:hyperprov:identity:Org1MSP/User1@org1.example.com",
            predicate.GetProperty("runDetails").GetProperty("builder").GetProperty("id").GetString());
    }

    [Fact]
    public void A_checksum_of_no_known_kind_makes_no_statement()
    {
        LineageGraph graph = Records.Graph(Records.Of("note", 1) with { ChecksumAlgorithm = "unspecified" });

        bool written = InTotoStatement.TryWrite(graph, "mychannel", out _, out string? fault);

        Assert.False(written);
        Assert.Contains("\"note\"", fault, StringComparison.Ordinal);
        Assert.Contains("unspecified", fault, StringComparison.Ordinal);
    }

    // The example of the specification's protocol page.
    [Fact]
    public void What_is_signed_is_the_pre_authentication_encoding_of_the_specification() =>
        Assert.Equal(
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            Encoding.UTF8.GetString(DsseEnvelope.PreAuthEncoding("http://example.com/HelloWorld", "hello world"u8)));

    [Fact]
    public async Task The_envelopes_signature_is_verified_by_openssl()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] payload = Encoding.UTF8.GetBytes(Statement(Records.Weather()).GetRawText());
        byte[] envelope = DsseEnvelope.Sign(
            InTotoStatement.PayloadType, payload,
            message => key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            keyId: "ab12");

        JsonElement json = JsonDocument.Parse(envelope).RootElement;
        Assert.Equal(InTotoStatement.PayloadType, json.GetProperty("payloadType").GetString());
        byte[] carried = json.GetProperty("payload").GetBytesFromBase64();
        Assert.Equal(payload, carried);
        JsonElement signature = Assert.Single(json.GetProperty("signatures").EnumerateArray());
        Assert.Equal("ab12", signature.GetProperty("keyid").GetString());
        Assert.Equal(0, await VerifyAsync(key, carried, signature.GetProperty("sig").GetBytesFromBase64()));
        carried[10] ^= 1;
        Assert.NotEqual(0, await VerifyAsync(key, carried, signature.GetProperty("sig").GetBytesFromBase64()));
    }

    private async Task<int> VerifyAsync(ECDsa key, byte[] payload, byte[] signature)
    {
        await File.WriteAllTextAsync(_folder.File("key.pem"), key.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllBytesAsync(_folder.File("sig"), signature);
        byte[] head = Encoding.ASCII.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} ");
        await File.WriteAllBytesAsync(_folder.File("signed"), [.. head, .. payload]);
        using Process process = Process.Start(new ProcessStartInfo("openssl")
        {
            ArgumentList =
            {
                "dgst", "-sha256", "-verify", _folder.File("key.pem"), "-signature", _folder.File("sig"),
                _folder.File("signed"),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static JsonElement Statement(LineageGraph graph)
    {
        bool written = InTotoStatement.TryWrite(graph, "mychannel", out byte[]? bytes, out string? fault);
        Assert.True(written, fault);
        return JsonDocument.Parse(bytes!).RootElement;
    }
}
