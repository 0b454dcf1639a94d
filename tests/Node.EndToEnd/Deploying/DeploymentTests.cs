using System.Globalization;
using System.Text.RegularExpressions;
using Node.EndToEnd.Documents;

namespace Node.EndToEnd.Deploying;

/// <summary>The commands of docs/deployment.md, as hosts that are loopback addresses of one machine.</summary>
public partial class DeploymentTests
{
    private const string Document = "docs/deployment.md";

    [Fact]
    public async Task Four_hosts_start_each_from_its_own_folder_and_are_one_network()
    {
        using var block = new CommandBlock(Document, "several-machines");
        string deploy = Directory.CreateDirectory(Path.Combine(block.Folder, "deploy")).FullName;
        for (int pi = 1; pi <= 4; pi++)
            block.AddHost($"127.0.0.1{pi}", $"pi{pi}.local");

        await File.WriteAllTextAsync(
            Path.Combine(deploy, "four-pis.yaml"), OnOneMachine(Sample("four-pis.yaml")));

        string said = await block.RunAsync();

        Assert.Contains("waits for the approval of Org2MSP, Org3MSP", said, StringComparison.Ordinal);
        Assert.Contains("is on channel mychannel", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_organisation_makes_its_part_of_a_network_from_what_others_sent()
    {
        using var block = new CommandBlock(Document, "apart");
        string home = Directory.CreateDirectory(Path.Combine(block.Folder, "home")).FullName;
        string others = Directory.CreateDirectory(Path.Combine(block.Folder, "others")).FullName;
        foreach (string folder in (string[])[home, others])
            await File.WriteAllTextAsync(Path.Combine(folder, "network.yaml"), Sample("offices.yaml"));

        foreach (string number in (string[])["2", "3"])
        {
            string output = Path.Combine(block.Folder, $"org{number}-public");
            foreach (string organization in (string[])[$"org{number}", $"orderer{number}"])
            {
                await Cli.MustAsync("crypto", "generate", "--dir", others, "--org", organization);
                await Cli.MustAsync("crypto", "public", "--dir", others, "--org", organization, "--out", output);
            }
        }

        string said = await block.RunAsync();

        Assert.Contains("Left out office2.example.net", said, StringComparison.Ordinal);
        Assert.Equal(
            ["client-orderer.org1.example.com", "client-org1.example.com", "office1.example.net"],
            Directory.GetDirectories(Path.Combine(block.Folder, "planned")).Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal));
    }

    private static string Sample(string name) => File.ReadAllText(Path.Combine(Cli.Root, "deploy", name));

    // Each host listens on its own address; operations, which listen on loopback alone, on ports of their own.
    private static string OnOneMachine(string topology)
    {
        int next = 9443;
        string placed = HostName().Replace(topology, match =>
            $"host: {match.Groups[1].Value}, listen: 127.0.0.1{match.Groups[2].Value},");
        placed = CaHostName().Replace(placed, match =>
            $"{match.Value}\n    caListen: 127.0.0.1{match.Groups[1].Value}");
        return OperationsPort().Replace(
            placed, _ => string.Create(CultureInfo.InvariantCulture, $"operationsPort: {next++}"));
    }

    [GeneratedRegex(@"host: (pi(\d)\.local),")]
    private static partial Regex HostName();

    [GeneratedRegex(@"caHost: pi(\d)\.local")]
    private static partial Regex CaHostName();

    [GeneratedRegex(@"operationsPort: \d+")]
    private static partial Regex OperationsPort();
}
