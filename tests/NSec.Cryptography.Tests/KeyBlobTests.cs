using System.Text;

namespace NSec.Cryptography.Tests;

public sealed class KeyBlobTests
{
    // The example keys of RFC 8410, sections 10.1 and 10.3.
    private const string PrivateText =
        "-----BEGIN PRIVATE KEY-----\n"
        + "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        + "-----END PRIVATE KEY-----\n";

    private const string PublicText =
        "-----BEGIN PUBLIC KEY-----\n"
        + "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        + "-----END PUBLIC KEY-----\n";

    private static readonly Ed25519 s_algorithm = SignatureAlgorithm.Ed25519;

    private static readonly KeyCreationParameters s_exportable =
        new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    [Fact]
    public void The_example_keys_of_RFC_8410_belong_together_and_come_back_as_the_same_text()
    {
        using Key key = Key.Import(s_algorithm, Utf8(PrivateText), KeyBlobFormat.PkixPrivateKeyText, s_exportable);
        PublicKey publicKey = PublicKey.Import(s_algorithm, Utf8(PublicText), KeyBlobFormat.PkixPublicKeyText);

        Assert.Equal(publicKey, key.PublicKey);
        Assert.Equal(PrivateText, Encoding.UTF8.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText)));
        Assert.Equal(PublicText, Encoding.UTF8.GetString(key.Export(KeyBlobFormat.PkixPublicKeyText)));
    }

    [Theory]
    [InlineData(KeyBlobFormat.RawPrivateKey, 32)]
    [InlineData(KeyBlobFormat.PkixPrivateKey, 48)]
    [InlineData(KeyBlobFormat.PkixPrivateKeyText, 119)]
    public void A_private_key_survives_every_format_and_no_other_length_is_read(KeyBlobFormat format, int bytes)
    {
        using Key key = Key.Create(s_algorithm, s_exportable);
        byte[] blob = key.Export(format);

        using Key copy = Key.Import(s_algorithm, blob, format);

        Assert.Equal(bytes, blob.Length);
        Assert.Equal(key.PublicKey, copy.PublicKey);
        Assert.Throws<FormatException>(() => Key.Import(s_algorithm, blob.AsSpan(0, 31), format));
        Assert.False(Key.TryImport(s_algorithm, [], format, out Key? none));
        Assert.Null(none);
    }

    [Theory]
    [InlineData(KeyBlobFormat.RawPublicKey, 32)]
    [InlineData(KeyBlobFormat.PkixPublicKey, 44)]
    [InlineData(KeyBlobFormat.PkixPublicKeyText, 113)]
    public void A_public_key_survives_every_format_and_no_other_length_is_read(KeyBlobFormat format, int bytes)
    {
        using Key key = Key.Create(s_algorithm);
        byte[] blob = key.Export(format);

        PublicKey copy = PublicKey.Import(s_algorithm, blob, format);

        Assert.Equal(bytes, blob.Length);
        Assert.Equal(key.PublicKey, copy);
        Assert.Equal(key.PublicKey.GetHashCode(), copy.GetHashCode());
        Assert.Throws<FormatException>(() => PublicKey.Import(s_algorithm, blob.AsSpan(0, 31), format));
        Assert.False(PublicKey.TryImport(s_algorithm, [], format, out PublicKey? none));
        Assert.Null(none);
    }

    [Fact]
    public void A_key_of_another_algorithm_is_refused()
    {
        using Key key = Key.Create(s_algorithm);
        byte[] blob = key.Export(KeyBlobFormat.PkixPublicKey);
        const int LastByteOfOid = 8;
        blob[LastByteOfOid]--; // 1.3.101.111 is X448.

        Assert.Throws<FormatException>(() => PublicKey.Import(s_algorithm, blob, KeyBlobFormat.PkixPublicKey));
    }

    [Fact]
    public void A_public_key_text_is_no_private_key()
    {
        Assert.Throws<FormatException>(
            () => Key.Import(s_algorithm, Utf8(PublicText), KeyBlobFormat.PkixPrivateKeyText));
        Assert.Throws<ArgumentException>(
            () => Key.Import(s_algorithm, Utf8(PublicText), KeyBlobFormat.PkixPublicKeyText));
    }

    [Fact]
    public void A_private_key_stays_in_unless_its_policy_lets_it_out()
    {
        using Key kept = Key.Create(s_algorithm);
        using Key archived = Key.Create(
            s_algorithm, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });

        Assert.Throws<InvalidOperationException>(() => kept.Export(KeyBlobFormat.RawPrivateKey));
        Assert.Equal(32, archived.Export(KeyBlobFormat.RawPrivateKey).Length);
        Assert.Throws<InvalidOperationException>(() => archived.Export(KeyBlobFormat.RawPrivateKey));
        Assert.Equal(32, kept.Export(KeyBlobFormat.RawPublicKey).Length);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
