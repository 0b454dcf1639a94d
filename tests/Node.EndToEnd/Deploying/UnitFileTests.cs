namespace Node.EndToEnd.Deploying;

/// <summary>The units of deploy/systemd: what they promise, and that systemd reads them.</summary>
public class UnitFileTests
{
    private static readonly string s_folder = Path.Combine(Cli.Root, "deploy", "systemd");

    public static TheoryData<string> Roles() => ["peer", "orderer", "ca"];

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_node_may_write_its_own_folder_and_nothing_else_and_is_started_again(string role)
    {
        Dictionary<string, string> unit = Read(role);

        Assert.Equal("hyperprov", unit["User"]);
        Assert.Equal("strict", unit["ProtectSystem"]);
        Assert.Equal("hyperprov/nodes/%i", unit["StateDirectory"]);
        Assert.DoesNotContain("ReadWritePaths", unit.Keys);
        Assert.Equal("", unit["CapabilityBoundingSet"]);
        Assert.All(
            (string[])["NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces"],
            name => Assert.Equal("yes", unit[name]));
        Assert.Equal("on-failure", unit["Restart"]);
        Assert.Equal("30", unit["TimeoutStopSec"]);
        Assert.True(int.Parse(unit["LimitNOFILE"]) >= 65536);
        Assert.Equal(
            $"/usr/local/bin/hyperprov {role} start --config /var/lib/hyperprov/nodes/%i/config.json",
            unit["ExecStart"]);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Systemd_reads_the_unit_without_a_complaint_and_finds_it_little_exposed(string role)
    {
        await OtherPrograms.RequireAsync("systemd-analyze");
        string folder = Directory.CreateTempSubdirectory("hyperprov-units-").FullName;
        try
        {
            // The program of the unit has to be there for the check; any other will do.
            string file = Path.Combine(folder, $"hyperprov-{role}@node.example.com.service");
            string text = await File.ReadAllTextAsync(FileOf(role));
            await File.WriteAllTextAsync(
                file, text.Replace("/usr/local/bin/hyperprov", "/bin/true", StringComparison.Ordinal));

            CliResult verified = await OtherPrograms.RunAsync("systemd-analyze", "verify", "--man=no", file);
            CliResult exposed = await OtherPrograms.RunAsync(
                "systemd-analyze", "security", "--offline=true", "--threshold=20", file);

            Assert.True(verified.ExitCode == 0, verified.ToString());
            Assert.DoesNotContain("hyperprov-", verified.Error, StringComparison.Ordinal);
            Assert.True(exposed.ExitCode == 0, exposed.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string FileOf(string role) => Path.Combine(s_folder, $"hyperprov-{role}@.service");

    private static Dictionary<string, string> Read(string role) =>
        File.ReadLines(FileOf(role))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
            .ToDictionary(line => line[..line.IndexOf('=', StringComparison.Ordinal)],
                line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..], StringComparer.Ordinal);
}
