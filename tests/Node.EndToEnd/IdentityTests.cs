using System.Text.Json;

namespace Node.EndToEnd;

/// <summary>Members come and go by the organisation's certificate authority, as a person at a shell does it.</summary>
public class IdentityTests
{
    [Fact]
    public async Task A_registered_member_enrolls_writes_renews_and_is_revoked()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string file = Path.Combine(network.Folder, "reading.csv");
        await File.WriteAllTextAsync(file, "day,rain\n1,3.2\n");
        await RegisterAndEnrollAsync(
            network, "sensor7", "--attr", "role=sensor:ecert", "--affiliation", "org1.department1");

        await network.MustAsync("put", file, "--key", "reading", "--user", "sensor7");
        using JsonDocument record = JsonDocument.Parse(await network.MustAsync("get", "reading", "--json"));
        Assert.Equal("sensor7", record.RootElement.GetProperty("enrollmentId").GetString());
        using JsonDocument enrolled = await ShowAsync(network, "sensor7");
        Assert.Contains(
            enrolled.RootElement.GetProperty("attributes").EnumerateArray(),
            one => one.GetProperty("name").GetString() == "role" && one.GetProperty("value").GetString() == "sensor");

        await network.MustAsync("identity", "renew", "sensor7");
        await network.MustAsync("put", file, "--key", "reading", "--user", "sensor7");
        using JsonDocument renewed = JsonDocument.Parse(await network.MustAsync("get", "reading", "--json"));
        Assert.NotEqual(
            record.RootElement.GetProperty("fingerprint").GetString(),
            renewed.RootElement.GetProperty("fingerprint").GetString());

        string revoked = await network.MustAsync(
            "identity", "revoke", "sensor7", "--reason", "keycompromise", "--json");
        string list = JsonDocument.Parse(revoked).RootElement.GetProperty("revocationList").GetString()!;
        Assert.StartsWith("-----BEGIN X509 CRL-----", await File.ReadAllTextAsync(list), StringComparison.Ordinal);
        Assert.Equal(5, (await network.RunAsync("identity", "renew", "sensor7")).ExitCode);
        using JsonDocument ended = await ShowAsync(network, "sensor7");
        Assert.All(
            ended.RootElement.GetProperty("certificates").EnumerateArray(),
            one => Assert.Equal("revoked", one.GetProperty("state").GetString()));

        // One that the network was made with goes the same way.
        string user = await network.MustAsync("identity", "revoke", "User1", "--json");
        Assert.Equal(2, JsonDocument.Parse(user).RootElement.GetProperty("revoked").GetArrayLength());
    }

    // As a power cut does: whatever was answered before it is there after it.
    [Fact]
    public async Task An_authority_that_is_killed_remembers_all_that_it_answered()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        var answered = new List<string>();
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 3; i++)
            {
                string id = $"member-{round}-{i}";
                await network.MustAsync("identity", "register", id);
                answered.Add(id);
            }

            network.Kill("ca.org1.example.com");
            Assert.Equal(3, (await network.RunAsync("identity", "list")).ExitCode);
            await network.UpAsync();
        }

        using JsonDocument list = JsonDocument.Parse(await network.MustAsync("identity", "list", "--json"));
        IEnumerable<string> known = list.RootElement.EnumerateArray().Select(one => one.GetProperty("id").GetString()!);

        // Beside the network's own members, whose names end with its domain.
        Assert.Equal(
            [.. answered.Append("admin").Order(StringComparer.Ordinal)],
            known.Where(id => !id.EndsWith("org1.example.com", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_network_with_Ed25519_keys_has_authorities_too_and_one_may_leave_them_out()
    {
        await using var network = RunningNetwork.Prepare();
        string port = network.BasePort.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await network.MustAsync("network", "up", "--base-port", port, "--key-type", "ed25519");
        await RegisterAndEnrollAsync(network, "edge");
        string file = Path.Combine(network.Folder, "f.txt");
        await File.WriteAllTextAsync(file, "from the edge");
        await network.MustAsync("put", file, "--key", "edge", "--user", "edge");

        // No token form: said, and with what to do instead.
        CliResult renewal = await network.RunAsync("identity", "renew", "edge");
        Assert.Equal(5, renewal.ExitCode);
        Assert.Contains("Ed25519", renewal.Error, StringComparison.Ordinal);

        // A new network wants an empty folder.
        await network.MustAsync("network", "clean", "--yes");
        foreach (string left in Directory.GetFiles(network.Folder))
            File.Delete(left);
        await network.MustAsync("network", "up", "--base-port", port, "--no-ca");
        CliResult without = await network.RunAsync("identity", "list");
        Assert.Equal(4, without.ExitCode);
        Assert.Contains("caPort", without.Error, StringComparison.Ordinal);
    }

    private static async Task RegisterAndEnrollAsync(RunningNetwork network, string id, params string[] more)
    {
        string secret = await network.MustAsync(["identity", "register", id, .. more]);
        string secretFile = Path.Combine(network.Folder, $"{id}.secret");
        await File.WriteAllTextAsync(secretFile, secret);
        await network.MustAsync("identity", "enroll", id, "--secret-file", secretFile);

        CliResult again = await network.RunAsync("identity", "enroll", id, "--secret-file", secretFile);
        Assert.Equal(2, again.ExitCode);
        CliResult usedUp = await network.RunAsync("identity", "enroll", id, "--secret-file", secretFile, "--replace");
        Assert.Equal(5, usedUp.ExitCode);
    }

    private static async Task<JsonDocument> ShowAsync(RunningNetwork network, string id) =>
        JsonDocument.Parse(await network.MustAsync("identity", "show", id, "--json"));
}
