namespace Node.EndToEnd.Documents;

/// <summary>What README.md tells people to type does what it says.</summary>
public class ReadmeTests
{
    [Fact]
    public async Task The_commands_for_one_machine_run()
    {
        using var block = new CommandBlock("README.md", "one-machine");
        await File.WriteAllTextAsync(Path.Combine(block.Folder, "results.csv"), "station,mean\n1025,3.4\n");
        await File.WriteAllTextAsync(Path.Combine(block.Folder, "plot.png"), "not quite a picture");

        string said = await block.RunAsync();

        Assert.Contains("results", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_for_several_machines_run()
    {
        using var block = new CommandBlock("README.md", "several-machines");
        block.AddHost("127.0.0.2", "pi1");
        block.AddHost("127.0.0.3", "pi2");
        block.AddHost("127.0.0.4", "pi3");
        await File.WriteAllTextAsync(Path.Combine(block.Folder, "results.csv"), "station,mean\n1025,3.4\n");

        string said = await block.RunAsync();

        Assert.Contains("The contract hyperprov 1.0 is on channel mychannel", said, StringComparison.Ordinal);
        Assert.Contains("checksum", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_that_let_an_organisation_join_run()
    {
        using var block = new CommandBlock("README.md", "join");
        Directory.CreateDirectory(Path.Combine(block.Folder, "deploy/org3"));
        foreach (string file in (string[])["deploy/org3/crypto-config.yaml", "deploy/org3/network-part.yaml"])
            File.Copy(Path.Combine(Cli.Root, file), Path.Combine(block.Folder, file));
        await File.WriteAllTextAsync(Path.Combine(block.Folder, "results.csv"), "station,mean\n1025,3.4\n");

        string said = await block.RunAsync();

        Assert.Contains("peer0.org3.example.com", said, StringComparison.Ordinal);
        Assert.Contains("of-org3", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_that_renew_certificates_run()
    {
        using var block = new CommandBlock("README.md", "renew");
        await File.WriteAllTextAsync(Path.Combine(block.Folder, "results.csv"), "station,mean\n1025,3.4\n");

        string said = await block.RunAsync();

        Assert.Contains("renewed", said, StringComparison.OrdinalIgnoreCase);
    }
}
