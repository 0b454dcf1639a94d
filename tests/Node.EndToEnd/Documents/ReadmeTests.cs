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
}
