using System.Globalization;
using System.Text.Json;
using Node.Protocol.Wire.Common;

namespace Node.EndToEnd;

/// <summary>Orderers and organisations come and go while the network is in use.</summary>
public class JoiningTests
{
    private const int Writers = 3;

    [Fact]
    public async Task An_orderer_joins_and_the_first_one_leaves_while_clients_write()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync(orderers: 3);
        AddOrdererToFile(network);
        await using var writes = AcknowledgedWrites.Start(network, "joining", Writers);

        await writes.MoreAsync(30);
        await network.MustAsync("orderer", "add", "orderer4");
        await network.MustAsync("orderer", "add", "orderer4");   // As after a command that was cut short.
        int four = await CountOrderersAsync(network);
        await writes.MoreAsync(30);
        await JoinAnewAsync(network, "orderer4");
        string removed = await network.MustAsync("orderer", "remove", "orderer");
        int three = await CountOrderersAsync(network);
        await writes.MoreAsync(30);
        string members = await network.MustAsync("orderer", "members", "--json");
        await writes.StopAsync();

        Assert.Equal((4, 3), (four, three));
        Assert.Contains("orders no longer", removed, StringComparison.Ordinal);
        Assert.Equal(
            ["orderer2.example.com", "orderer3.example.com", "orderer4.example.com"],
            JsonDocument.Parse(members).RootElement.EnumerateArray()
                .Select(member => member.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("leaves this orderer out", network.LogOf("orderer.example.com"), StringComparison.Ordinal);
        await writes.AllArePresentAsync("org1");
        await writes.AllArePresentAsync("org2");
        await SameBlocksAsync(network, "orderer2", "orderer4");
    }

    [Fact]
    public async Task An_organisation_joins_with_its_own_keys_and_writes()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string home = Path.Combine(network.Folder, "home");
        string update = Path.Combine(network.Folder, "org3.bin");
        string content = Path.Combine(network.Folder, "content");
        await File.WriteAllTextAsync(content, "measured");
        string organization = await MakeOrganizationAsync(home);

        await network.MustAsync(
            "channel", "propose", "--add-organization", $"Org3=Org3MSP:{Path.Combine(organization, "msp")}", "-o",
            update);
        CliResult early = await network.RunAsync("channel", "submit", update);
        await network.MustAsync("channel", "sign", update, "--org", "org2");
        await network.MustAsync("channel", "submit", update);
        JoinFolder(network, organization);
        await network.UpAsync();
        string peers = Path.Combine(network.Folder, "peers.bin");
        await network.MustAsync(
            "channel", "propose", "--org", "org3", "--peers", $"Org3=localhost:{network.BasePort + 4001}", "-o", peers);
        await network.MustAsync("channel", "submit", peers, "--org", "org3");
        await network.MustAsync("put", content, "--key", "of org3", "--org", "org3");
        string read = await network.MustAsync("get", "of org3", "--org", "org1", "--json");

        Assert.Equal(5, early.ExitCode);
        Assert.Contains("/Channel/Application/Admins", early.Error, StringComparison.Ordinal);
        Assert.Contains("Org2", early.Error, StringComparison.Ordinal);   // Who is missing.
        Assert.Contains("Org3MSP", read, StringComparison.Ordinal);
        string removal = Path.Combine(network.Folder, "removal.bin");
        await network.MustAsync("channel", "propose", "--remove-organization", "Org3", "-o", removal);
        await network.MustAsync("channel", "sign", removal, "--org", "org2");
        await network.MustAsync("channel", "submit", removal);
        Assert.NotEqual(0, (await network.RunAsync("put", content, "--key", "too late", "--org", "org3")).ExitCode);
    }

    [Fact]
    public async Task An_orderer_lists_its_channels_hands_out_blocks_and_refuses_what_it_has()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string genesis = Path.Combine(network.Folder, "fetched.block");

        string list = await network.MustAsync("channel", "list", "--json");
        await network.MustAsync("channel", "fetch", "genesis", "-o", genesis);
        CliResult again = await network.RunAsync("channel", "join", genesis);
        CliResult unsure = await network.RunAsync("channel", "remove");
        CliResult none = await network.RunAsync("channel", "fetch", "999", "-o", genesis + ".none");

        JsonElement channel = Assert.Single(JsonDocument.Parse(list).RootElement.EnumerateArray());
        Assert.Equal("mychannel", channel.GetProperty("name").GetString());
        Assert.Equal("consenter", channel.GetProperty("consensusRelation").GetString());
        Assert.Equal("active", channel.GetProperty("status").GetString());
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(network.Folder, "genesis", "mychannel.block")),
            await File.ReadAllBytesAsync(genesis));
        Assert.Equal(5, again.ExitCode);
        Assert.Contains("channel already exists", again.Error, StringComparison.Ordinal);
        Assert.Equal(2, unsure.ExitCode);
        Assert.Equal(4, none.ExitCode);
    }

    // As osnadmin does it: with the newest configuration block, which is not the first one.
    private static async Task JoinAnewAsync(RunningNetwork network, string orderer)
    {
        string config = Path.Combine(network.Folder, "config.block");
        await network.MustAsync("channel", "remove", "--orderer", orderer, "--yes");
        Assert.Empty(await ChannelsOfAsync(network, orderer));
        await network.MustAsync("channel", "fetch", "config", "-o", config);
        Assert.NotEqual(0ul, Block.Parser.ParseFrom(await File.ReadAllBytesAsync(config)).Header.Number);
        await network.MustAsync("channel", "join", config, "--orderer", orderer);
        await network.UntilAsync(
            async () => Assert.Single(await ChannelsOfAsync(network, orderer)).GetProperty("status").GetString()
                == "active",
            $"{orderer} to have all blocks");
    }

    private static async Task<JsonElement[]> ChannelsOfAsync(RunningNetwork network, string orderer)
    {
        string list = await network.MustAsync("channel", "list", "--orderer", orderer, "--json");
        return [.. JsonDocument.Parse(list).RootElement.EnumerateArray()];
    }

    private static void AddOrdererToFile(RunningNetwork network)
    {
        string file = Path.Combine(network.Folder, "network.yaml");
        List<string> lines = [.. File.ReadAllLines(file)];
        int last = lines.FindLastIndex(line => line.Contains("etcdPeerPort:", StringComparison.Ordinal));
        int basePort = network.BasePort;
        lines.InsertRange(
            last + 1,
            [
                "      - name: orderer4",
                $"        port: {basePort + 30}",
                $"        operationsPort: {basePort + 2401}",
                $"        adminPort: {basePort + 33}",
                $"        etcdClientPort: {basePort + 32}",
                $"        etcdPeerPort: {basePort + 35}",
            ]);
        File.WriteAllLines(file, lines);
    }

    // At home, with keys that nobody else ever sees.
    private static async Task<string> MakeOrganizationAsync(string home)
    {
        Directory.CreateDirectory(home);
        string config = Path.Combine(home, "crypto-config.yaml");
        await File.WriteAllTextAsync(config, """
            PeerOrgs:
              - Name: Org3
                Domain: org3.example.com
                EnableNodeOUs: true
                Template:
                  Count: 1
                  SANS:
                    - localhost
                Users:
                  Count: 1

            """);
        await Cli.MustAsync("crypto", "generate", "--config", config, "--dir", home);
        return Path.Combine(home, "crypto-config", "peerOrganizations", "org3.example.com");
    }

    // Its machine has its own folder of keys beside what is public of the others.
    private static void JoinFolder(RunningNetwork network, string organization)
    {
        Directory.Move(
            organization,
            Path.Combine(network.Folder, "crypto-config", "peerOrganizations", "org3.example.com"));
        string file = Path.Combine(network.Folder, "network.yaml");
        string yaml = File.ReadAllText(file);
        string joined = string.Create(CultureInfo.InvariantCulture, $"""
              - name: Org3
                mspId: Org3MSP
                domain: org3.example.com
                users: 1
                peers:
                  - name: peer0
                    port: {network.BasePort + 4001}
                    operationsPort: {network.BasePort + 2402}

            channels:
            """);
        File.WriteAllText(
            file,
            yaml.Replace("\nchannels:", "\n" + joined, StringComparison.Ordinal)
                .Replace("[Org1MSP, Org2MSP]", "[Org1MSP, Org2MSP, Org3MSP]", StringComparison.Ordinal));
    }

    private static async Task<int> CountOrderersAsync(RunningNetwork network) =>
        JsonDocument.Parse(await network.MustAsync("channel", "show", "--json")).RootElement
            .GetProperty("orderers").GetArrayLength();

    // Byte for byte but for each orderer's own signature.
    private static async Task SameBlocksAsync(RunningNetwork network, string one, string other)
    {
        string latest = await network.MustAsync("block", "latest", "--json");
        ulong last = JsonDocument.Parse(latest).RootElement.GetProperty("number").GetUInt64();
        foreach (ulong number in (ulong[])[1, last / 2, last - 1, last])
        {
            Block first = await FetchAsync(network, number, one);
            Block second = await FetchAsync(network, number, other);
            Assert.Equal(first.Header, second.Header);
            Assert.Equal(first.Data, second.Data);
            Assert.Equal(
                Metadata.Parser.ParseFrom(first.Metadata.Metadata[0]).Value,
                Metadata.Parser.ParseFrom(second.Metadata.Metadata[0]).Value);
        }
    }

    private static async Task<Block> FetchAsync(RunningNetwork network, ulong number, string orderer)
    {
        string file = Path.Combine(network.Folder, $"{orderer}-{number}.block");
        await network.MustAsync(
            "channel", "fetch", number.ToString(CultureInfo.InvariantCulture), "--orderer", orderer, "-o", file);
        return Block.Parser.ParseFrom(await File.ReadAllBytesAsync(file));
    }
}
