using System.Text.Json;
using Node.Client;

namespace Node.EndToEnd;

/// <summary>A channel's configuration changes while it runs.</summary>
public class ChannelTests
{
    [Fact]
    public async Task An_update_takes_effect_once_all_whose_signatures_it_needs_have_signed()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string file = Path.Combine(network.Folder, "update.bin");
        await network.MustAsync("channel", "propose", "--max-messages", "77", "--batch-timeout", "1.5", "-o", file);

        CliResult refused = await network.RunAsync("channel", "submit", file);
        string difference = await network.MustAsync("channel", "diff", file);
        await network.MustAsync("channel", "sign", file, "--org", "orderer");
        await network.MustAsync("channel", "submit", file);
        CliResult again = await network.RunAsync("channel", "submit", file);

        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("/Channel/Orderer/Admins", refused.Error, StringComparison.Ordinal);
        Assert.Contains("BatchSize", difference, StringComparison.Ordinal);
        Assert.Equal(5, again.ExitCode);
        JsonElement config = await ShowAsync(network);
        Assert.Equal(77, config.GetProperty("maxMessageCount").GetInt32());
        Assert.Equal(1.5, config.GetProperty("batchTimeoutSeconds").GetDouble());
        Assert.Equal(1, config.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task A_revoked_member_is_refused_by_every_peer_and_what_it_wrote_stays_and_is_listed()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string content = Path.Combine(network.Folder, "content");
        string update = Path.Combine(network.Folder, "update.bin");
        await File.WriteAllTextAsync(content, "measured");
        string secret = Path.Combine(network.Folder, "secret");
        await File.WriteAllTextAsync(secret, "a secret for this test");
        await network.MustAsync("identity", "register", "sensor", "--secret-file", secret);
        await network.MustAsync("identity", "enroll", "sensor", "--secret-file", secret);
        await network.MustAsync("put", content, "--key", "before", "--user", "sensor");
        using var sensor = MemberAtPeer.Connect(network, "sensor", "org1");
        using var atOther = MemberAtPeer.Connect(network, "sensor", "org2");
        Transaction endorsed = await sensor.EndorseAsync("endorsed before");
        Transaction endorsedAtOther = await atOther.EndorseAsync("endorsed before");

        string revoked = await network.MustAsync("identity", "revoke", "sensor", "--json");
        string list = JsonDocument.Parse(revoked).RootElement.GetProperty("revocationList").GetString()!;
        await network.MustAsync("channel", "propose", "--crl", $"Org1={list}", "-o", update);
        await network.MustAsync("channel", "submit", update);
        await network.SettleAsync();
        CliResult refused = await network.RunAsync("put", content, "--key", "after", "--user", "sensor");

        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("revoked", refused.Error, StringComparison.OrdinalIgnoreCase);
        await Assert.ThrowsAsync<SubmitException>(() => endorsed.SubmitAsync(CancellationToken.None));
        await Assert.ThrowsAsync<SubmitException>(() => endorsedAtOther.SubmitAsync(CancellationToken.None));
        await sensor.RequireRefusedAsync();
        await atOther.RequireRefusedAsync();
        Assert.Equal(1, (await ShowAsync(network)).GetProperty("revoked").GetArrayLength());
        await network.MustAsync("put", content, "--key", "by another");
        foreach (string org in (string[])["org1", "org2"])
        {
            await network.MustAsync("get", "before", "--org", org);
            string listed = await network.MustAsync("written-by", "Org1MSP", "sensor", "--json", "--org", org);
            JsonElement record = Assert.Single(JsonDocument.Parse(listed).RootElement.EnumerateArray());
            Assert.Equal("before", record.GetProperty("key").GetString());
        }
    }

    private static async Task<JsonElement> ShowAsync(RunningNetwork network) =>
        JsonDocument.Parse(await network.MustAsync("channel", "show", "--json")).RootElement;
}
