using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Node.Ca.Registering;
using Node.Ca.Storing;
using Node.Ca.Tests.Building;
using Node.Membership.Issuing;
using Node.Protocol;
using RocksDbSharp;

namespace Node.Ca.Tests;

public class DurabilityTests
{
    [Fact]
    public async Task A_restart_forgets_nothing_and_asks_for_no_registrar()
    {
        string folder = Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        try
        {
            Member registrar;
            Member gone;
            await using (TestCa first = await TestCa.StartAsync(new TestCaOptions { Folder = folder }))
            {
                registrar = await first.RegistrarAsync();
                gone = await registrar.NewMemberAsync("gone");
                await registrar.NewMemberAsync("stays", ", \"affiliation\": \"org1.department1\"");
                await registrar.PostAsync("affiliations", """{"name": "org3"}""");
                await registrar.PostAsync("revoke", """{"id": "gone"}""");
                await first.StopAsync();
            }

            await using TestCa second = await TestCa.StartAsync(
                new TestCaOptions { Folder = folder, Registrar = null });
            var again = new Member(second, registrar.Certificate, registrar.Key);
            Answer list = await again.GetAsync("identities");
            Assert.Equal(
                ["admin", "gone", "stays"],
                list.Result.GetProperty("identities").EnumerateArray()
                    .Select(one => one.GetProperty("id").GetString()));
            Assert.Equal("200", (await again.GetAsync("affiliations/org3")).Brief);
            Assert.Equal(
                "401 20", (await new Member(second, gone.Certificate, gone.Key).GetAsync("identities")).Brief);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What a kill leaves is what lies on disk at that instant: every answered change is in a copy of it.
    [Fact]
    public async Task What_was_answered_is_on_disk_at_every_instant()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        string image = Path.Combine(ca.Folder, "image");
        for (int i = 0; i < 5; i++)
        {
            Member member = await registrar.NewMemberAsync($"u{i}", ", \"max_enrollments\": 1");
            Copy(Path.Combine(ca.Folder, "data"), image);

            using IssuingAuthority authority = Load(ca);
            using CaStore store = CaStore.Open(image, authority.Fingerprint);
            Assert.Equal(1, store.FindIdentity($"u{i}")!.Enrollments);
            Assert.Equal(
                member.Certificate.Number, Assert.Single(store.CertificatesOf($"u{i}")).Number);
            Assert.Equal(i + 2, store.Identities().Count());
        }
    }

    [Fact]
    public async Task A_new_store_without_a_registrar_is_refused_with_the_way_out()
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(
            () => TestCa.StartAsync(new TestCaOptions { Registrar = null }));
        Assert.Contains("HYPERPROV_CA_REGISTRAR", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no default", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_belongs_to_one_CA_and_one_format()
    {
        await using TestCa ca = await TestCa.StartAsync();
        using IssuingAuthority authority = Load(ca);
        string folder = Path.Combine(ca.Folder, "other");
        CaStore.Open(folder, authority.Fingerprint).Dispose();

        CaStore.Open(folder, authority.Fingerprint).Dispose();
        Assert.Throws<LedgerCorruptException>(() => CaStore.Open(folder, Hash32.Of("another CA"u8)));

        using (RocksDb raw = OpenRaw(folder))
            raw.Put("format"u8, [0, 0, 0, 2], raw.GetColumnFamily("meta"));
        var newer = Assert.Throws<LedgerCorruptException>(() => CaStore.Open(folder, authority.Fingerprint));
        Assert.Contains("00000002", newer.Message, StringComparison.Ordinal);
    }

    // docs/formats.md, "CA store", byte by byte.
    [Fact]
    public async Task The_store_has_the_layout_that_is_written_down()
    {
        string folder = Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        try
        {
            Member member;
            Hash32 fingerprint;
            await using (TestCa ca = await TestCa.StartAsync(new TestCaOptions { Folder = folder }))
            {
                member = await (await ca.RegistrarAsync()).NewMemberAsync("u", Bodies.Attribute("a", "b", ecert: true));
                using IssuingAuthority authority = Load(ca);
                fingerprint = authority.Fingerprint;
                await ca.StopAsync();
            }

            using RocksDb raw = OpenRaw(Path.Combine(folder, "data"));
            byte[] Read(string family, string key) =>
                raw.Get(Encoding.UTF8.GetBytes(key), raw.GetColumnFamily(family))!;
            string number = $"{member.Certificate.Number.AuthorityKeyId}/{member.Certificate.Number.SerialNumber}";

            Assert.Equal(1u, BinaryPrimitives.ReadUInt32BigEndian(Read("meta", "format")));
            Assert.Equal(fingerprint.ToArray(), Read("meta", "authority"));
            Assert.Empty(Read("affiliations", "org1.department1"));
            Assert.Empty(Read("owners", $"u\0{number}"));
            Assert.Equal(
                $$"""{"id":"u","der":"{{Convert.ToBase64String(member.Certificate.Der.Span)}}","reason":0}""",
                Encoding.UTF8.GetString(Read("certificates", number)));
            using JsonDocument identity = JsonDocument.Parse(Read("identities", "u"));
            Assert.Equal(
                "type affiliation attributes maxEnrollments enrollments secret registered registrar",
                NamesIn(identity.RootElement));
            Assert.Equal(
                """[{"name":"a","value":"b","ecert":true}]""",
                identity.RootElement.GetProperty("attributes").GetRawText());
            JsonElement secret = identity.RootElement.GetProperty("secret");
            Assert.Equal("iterations salt hash", NamesIn(secret));
            Assert.Equal(
                (16, 32),
                (secret.GetProperty("salt").GetBytesFromBase64().Length,
                    secret.GetProperty("hash").GetBytesFromBase64().Length));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_secret_is_kept_as_a_slow_salted_hash()
    {
        SecretHash first = SecretHash.Of("the same secret", CaLimits.SecretIterations);
        SecretHash second = SecretHash.Of("the same secret", CaLimits.SecretIterations);

        Assert.True(first.Iterations >= 210_000);
        Assert.NotEqual(first.Salt, second.Salt);
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.True(first.Matches("the same secret"));
        Assert.False(first.Matches("the same secreT"));
        Assert.False(SecretHash.Nobody(10).Matches(""));
    }

    private static string NamesIn(JsonElement value) =>
        string.Join(' ', value.EnumerateObject().Select(member => member.Name));

    private static IssuingAuthority Load(TestCa ca) =>
        IssuingAuthority.TryLoad(
            Path.Combine(ca.Material.Ca, $"{TestCa.Name}-cert.pem"), Path.Combine(ca.Material.Ca, "priv_sk"),
            out IssuingAuthority? authority, out string? fault)
            ? authority
            : throw new InvalidOperationException(fault);

    private static RocksDb OpenRaw(string folder)
    {
        using var options = new DbOptions();
        using var family = new ColumnFamilyOptions();
        return RocksDb.Open(options, folder, new ColumnFamilies(family)
        {
            { "meta", family }, { "identities", family }, { "affiliations", family }, { "certificates", family },
            { "owners", family },
        });
    }

    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to))
            Directory.Delete(to, recursive: true);

        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from).Where(file => Path.GetFileName(file) != "LOCK"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
