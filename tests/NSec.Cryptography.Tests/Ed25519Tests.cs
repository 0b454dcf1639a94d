using System.Numerics;

namespace NSec.Cryptography.Tests;

public sealed class Ed25519Tests
{
    // The order of the group, 2^252 + 27742317777372353535851937790883648493.
    private static readonly BigInteger s_order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", provider: null);

    private static readonly Ed25519 s_algorithm = SignatureAlgorithm.Ed25519;

    [Theory]
    [MemberData(nameof(Rfc8032.Vectors), MemberType = typeof(Rfc8032))]
    public void The_vectors_of_the_RFC_hold(string privateKey, string publicKey, string message, string signature)
    {
        byte[] data = Convert.FromHexString(message);
        byte[] expected = Convert.FromHexString(signature);
        using Key key = Key.Import(s_algorithm, Convert.FromHexString(privateKey), KeyBlobFormat.RawPrivateKey);
        PublicKey imported =
            PublicKey.Import(s_algorithm, Convert.FromHexString(publicKey), KeyBlobFormat.RawPublicKey);
        byte[] signed = new byte[64];
        s_algorithm.Sign(key, data, signed);

        Assert.Equal(expected, s_algorithm.Sign(key, data));
        Assert.Equal(expected, signed);
        Assert.Equal(imported, key.PublicKey);
        Assert.True(s_algorithm.Verify(imported, data, expected));
    }

    [Fact]
    public void Any_flipped_bit_of_signature_message_or_key_is_refused()
    {
        using Key key = Key.Create(s_algorithm);
        byte[] message = "a message"u8.ToArray();
        byte[] signature = s_algorithm.Sign(key, message);
        byte[] publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

        Assert.True(Verifies(publicKey, message, signature));
        foreach (byte[] part in new[] { signature, message, publicKey })
        {
            for (int bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Verifies(publicKey, message, signature));
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rfc8032.Vectors), MemberType = typeof(Rfc8032))]
    public void A_second_encoding_of_S_is_refused(string privateKey, string publicKey, string message, string signature)
    {
        _ = privateKey;
        byte[] second = Convert.FromHexString(signature);
        BigInteger s = new BigInteger(second.AsSpan(32), isUnsigned: true) + s_order;
        second.AsSpan(32).Clear();
        Assert.True(s.TryWriteBytes(second.AsSpan(32), out _, isUnsigned: true));

        Assert.False(Verifies(Convert.FromHexString(publicKey), Convert.FromHexString(message), second));
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // The neutral element.
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // Order 4.
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // Order 2.
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // 1 + p: not reduced.
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // No point of the curve.
    public void A_key_under_which_anything_would_verify_verifies_nothing(string publicKey)
    {
        // With a key of small order, R = neutral and S = 0 satisfy the equation for many messages.
        byte[] signature = new byte[64];
        signature[0] = 1;

        for (byte message = 0; message < 16; message++)
            Assert.False(Verifies(Convert.FromHexString(publicKey), [message], signature));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_of_another_length_verifies_nothing(int bytes)
    {
        using Key key = Key.Create(s_algorithm);

        Assert.False(s_algorithm.Verify(key.PublicKey, [], new byte[bytes]));
        Assert.Throws<ArgumentException>(() => s_algorithm.Sign(key, [], new byte[bytes]));
    }

    [Fact]
    public void New_keys_differ()
    {
        using Key one = Key.Create(s_algorithm);
        using Key other = Key.Create(s_algorithm);

        Assert.NotEqual(one.PublicKey, other.PublicKey);
        Assert.True(one.PublicKey != other.PublicKey);
    }

    [Fact]
    public void A_disposed_key_signs_nothing_but_its_public_key_still_verifies()
    {
        Key key = Key.Create(s_algorithm);
        byte[] signature = s_algorithm.Sign(key, [1]);
        key.Dispose();
        key.Dispose();

        Assert.Throws<ObjectDisposedException>(() => s_algorithm.Sign(key, [1]));
        Assert.Throws<ObjectDisposedException>(() => key.Export(KeyBlobFormat.RawPrivateKey));
        Assert.True(s_algorithm.Verify(key.PublicKey, [1], signature));
    }

    [Fact]
    public void Many_threads_may_sign_with_one_key()
    {
        using Key key = Key.Create(s_algorithm);
        byte[] expected = s_algorithm.Sign(key, [1, 2, 3]);

        Parallel.For(0, 200, _ => Assert.Equal(expected, s_algorithm.Sign(key, [1, 2, 3])));
    }

    [Fact]
    public void A_missing_library_names_the_package_to_install()
    {
        DllNotFoundException error = Assert.ThrowsAny<DllNotFoundException>(
            () => Sodium.LoadFirst(["libsodium.so.0-not-there"]));

        Assert.Contains("apt-get install libsodium23", error.Message, StringComparison.Ordinal);
    }

    private static bool Verifies(byte[] publicKey, byte[] message, byte[] signature) =>
        s_algorithm.Verify(
            PublicKey.Import(s_algorithm, publicKey, KeyBlobFormat.RawPublicKey), message, signature);
}
