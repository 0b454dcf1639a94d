using System.Text;
using Node.Ca.Tests.Building;
using Node.Membership;
using Node.Membership.Issuing;

namespace Node.Ca.Tests;

/// <summary>Every refusal with its status and code; who is not believed never learns why.</summary>
public class RefusalTests(SharedCa shared) : IClassFixture<SharedCa>
{
    private const string Post = "POST";
    private const string Get = "GET";

    // Method, target, body, expected; the caller is the registrar, with a token that fits.
    [Theory]
    [InlineData("PATCH", "cainfo", null, "405 1")]
    [InlineData(Get, "enroll", null, "405 1")]
    [InlineData("DELETE", "register", null, "405 1")]
    [InlineData("PUT", "identities", "{}", "405 1")]
    [InlineData(Post, "identities/x", "{}", "405 1")]
    [InlineData("DELETE", "certificates", null, "405 1")]
    [InlineData(Get, "nothing", null, "404 0")]
    [InlineData(Get, "identities/a/b", null, "404 0")]
    [InlineData(Get, "cainfo?ca=other", null, "404 19")]
    [InlineData(Post, "cainfo", """{"caname": "other"}""", "404 19")]
    [InlineData(Post, "register", """{"id": "u", "caname": "other"}""", "404 19")]
    [InlineData(Post, "register", "", "400 4")]
    [InlineData(Post, "register", "{", "400 5")]
    [InlineData(Post, "register", "[]", "400 5")]
    [InlineData(Post, "register", """{"id": 7}""", "400 5")]
    [InlineData(Post, "register", """{"id": "u", "attrs": {}}""", "400 5")]
    [InlineData(Post, "register", """{"id": "u", "attrs": [7]}""", "400 5")]
    [InlineData(Post, "register", """{"id": "u", "attrs": [{"name": "a", "value": 1}]}""", "400 5")]
    [InlineData(Post, "register", """{"id": "u", "max_enrollments": "1"}""", "400 5")]
    [InlineData(Post, "register", """{"id": "u", "max_enrollments": 1e99}""", "400 5")]
    [InlineData(Post, "register", """{"id": "\ud800"}""", "400 5")]
    [InlineData(Post, "register", """{"id": ""}""", "400 52")]
    [InlineData(Post, "register", """{"id": "a:b"}""", "400 52")]
    [InlineData(Post, "register", """{"id": " a"}""", "400 52")]
    [InlineData(Post, "register", """{"id": "a\u0000b"}""", "400 52")]
    [InlineData(Post, "register", """{"id": "u", "type": "two words"}""", "400 52")]
    [InlineData(Post, "register", """{"id": "u", "secret": "short"}""", "400 52")]
    [InlineData(Post, "register", """{"id": "same-as-secret", "secret": "same-as-secret"}""", "400 52")]
    [InlineData(Post, "register", """{"id": "u", "max_enrollments": -2}""", "400 52")]
    [InlineData(
        Post, "register", """{"id": "u", "attrs": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}""",
        "400 52")]
    [InlineData(Post, "register", """{"id": "u", "affiliation": "no.where"}""", "400 16")]
    [InlineData(Post, "register", """{"id": "admin"}""", "409 74")]
    [InlineData(Post, "register", """{"id": "u", "attrs": [{"name": "hf.Type", "value": "admin"}]}""", "403 71")]
    [InlineData(Post, "register", """{"id": "u", "attrs": [{"name": "hf.Unknown", "value": "1"}]}""", "403 71")]
    [InlineData(Post, "register", """{"id": "u", "attrs": [{"name": "hf.Revoker", "value": "maybe"}]}""", "403 71")]
    [InlineData(Post, "reenroll", """{"certificate_request": "none"}""", "400 31")]
    [InlineData(Post, "reenroll", "{}", "400 31")]
    [InlineData(Post, "reenroll", """{"certificate_request": "", "profile": "other"}""", "400 5")]
    [InlineData(Post, "revoke", "{}", "400 15")]
    [InlineData(Post, "revoke", """{"serial": "1"}""", "400 15")]
    [InlineData(Post, "revoke", """{"id": "nobody"}""", "404 10")]
    [InlineData(Post, "revoke", """{"serial": "1", "aki": "2"}""", "404 8")]
    [InlineData(Post, "revoke", """{"serial": "no hex", "aki": "2"}""", "404 8")]
    [InlineData(Post, "revoke", """{"id": "admin", "reason": "boredom"}""", "400 5")]
    [InlineData(Post, "gencrl", """{"revokedafter": "yesterday"}""", "400 36")]
    [InlineData(
        Post, "gencrl", """{"revokedAfter": "2026-02-01T00:00:00Z", "revokedBefore": "2026-01-01T00:00:00Z"}""",
        "400 36")]
    [InlineData(
        Post, "gencrl", """{"expireAfter": "2026-02-01T00:00:00Z", "expireBefore": "2026-01-01T00:00:00Z"}""",
        "400 37")]
    [InlineData(Get, "identities/nobody", null, "404 10")]
    [InlineData("PUT", "identities/nobody", "{}", "404 10")]
    [InlineData("DELETE", "identities/admin", null, "403 56")]
    [InlineData(Get, "affiliations/nowhere", null, "404 16")]
    [InlineData(Post, "affiliations", """{"name": "org1"}""", "409 60")]
    [InlineData(Post, "affiliations", """{"name": "new.below"}""", "400 60")]
    [InlineData(Post, "affiliations", """{"name": "org1.admin"}""", "400 60")]
    [InlineData(Post, "affiliations", """{"name": "org1..x"}""", "400 60")]
    [InlineData(Post, "affiliations?force=perhaps", """{"name": "x"}""", "400 57")]
    [InlineData("PUT", "affiliations/org1", """{"name": "org2"}""", "400 64")]
    [InlineData("PUT", "affiliations/org1", """{"name": "org1.below"}""", "400 64")]
    [InlineData("PUT", "affiliations/nowhere", """{"name": "x"}""", "404 16")]
    [InlineData("DELETE", "affiliations/org1", null, "403 61")]
    [InlineData(Get, "certificates?serial=zz", null, "400 57")]
    [InlineData(Get, "certificates?revoked_start=never", null, "400 57")]
    [InlineData(Get, "certificates?notrevoked=true&revoked_start=-1d", null, "400 57")]
    [InlineData(Get, "certificates?notexpired=x", null, "400 57")]
    public async Task The_registrar_is_refused(string method, string target, string? body, string expected)
    {
        Answer answer = await shared.Registrar.SendAsync(new HttpMethod(method), target, body);

        Assert.Equal(expected, answer.Brief);
        Assert.Equal("", answer.Result.GetString());
        Assert.NotEmpty(answer.Message);
    }

    // Who has no right: each endpoint, called by a plain client.
    [Theory]
    [InlineData(Post, "register", """{"id": "v"}""")]
    [InlineData(Post, "identities", """{"id": "v"}""")]
    [InlineData(Get, "identities", null)]
    [InlineData(Get, "identities/admin", null)]
    [InlineData("PUT", "identities/admin", """{"secret": "a-new-secret"}""")]
    [InlineData("DELETE", "identities/admin", null)]
    [InlineData(Post, "revoke", """{"id": "admin"}""")]
    [InlineData(Post, "gencrl", "{}")]
    [InlineData(Get, "affiliations", null)]
    [InlineData(Get, "affiliations/org1", null)]
    [InlineData(Post, "affiliations", """{"name": "x"}""")]
    [InlineData("PUT", "affiliations/org1", """{"name": "x"}""")]
    [InlineData("DELETE", "affiliations/org1", null)]
    [InlineData(Get, "certificates", null)]
    public async Task A_client_without_rights_is_refused(string method, string target, string? body)
    {
        Answer answer = await shared.Client.SendAsync(new HttpMethod(method), target, body);

        Assert.Equal("403 71", answer.Brief);
        Assert.Equal("Authorization failure", answer.Message);
    }

    [Theory]
    [InlineData("none", "401 2")]
    [InlineData("basic", "401 20")]
    [InlineData("garbage", "401 20")]
    [InlineData("three.parts.here", "401 20")]
    [InlineData("other body", "401 20")]
    [InlineData("other target", "401 20")]
    [InlineData("other method", "401 20")]
    [InlineData("other key", "401 20")]
    [InlineData("old form", "401 20")]
    [InlineData("stranger", "401 20")]
    [InlineData("cryptogen", "401 20")]
    public async Task A_token_that_does_not_fit_is_refused(string kind, string expected)
    {
        TestCa ca = shared.Ca;
        Member registrar = shared.Registrar;
        const string Target = "/api/v1/register";
        string body = Bodies.Register("v");
        using EnrollmentKey other = EnrollmentKey.Create(KeyType.P256);
        string? token = kind switch
        {
            "none" => null,
            "basic" => "Basic " + Convert.ToBase64String(
                Encoding.UTF8.GetBytes($"{TestCa.RegistrarId}:{TestCa.RegistrarSecret}")),
            "garbage" => "garbage",
            "three.parts.here" => "YQ==.YQ==.YQ==",
            "other body" => registrar.TokenOf(Post, Target, Bodies.Register("w")),
            "other target" => registrar.TokenOf(Post, "/api/v1/revoke", body),
            "other method" => registrar.TokenOf("PUT", Target, body),
            "other key" => new Member(ca, registrar.Certificate, other).TokenOf(Post, Target, body),
            "old form" => registrar.OldTokenOf(body),
            "stranger" => await StrangerTokenAsync(Target, body),
            _ => CryptogenToken(ca, Target, body),
        };

        Answer answer = await ca.SendAsync(HttpMethod.Post, Target, body, basic: null, token);

        Assert.Equal(expected, answer.Brief);
        if (kind != "none")
            Assert.Equal("Authentication failure", answer.Message);
    }

    [Fact]
    public async Task Old_tokens_are_taken_where_that_is_switched_on()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { TakesOldTokens = true });
        Member registrar = await ca.RegistrarAsync();
        string body = Bodies.Register("v");

        Answer answer = await ca.SendAsync(
            HttpMethod.Post, "/api/v1/register", body, basic: null, registrar.OldTokenOf(body));

        Assert.Equal("201", answer.Brief);
    }

    [Theory]
    [InlineData("none", "401 2")]
    [InlineData("token", "401 20")]
    [InlineData("wrong secret", "401 20")]
    [InlineData("unknown id", "401 20")]
    [InlineData("empty secret", "401 20")]
    [InlineData("no colon", "401 20")]
    [InlineData("other name", "403 77")]
    [InlineData("no request", "400 31")]
    [InlineData("own authority", "403 71")]
    public async Task An_enrolment_is_refused(string kind, string expected)
    {
        TestCa ca = shared.Ca;
        Member registrar = shared.Registrar;
        string id = $"enrolling-{kind.Replace(' ', '-')}";
        Answer registered = await registrar.PostAsync("register", Bodies.Register(id, ", \"max_enrollments\": 1"));
        string secret = registered.Result.GetProperty("secret").GetString()!;
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        string good = Bodies.Enroll(key, id);
        const string Target = "/api/v1/enroll";

        Answer answer = kind switch
        {
            "none" => await ca.SendAsync(HttpMethod.Post, Target, good, null, null),
            "token" => await registrar.PostAsync("enroll", good),
            "wrong secret" => await ca.EnrollAsync(id, secret + "x", good),
            "unknown id" => await ca.EnrollAsync("nobody", secret, good),
            "empty secret" => await ca.EnrollAsync(id, "", good),
            "no colon" => await ca.SendAsync(
                HttpMethod.Post, Target, good, new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(id))), null),
            "other name" => await ca.EnrollAsync(id, secret, Bodies.Enroll(key, "admin")),
            "no request" => await ca.EnrollAsync(id, secret, "{}"),
            _ => await ca.EnrollAsync(id, secret, Bodies.Enroll(key, id, ", \"profile\": \"ca\"")),
        };

        Assert.Equal(expected, answer.Brief);

        // A refused enrolment does not use the secret up.
        Assert.Equal("201", (await ca.EnrollAsync(id, secret, good)).Brief);
        Assert.Equal("401 20", (await ca.EnrollAsync(id, secret, good)).Brief);
    }

    [Fact]
    public async Task A_server_that_enrols_nobody_says_so_to_nobody()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { MaxEnrollments = 0 });
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        Answer answer = await ca.EnrollAsync(
            TestCa.RegistrarId, TestCa.RegistrarSecret, Bodies.Enroll(key, TestCa.RegistrarId));
        Assert.Equal("401 20", answer.Brief);
    }

    [Theory]
    [InlineData(null, "201 5")]
    [InlineData(0, "201 5")]
    [InlineData(3, "201 3")]
    [InlineData(5, "201 5")]
    [InlineData(6, "400")]
    [InlineData(-1, "400")]
    public async Task A_registration_asks_for_no_more_enrolments_than_the_authority_allows(int? asked, string expected)
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { MaxEnrollments = 5 });
        Member registrar = await ca.RegistrarAsync();
        string more = asked is null ? "" : $", \"max_enrollments\": {asked}";

        Answer answer = await registrar.PostAsync("identities", Bodies.Register("u", more));

        string found = answer.Success
            ? $"{(int)answer.Status} {answer.Result.GetProperty("max_enrollments").GetInt32()}"
            : $"{(int)answer.Status}";
        Assert.Equal(expected, found);
    }

    private static async Task<string> StrangerTokenAsync(string target, string body)
    {
        await using TestCa other = await TestCa.StartAsync();
        return (await other.RegistrarAsync()).TokenOf(Post, target, body);
    }

    // Made by the same key of the CA, but not by this server: it does not know them.
    private static string CryptogenToken(TestCa ca, string target, string body)
    {
        string msp = ca.Material.User("Admin").Msp;
        byte[] pem = File.ReadAllBytes(Directory.GetFiles(Path.Combine(msp, "signcerts"))[0]);
        string keyPem = File.ReadAllText(Path.Combine(msp, "keystore", "priv_sk"));
        Assert.True(
            PresentedCertificate.TryReadPem(pem, out PresentedCertificate? certificate, out string? fault), fault);
        Assert.True(EnrollmentKey.TryFromPem(keyPem, out EnrollmentKey? key, out fault), fault);
        using (key)
            return new Member(ca, certificate, key).TokenOf(Post, target, body);
    }
}
