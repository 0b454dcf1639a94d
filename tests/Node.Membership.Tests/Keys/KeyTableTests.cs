using System.Numerics;
using System.Security.Cryptography;
using Node.Membership.Certificates;
using Node.Membership.Keys;
using Node.Membership.Keys.Tables;

namespace Node.Membership.Tests.Keys;

/// <summary>A table says of every signature what the framework says.</summary>
public sealed class KeyTableTests : IDisposable
{
    private const int Half = 32;
    private static readonly BigInteger s_order = new(EcCurve.P256.Order, isUnsigned: true, isBigEndian: true);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly KeyTable _table;
    private readonly Random _random = new(4);

    public KeyTableTests() => _table = TableOf(_key);

    public void Dispose()
    {
        _table.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void Good_signatures_are_good()
    {
        for (int i = 0; i < 300; i++)
        {
            byte[] digest = Bytes(Half);
            Assert.True(_table.IsSignature(digest, _key.SignHash(digest)));
        }
    }

    [Fact]
    public void A_signature_with_any_bit_changed_is_none()
    {
        byte[] digest = Bytes(Half);
        byte[] signature = _key.SignHash(digest);
        for (int bit = 0; bit < 8 * signature.Length; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_table.IsSignature(digest, signature));
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (int bit = 0; bit < 8 * digest.Length; bit++)
        {
            digest[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_table.IsSignature(digest, signature));
            digest[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(_table.IsSignature(digest, signature));
    }

    [Fact]
    public void Numbers_outside_of_the_range_are_refused_wherever_they_stand()
    {
        byte[] digest = Bytes(Half);
        byte[] good = _key.SignHash(digest);
        foreach (BigInteger number in (BigInteger[])[0, s_order, s_order + 1, (BigInteger.One << 256) - 1])
        {
            Assert.False(_table.IsSignature(digest, [.. Encode(number), .. good.AsSpan(Half)]));
            Assert.False(_table.IsSignature(digest, [.. good.AsSpan(0, Half), .. Encode(number)]));
            Assert.False(_table.IsSignature(digest, [.. Encode(number), .. Encode(number)]));
        }

        // The twin of r above the order has the same value modulo the order.
        BigInteger r = Decode(good.AsSpan(0, Half));
        if (r + s_order < BigInteger.One << 256)
            Assert.False(_table.IsSignature(digest, [.. Encode(r + s_order), .. good.AsSpan(Half)]));
    }

    [Fact]
    public void Arbitrary_numbers_are_judged_as_the_framework_does()
    {
        for (int i = 0; i < 500; i++)
        {
            byte[] digest = Bytes(Half);
            byte[] signature = Bytes(2 * Half);
            Assert.Equal(_key.VerifyHash(digest, signature), _table.IsSignature(digest, signature));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Extreme_digests_are_judged_as_the_framework_does(int digest)
    {
        byte[] bytes = digest < 0 ? Encode((BigInteger.One << 256) - 1) : Encode(digest);
        byte[] signature = _key.SignHash(bytes);

        Assert.True(_key.VerifyHash(bytes, signature));
        Assert.True(_table.IsSignature(bytes, signature));
        Assert.False(_table.IsSignature(Encode(2), signature));
    }

    [Fact]
    public void Two_parts_that_are_the_same_point_are_added_as_well()
    {
        // With 1 as the private key, the key is the base point; and with e = r both parts are (r/s) G.
        using ECDsa one = KeyOf(BigInteger.One);
        using KeyTable table = TableOf(one);
        BigInteger nonce = Decode(Bytes(Half)) % s_order;
        using ECDsa point = KeyOf(nonce);
        BigInteger r = Decode(point.ExportParameters(includePrivateParameters: false).Q.X) % s_order;
        BigInteger s = 2 * r * BigInteger.ModPow(nonce, s_order - 2, s_order) % s_order;
        byte[] signature = [.. Encode(r), .. Encode(s)];

        Assert.True(one.VerifyHash(Encode(r), signature));
        Assert.True(table.IsSignature(Encode(r), signature));
    }

    [Fact]
    public void Two_parts_that_cancel_each_other_are_no_signature()
    {
        using ECDsa one = KeyOf(BigInteger.One);
        using KeyTable table = TableOf(one);
        byte[] r = Encode(Decode(Bytes(Half)) % s_order);
        byte[] digest = Encode(s_order - Decode(r));

        Assert.False(table.IsSignature(digest, [.. r, .. Encode(12345)]));
    }

    [Fact]
    public async Task A_key_that_is_used_often_gets_a_table_and_says_the_same_with_it()
    {
        using SigningKey signer = SigningKey.Create(KeyType.P256);
        var reader = new DerReader(signer.SubjectPublicKeyInfo);
        Assert.True(reader.TryRead(out DerElement element));
        Assert.True(SubjectKey.TryRead(element, out SubjectKey? read));
        EcdsaVerificationKey? key = EcdsaVerificationKey.TryImport(read!);
        Assert.NotNull(key);
        byte[] signature = signer.Sign("m"u8);
        for (int check = 0; check < EcdsaVerificationKey.ChecksBeforeTable; check++)
            Assert.True(key.Verify("m"u8, signature));

        Assert.True(SpinWait.SpinUntil(() => key.HasTable, TimeSpan.FromSeconds(30)), "no table was made");
        Assert.True(key.Verify("m"u8, signature));
        Assert.False(key.Verify("n"u8, signature));
        await Parallel.ForAsync(0, 200, (i, _) =>
        {
            byte[] message = BitConverter.GetBytes(i);
            Assert.True(key.Verify(message, signer.Sign(message)));
            Assert.False(key.Verify(message, signature));
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void There_are_only_so_many_tables_and_one_that_is_freed_makes_room()
    {
        var tables = new List<KeyTable>();
        while (tables.Count <= KeyTable.TablesMax
            && KeyTable.TryMake(_key.ExportParameters(includePrivateParameters: false), out KeyTable? table))
            tables.Add(table);

        Assert.InRange(tables.Count, 1, KeyTable.TablesMax);
        tables.ForEach(table => table.Dispose());
        using KeyTable next = TableOf(_key);
    }

    private static KeyTable TableOf(ECDsa key)
    {
        Assert.True(LibCrypto.IsThere, "this test needs OpenSSL 3 (apt-get install libssl3)");
        Assert.True(KeyTable.TryMake(key.ExportParameters(includePrivateParameters: false), out KeyTable? table));
        return table;
    }

    private static ECDsa KeyOf(BigInteger secret) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256, D = Encode(secret),
    });

    private static BigInteger Decode(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Encode(BigInteger number)
    {
        byte[] bytes = new byte[Half];
        byte[] digits = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes, Half - digits.Length);
        return bytes;
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
