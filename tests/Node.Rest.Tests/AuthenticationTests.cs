using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Node.Membership.Material;
using Node.Rest.Identities;

namespace Node.Rest.Tests;

public class AuthenticationTests
{
    private const string Caller = "/api/v1/caller";

    [Fact]
    public async Task A_request_without_credentials_is_refused_on_loopback_too()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient client = server.AnonymousClient();

        foreach (string path in (string[])[Caller, "/get?key=a", "/api/v1/records"])
        {
            using HttpResponseMessage response = await client.GetAsync(path);

            await ProblemAssert.IsAsync(response, HttpStatusCode.Unauthorized, "credentials-missing");
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task Each_key_stands_for_its_own_identity()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient one = server.ClientOf("Org1MSP", "User1");
        using HttpClient other = server.ClientOf("Org2MSP", "Admin");

        Assert.Equal("User1 of Org1MSP", await CallerOfAsync(one));
        Assert.Equal("Admin of Org2MSP", await CallerOfAsync(other));
    }

    [Fact]
    public async Task A_key_may_come_in_its_own_header()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient client = server.AnonymousClient();
        client.DefaultRequestHeaders.Add(
            "X-API-Key", server.Keys.Create(new IdentityName("Org1MSP", "Admin"), "").Text);

        Assert.Equal("Admin of Org1MSP", await CallerOfAsync(client));
    }

    [Theory]
    [InlineData("")]                                                              // No key at all.
    [InlineData("hpk_")]
    [InlineData("hpk_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]  // The shape of one.
    [InlineData("password")]
    public async Task A_wrong_key_is_refused(string key)
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient client = server.AnonymousClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-API-Key", key);

        using HttpResponseMessage response = await client.GetAsync(Caller);

        await ProblemAssert.IsAsync(response, HttpStatusCode.Unauthorized, "credentials-wrong");
    }

    [Fact]
    public async Task The_id_of_a_key_without_its_secret_is_worth_nothing()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        (string text, ApiKeyEntry entry) = server.Keys.Create(new IdentityName("Org1MSP", "User1"), "");
        using HttpClient client = server.AnonymousClient();
        char last = text[^1] == 'A' ? 'E' : 'A';
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text[..^1] + last);

        using HttpResponseMessage response = await client.GetAsync(Caller);

        Assert.Contains(entry.Id, text, StringComparison.Ordinal);
        await ProblemAssert.IsAsync(response, HttpStatusCode.Unauthorized, "credentials-wrong");
    }

    [Fact]
    public async Task A_revoked_key_is_refused_by_the_running_server()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        (string text, ApiKeyEntry entry) = server.Keys.Create(new IdentityName("Org1MSP", "User1"), "");
        using HttpClient client = server.AnonymousClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text);
        Assert.Equal("User1 of Org1MSP", await CallerOfAsync(client));

        server.Keys.Revoke(entry.Id);

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        HttpResponseMessage response = await client.GetAsync(Caller, limit.Token);
        while (response.IsSuccessStatusCode && await timer.WaitForNextTickAsync(limit.Token))
        {
            response.Dispose();
            response = await client.GetAsync(Caller, limit.Token);
        }

        JsonElement problem = await ProblemAssert.IsAsync(response, HttpStatusCode.Forbidden, "key-revoked");
        Assert.Equal(entry.Id, problem.GetProperty("subject").GetString());
        response.Dispose();
    }

    [Fact]
    public async Task A_new_key_is_known_at_once()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        for (int key = 0; key < 5; key++)
        {
            using HttpClient client = server.ClientOf("Org1MSP", "User1");
            Assert.Equal("User1 of Org1MSP", await CallerOfAsync(client));
        }
    }

    [Fact]
    public async Task A_key_of_somebody_whose_folder_is_gone_is_refused()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient client = server.ClientOf("Org1MSP", "Nobody");

        using HttpResponseMessage response = await client.GetAsync(Caller);

        await ProblemAssert.IsAsync(response, HttpStatusCode.Forbidden, "identity-unavailable");
    }

    [Theory]
    [InlineData("User1")]
    [InlineData("Admin")]
    public async Task A_client_certificate_stands_for_its_user(string user)
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync(true, options => options);
        MemberLayout layout = server.Network.Org1.Layout.User(user);
        using var certificate = X509Certificate2.CreateFromPemFile(layout.TlsCertificateFile, layout.TlsKeyFile);
        using HttpClient client = server.SecureClient(certificate);

        Assert.Equal($"{user} of Org1MSP", await CallerOfAsync(client));
    }

    [Fact]
    public async Task A_certificate_of_a_stranger_is_refused_although_it_carries_a_users_name()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync(true, options => options);
        using Node.Testing.TestNetwork strangers = Node.Testing.TestNetwork.Create();
        MemberLayout layout = strangers.Org1.Layout.User("User1");
        using var certificate = X509Certificate2.CreateFromPemFile(layout.TlsCertificateFile, layout.TlsKeyFile);
        using HttpClient client = server.SecureClient(certificate);

        using HttpResponseMessage response = await client.GetAsync(Caller);

        await ProblemAssert.IsAsync(response, HttpStatusCode.Unauthorized, "credentials-wrong");
    }

    [Fact]
    public async Task Over_tls_without_a_certificate_a_key_is_enough_and_nothing_is_not()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync(true, options => options);
        using HttpClient client = server.SecureClient(certificate: null);

        using HttpResponseMessage nobody = await client.GetAsync(Caller);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", server.Keys.Create(new IdentityName("Org2MSP", "User1"), "").Text);

        await ProblemAssert.IsAsync(nobody, HttpStatusCode.Unauthorized, "credentials-missing");
        Assert.Equal("User1 of Org2MSP", await CallerOfAsync(client));
    }

    [Fact]
    public async Task Who_keeps_trying_wrong_keys_is_told_to_wait()
    {
        await using RestServerFixture server = await RestServerFixture.StartAsync();
        using HttpClient client = server.AnonymousClient();
        client.DefaultRequestHeaders.Add("X-API-Key", "guess");
        for (int attempt = 0; attempt < RestLimits.WrongCredentialsPerMinute; attempt++)
            (await client.GetAsync(Caller)).Dispose();

        using HttpResponseMessage response = await client.GetAsync(Caller);

        await ProblemAssert.IsAsync(response, HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("10.0.0.1", false, false, "Without TLS")]
    [InlineData("0.0.0.0", false, false, "Without TLS")]
    [InlineData("10.0.0.1", true, false, null)]      // It was meant.
    [InlineData("127.0.0.1", false, false, "Without TLS")]
    [InlineData("::1", true, false, null)]
    [InlineData("10.0.0.1", false, true, null)]
    public void Nothing_is_served_without_tls_unless_meant(
        string address, bool isInsecure, bool hasTls, string? expected)
    {
        var options = new Hosting.RestOptions
        {
            NetworkFolder = "/nowhere",
            Own = new IdentityName("Org1MSP", "User1"),
            Stores = null!,   // Not looked at.
            Port = 8080,
            ListenAddress = IPAddress.Parse(address),
            IsInsecure = isInsecure,
            CertificateFile = hasTls ? "server.crt" : null,
            KeyFile = hasTls ? "server.key" : null,
        };

        string faults = string.Join('\n', options.FindFaults());

        Assert.Equal(expected is not null, faults.Length > 0);
        Assert.Contains(expected ?? "", faults, StringComparison.Ordinal);
    }

    private static async Task<string> CallerOfAsync(HttpClient client)
    {
        string text = await client.GetStringAsync(Caller);
        using JsonDocument caller = JsonDocument.Parse(text);
        return $"{caller.RootElement.GetProperty("user")} of {caller.RootElement.GetProperty("mspId")}";
    }
}
