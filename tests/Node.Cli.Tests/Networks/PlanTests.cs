using System.Text.Json;

namespace Node.Cli.Tests.Networks;

/// <summary>What <c>network plan</c> writes for each host, and what it refuses to.</summary>
public sealed class PlanTests : IDisposable
{
    private const string Topology = """
        listenAddress: 0.0.0.0
        ordererOrganizations:
          - name: Orderer
            mspId: OrdererMSP
            domain: example.com
            orderers:
              - { name: orderer, host: pi1.lan, port: 7050, etcdClientPort: 7052, etcdPeerPort: 7053 }
              - { name: orderer2, host: pi2.lan, port: 7050, etcdClientPort: 7052, etcdPeerPort: 7053 }
        organizations:
          - name: Org1
            mspId: Org1MSP
            domain: org1.example.com
            caPort: 7054
            caHost: pi1.lan
            peers:
              - { name: peer0, host: pi1.lan, port: 7051, operationsPort: 9444 }
          - name: Org2
            mspId: Org2MSP
            domain: org2.example.com
            peers:
              - { name: peer0, host: 10.0.0.2, port: 7051, operationsPort: 9444 }
        channels:
          - name: mychannel
            organizations: [Org1MSP, Org2MSP]
            contracts:
              - { name: hyperprov, policy: "AND('Org1MSP.peer','Org2MSP.peer')" }
        """;

    private readonly TemporaryFolder _folder = new();

    public PlanTests()
    {
        Directory.CreateDirectory(_folder.File("plan"));
        File.WriteAllText(_folder.File("plan/network.yaml"), Topology);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("pi1.lan", """
        ordererOrganizations/example.com/orderers/orderer.example.com/msp/keystore/priv_sk
        ordererOrganizations/example.com/orderers/orderer.example.com/tls/server.key
        peerOrganizations/org1.example.com/ca/priv_sk
        peerOrganizations/org1.example.com/ca/tls/server.key
        peerOrganizations/org1.example.com/peers/peer0.org1.example.com/msp/keystore/priv_sk
        peerOrganizations/org1.example.com/peers/peer0.org1.example.com/tls/server.key
        peerOrganizations/org1.example.com/tlsca/priv_sk
        """)]
    [InlineData("pi2.lan", """
        ordererOrganizations/example.com/orderers/orderer2.example.com/msp/keystore/priv_sk
        ordererOrganizations/example.com/orderers/orderer2.example.com/tls/server.key
        """)]
    [InlineData("10.0.0.2", """
        peerOrganizations/org2.example.com/peers/peer0.org2.example.com/msp/keystore/priv_sk
        peerOrganizations/org2.example.com/peers/peer0.org2.example.com/tls/server.key
        """)]
    public async Task A_host_gets_the_keys_of_its_own_nodes_and_no_other_private_key(string host, string expected)
    {
        CommandRun run = await RunAsync(
            "network", "plan", "plan/network.yaml", "--host", host, "--out", "host", "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(expected.Split('\n'), KeysIn("host"));
        Assert.Equal(
            KeysIn("host").Select(key => $"crypto-config/{key}"),
            run.Json.GetProperty("folders")[0].GetProperty("keys").EnumerateArray().Select(key => key.GetString()!)
                .Order(StringComparer.Ordinal));
        Assert.All(KeysIn("host"), key => Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            new FileInfo(_folder.File($"host/crypto-config/{key}")).UnixFileMode));
    }

    [Fact]
    public async Task Nothing_that_is_written_names_the_planning_machine_s_folders()
    {
        await MustAsync("network", "plan", "plan/network.yaml", "--all", "--out", "out");

        string[] files = Directory.GetFiles(_folder.File("out"), "*", SearchOption.AllDirectories);
        Assert.All(files, file => Assert.DoesNotContain(
            _folder.Path, File.ReadAllText(file), StringComparison.Ordinal));
        JsonElement config = JsonDocument.Parse(File.ReadAllText(
            _folder.File("out/pi1.lan/nodes/orderer.example.com/config.json"))).RootElement;
        Assert.Equal("data", config.GetProperty("dataFolder").GetString());
        Assert.Equal("../../genesis/mychannel.block", config.GetProperty("genesisBlockFiles")[0].GetString());
        JsonElement etcd = config.GetProperty("etcd");
        Assert.Equal("https://pi2.lan:7052", etcd.GetProperty("endpoints")[1].GetString());
        Assert.Equal("https://pi1.lan:7053", etcd.GetProperty("member").GetProperty("peerUrl").GetString());
    }

    [Fact]
    public async Task All_writes_a_folder_for_each_host_and_for_the_clients_of_each_organisation()
    {
        CommandRun run = await RunAsync("network", "plan", "plan/network.yaml", "--all", "--out", "out");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(
            "10.0.0.2 client-example.com client-org1.example.com client-org2.example.com pi1.lan pi2.lan",
            string.Join(' ', FoldersOf("out")));
        Assert.All(
            KeysIn("out/client-org1.example.com"),
            key => Assert.StartsWith("peerOrganizations/org1.example.com/users/", key, StringComparison.Ordinal));
        Assert.Equal(4, KeysIn("out/client-org1.example.com").Count());
        Assert.Single(
            Directory.GetDirectories(_folder.File("out"))
                .Select(folder => File.ReadAllBytes(Path.Combine(folder, "genesis/mychannel.block")))
                .Select(Convert.ToHexString)
                .Distinct());
    }

    [Fact]
    public async Task The_swarm_file_beside_the_four_Pis_is_the_one_that_is_written_for_them()
    {
        string root = RepositoryRoot();
        File.Copy(Path.Combine(root, "deploy/four-pis.yaml"), _folder.File("four-pis.yaml"));

        await MustAsync("network", "plan", "four-pis.yaml", "--all", "--out", "out");

        Assert.Equal(
            File.ReadAllText(Path.Combine(root, "docker/stack.yaml")),
            File.ReadAllText(_folder.File("out/stack.yaml")));
    }

    [Fact]
    public async Task Planning_again_keeps_keys_and_blocks_and_a_folder_of_another_host_is_refused()
    {
        await MustAsync("network", "plan", "plan/network.yaml", "--host", "pi2.lan", "--out", "host");
        string block = Convert.ToHexString(File.ReadAllBytes(_folder.File("host/genesis/mychannel.block")));
        await MustAsync("network", "plan", "plan/network.yaml", "--host", "pi2.lan", "--out", "host");

        CommandRun other = await RunAsync("network", "plan", "plan/network.yaml", "--host", "pi1.lan", "--out", "host");

        Assert.Equal(block, Convert.ToHexString(File.ReadAllBytes(_folder.File("host/genesis/mychannel.block"))));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("is not empty and was not written for this host", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network plan plan/network.yaml --host pi9.lan --out o", 2, "places nothing on the host \"pi9.lan\"")]
    [InlineData("network plan plan/network.yaml --out o", 2, "say one of --host NAME, --client ORG and --all")]
    [InlineData("network plan plan/network.yaml --client org9 --out o", 4, "there is no organisation \"org9\"")]
    [InlineData("network plan nothing.yaml --all --out o", 4, "there is no file")]
    [InlineData("network up --dir plan --host pi9.lan", 2, "its hosts are pi1.lan, pi2.lan, 10.0.0.2")]
    [InlineData("network up --dir empty --host pi1.lan", 4, "that says what runs on pi1.lan")]
    [InlineData("crypto public --dir plan --org org2 --out o", 2, "There are no certificates of org2.example.com")]
    [InlineData("crypto generate --dir plan --org org9", 4, "there is no organisation \"org9\"")]
    public async Task A_wrong_command_says_what_is_wrong(string command, int code, string expected)
    {
        CommandRun run = await RunAsync(command.Split(' '));

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_planned_folder_starts_no_node_of_another_host()
    {
        await MustAsync("network", "plan", "plan/network.yaml", "--host", "pi2.lan", "--out", "host");

        CommandRun run = await RunAsync("network", "up", "--dir", "host", "--host", "pi1.lan");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            "was written for the host pi2.lan and holds no keys of pi1.lan", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Organisations_that_share_no_machine_make_one_network_without_seeing_a_key_of_another()
    {
        foreach (string home in (string[])["one", "two", "orderers"])
        {
            Directory.CreateDirectory(_folder.File(home));
            File.WriteAllText(_folder.File($"{home}/network.yaml"), Topology);
        }

        await MustAsync("crypto", "generate", "--dir", "one", "--org", "Org1MSP");
        await MustAsync("crypto", "generate", "--dir", "two", "--org", "org2");
        await MustAsync("crypto", "generate", "--dir", "orderers", "--org", "example.com");
        string[] shown =
        [
            await FingerprintAsync("crypto", "public", "--dir", "one", "--org", "org1", "--out", "given"),
            await FingerprintAsync("crypto", "public", "--dir", "two", "--org", "org2", "--out", "given"),
            await FingerprintAsync("crypto", "public", "--dir", "orderers", "--org", "orderer", "--out", "given"),
        ];
        Assert.Empty(KeysIn("given", layout: ""));
        foreach (string home in (string[])["one", "two", "orderers"])
            await MustAsync("crypto", "import", "given", "--dir", home);

        await MustAsync("network", "genesis", "--dir", "one");
        foreach (string home in (string[])["two", "orderers"])
        {
            Directory.CreateDirectory(_folder.File($"{home}/genesis"));
            File.Copy(_folder.File("one/genesis/mychannel.block"), _folder.File($"{home}/genesis/mychannel.block"));
            await MustAsync("network", "genesis", "--dir", home);
        }

        CommandRun planned = await RunAsync("network", "plan", "two/network.yaml", "--all", "--out", "hosts");

        Assert.Equal(3, shown.Distinct().Count());
        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.Equal(["10.0.0.2", "client-org2.example.com"], FoldersOf("hosts"));
        Assert.Contains("Left out pi1.lan", planned.Error, StringComparison.Ordinal);
        Assert.All(KeysIn("two"), key => Assert.Contains("/org2.example.com/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_genesis_block_that_says_something_else_than_one_s_own_files_is_found_out()
    {
        await MustAsync("network", "plan", "plan/network.yaml", "--all", "--out", "out");
        File.WriteAllText(
            _folder.File("plan/network.yaml"),
            Topology.Replace("host: 10.0.0.2", "host: 10.0.0.3", StringComparison.Ordinal));

        CommandRun run = await RunAsync("network", "genesis", "--dir", "plan");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the certificates here in /Application/Org2/AnchorPeers", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_that_are_taken_over_fit_the_file_and_replace_nothing()
    {
        await MustAsync("network", "genesis", "--dir", await HomeAsync("one"));
        await MustAsync("crypto", "public", "--dir", "one", "--org", "org2", "--out", "given");
        await MustAsync("crypto", "generate", "--dir", "plan", "--org", "org1");
        string key = _folder.File("given/peerOrganizations/org2.example.com/msp/cacerts/key.pem");

        CommandRun twice = await RunAsync("crypto", "import", "given", "--dir", await HomeAsync("two"));
        File.WriteAllText(
            _folder.File("plan/network.yaml"), Topology.Replace("10.0.0.2", "10.0.0.4", StringComparison.Ordinal));
        CommandRun elsewhere = await RunAsync("crypto", "import", "given", "--dir", "plan");
        File.WriteAllText(key, "-----BEGIN PRIVATE KEY-----");
        CommandRun leaked = await RunAsync("crypto", "import", "given", "--dir", "plan");

        Assert.Equal(6, twice.ExitCode);
        Assert.Contains("another one is there already", twice.Error, StringComparison.Ordinal);
        Assert.Contains("is not made for 10.0.0.4", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains("holds a private key, which belongs to its owner", leaked.Error, StringComparison.Ordinal);
    }

    private async Task<string> HomeAsync(string name)
    {
        Directory.CreateDirectory(_folder.File(name));
        File.WriteAllText(_folder.File($"{name}/network.yaml"), Topology);
        await MustAsync("crypto", "generate", "--dir", name);
        return name;
    }

    private async Task<string> FingerprintAsync(params string[] arguments)
    {
        CommandRun run = await RunAsync([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Json.GetProperty("organizations")[0].GetProperty("fingerprint").GetString()!;
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hyperprov.sln")))
            folder = Path.GetDirectoryName(folder)!;

        return folder;
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync(_folder.Path, arguments);

    private async Task MustAsync(params string[] arguments)
    {
        CommandRun run = await RunAsync(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    private IEnumerable<string> FoldersOf(string folder) =>
        Directory.GetDirectories(_folder.File(folder)).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal);

    private IEnumerable<string> KeysIn(string folder, string layout = "crypto-config") =>
        Directory.GetFiles(_folder.File(folder), "*", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Path.Combine(_folder.File(folder), layout), file))
            .Order(StringComparer.Ordinal);
}
