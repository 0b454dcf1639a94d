using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Node.Membership.Keys;

namespace Node.Membership.Tests.Keys;

public class EcdsaSignatureTests
{
    // RFC 6979, A.2.5: P-256 with SHA-256, message "sample" and "test".
    private const string Ux = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6";
    private const string Uy = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";

    [Theory]
    [InlineData(
        "sample",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData(
        "test",
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void Signatures_of_RFC_6979_verify_in_their_low_spelling_only(string message, string r, string s)
    {
        VerificationKey key = ImportRfcKey();
        byte[] bytes = Encoding.ASCII.GetBytes(message);
        byte[] asPrinted = Der(r, s);
        byte[] flipped = Der(r, Flip(s));
        bool printedIsLow = EcdsaSignature.ToLowS(asPrinted, EcCurve.P256).AsSpan().SequenceEqual(asPrinted);

        Assert.Equal(printedIsLow, key.Verify(bytes, asPrinted));
        Assert.Equal(!printedIsLow, key.Verify(bytes, flipped));
        Assert.True(key.Verify(bytes, EcdsaSignature.ToLowS(asPrinted, EcCurve.P256)));
        Assert.True(key.Verify(bytes, EcdsaSignature.ToLowS(flipped, EcCurve.P256)));
        Assert.False(key.Verify([.. bytes, 0], EcdsaSignature.ToLowS(asPrinted, EcCurve.P256)));
    }

    [Fact]
    public void Every_signature_we_make_is_low_and_its_high_twin_is_refused()
    {
        using SigningKey signer = SigningKey.Create(KeyType.P256);
        VerificationKey key = Import(signer.SubjectPublicKeyInfo);
        for (byte i = 0; i < 64; i++)
        {
            byte[] signature = signer.Sign([i]);
            byte[] twin = HighTwin(signature);

            Assert.True(key.Verify([i], signature));
            Assert.False(key.Verify([i], twin));
            Assert.Equal(signature, EcdsaSignature.ToLowS(twin, EcCurve.P256));
            Assert.True(key.VerifyIssued(SignatureScheme.EcdsaSha256, [i], twin));
        }
    }

    [Fact]
    public void Bytes_behind_a_signature_are_passed_over()
    {
        using SigningKey signer = SigningKey.Create(KeyType.P256);
        byte[] signature = signer.Sign("m"u8);
        byte[] insideToo = [.. signature, 0x05, 0x00];
        insideToo[1] += 2;

        Assert.True(Import(signer.SubjectPublicKeyInfo).Verify("m"u8, [.. signature, 1, 2, 3]));
        Assert.True(Import(signer.SubjectPublicKeyInfo).Verify("m"u8, insideToo));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3000")]
    [InlineData("3003020101")]                      // No s.
    [InlineData("3006020100020101")]                // r is zero.
    [InlineData("3006020101020100")]                // s is zero.
    [InlineData("3006020181020101")]                // r is negative.
    [InlineData("300702020001020101")]              // r is padded for nothing.
    [InlineData("3004020002 00")]                   // r is empty.
    [InlineData("308106020101020101")]              // The length is not in its shortest form.
    [InlineData("3080020101020101")]                // The length is indefinite.
    [InlineData("3006020101030101")]                // s is no integer.
    [InlineData("31060201010201 01")]               // A set instead of a sequence.
    [InlineData("3046022100FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552022101")]
    public void Malformed_signatures_are_refused_without_an_exception(string hex)
    {
        byte[] signature = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.False(ImportRfcKey().Verify("sample"u8, signature));
        Assert.Null(EcdsaSignature.ToLowS(signature, EcCurve.P256));
    }

    [Fact]
    public void The_largest_numbers_over_every_curve_fit_the_buffers()
    {
        foreach (EcCurve curve in (EcCurve[])[EcCurve.P224, EcCurve.P256, EcCurve.P384, EcCurve.P521])
        {
            foreach (int lead in new[] { 0x01, 0x7f, 0x80, 0xff })
            {
                byte[] number = [(byte)lead, .. Enumerable.Repeat((byte)0xff, curve.Order.Length - 1)];
                byte[] signature = Der(Convert.ToHexString(number), Convert.ToHexString(number));

                // Whether it is one depends on the curve; that nothing throws does not.
                _ = EcdsaSignature.ToLowS(signature, curve);
                int bytes = EcdsaSignature.ReadLowS(signature, curve, new byte[EcCurve.FixedBytesMax]);
                Assert.InRange(bytes, 0, EcCurve.FixedBytesMax);
            }

            byte[] order = Der("01", Convert.ToHexString(curve.Order));
            Assert.Null(EcdsaSignature.ToLowS(order, curve));
        }
    }

    [Theory]
    [InlineData("nistP256", "P-256")]
    [InlineData("nistP384", "P-384")]
    [InlineData("nistP521", "P-521")]
    [InlineData("secp224r1", "P-224")]
    public void Orders_are_those_of_the_engine_and_other_curves_work_too(string engineName, string name)
    {
        using ECDsa engine = ECDsa.Create(ECCurve.CreateFromFriendlyName(engineName));
        byte[]? order = engine.ExportExplicitParameters(includePrivateParameters: false).Curve.Order;
        byte[] message = [4, 5, 6];
        byte[] signature = engine.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        VerificationKey key = Import(engine.ExportSubjectPublicKeyInfo());

        Assert.Equal(name, key.Curve?.Name);
        Assert.Equal(order, key.Curve?.Order);
        Assert.NotNull(key.Curve);
        Assert.True(key.Verify(message, EcdsaSignature.ToLowS(signature, key.Curve)));
    }

    [Fact]
    public async Task Many_threads_may_sign_and_verify_with_one_key()
    {
        using SigningKey signer = SigningKey.Create(KeyType.P256);
        VerificationKey key = Import(signer.SubjectPublicKeyInfo);

        bool[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Factory.StartNew(
            () => Enumerable.Range(0, 100).All(i =>
            {
                byte[] message = [(byte)worker, (byte)i];
                byte[] signature = signer.Sign(message);
                return key.Verify(message, signature) && !key.Verify([(byte)i, (byte)worker, 0], signature);
            }),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.All(results, Assert.True);
    }

    private static EcdsaVerificationKey ImportRfcKey()
    {
        using ECDsa engine = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Convert.FromHexString(Ux), Y = Convert.FromHexString(Uy) },
        });
        return (EcdsaVerificationKey)Import(engine.ExportSubjectPublicKeyInfo());
    }

    private static VerificationKey Import(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var reader = new Node.Membership.Certificates.DerReader(subjectPublicKeyInfo);
        Assert.True(reader.TryRead(out Node.Membership.Certificates.DerElement element));
        Assert.True(Node.Membership.Certificates.SubjectKey.TryRead(
            element, out Node.Membership.Certificates.SubjectKey? key));
        Assert.NotNull(key);
        Assert.True(VerificationKey.TryImport(key, out VerificationKey? imported, out string? fault), fault);
        return imported;
    }

    private static string Flip(string s) =>
        Convert.ToHexString((Number(Convert.ToHexString(EcCurve.P256.Order)) - Number(s))
            .ToByteArray(isUnsigned: true, isBigEndian: true));

    private static byte[] HighTwin(byte[] signature)
    {
        (string r, string s) = Split(signature);
        return Der(r, Flip(s));
    }

    private static (string R, string S) Split(byte[] signature)
    {
        int rBytes = signature[3];
        int sBytes = signature[5 + rBytes];
        return (
            Convert.ToHexString(signature.AsSpan(4, rBytes)),
            Convert.ToHexString(signature.AsSpan(6 + rBytes, sBytes)));
    }

    private static byte[] Der(string r, string s)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Number(r));
            writer.WriteInteger(Number(s));
        }

        return writer.Encode();
    }

    private static BigInteger Number(string hex) =>
        new(Convert.FromHexString(hex), isUnsigned: true, isBigEndian: true);
}
