using Node.Cli.Networks;

namespace Node.Cli.Tests;

public sealed class RunMarkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_running_process_is_alive_and_its_mark_survives_the_file()
    {
        RunMark mark = RunMark.OfThisProcess();
        mark.Write(_folder.File("pid"));

        Assert.True(RunMark.TryRead(_folder.File("pid"), out RunMark? read));
        Assert.Equal(mark, read);
        Assert.True(read.IsAlive());
    }

    [Theory]
    [InlineData(1UL, "")]       // The id was given to a process that started at another time.
    [InlineData(0UL, "boot")]   // The machine was started again since.
    public void A_process_that_only_shares_the_id_is_not_the_one(ulong laterBy, string otherBoot)
    {
        RunMark mark = RunMark.OfThisProcess();
        var stranger = new RunMark(mark.Id, mark.StartTicks + laterBy, mark.BootId + otherBoot);

        Assert.False(stranger.IsAlive());
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("twelve 1 boot")]
    [InlineData("12 -1 boot")]
    public void A_file_that_holds_something_else_marks_nothing(string content)
    {
        File.WriteAllText(_folder.File("pid"), content);

        Assert.False(RunMark.TryRead(_folder.File("pid"), out _));
    }

    [Fact]
    public void A_missing_file_marks_nothing() => Assert.False(RunMark.TryRead(_folder.File("pid"), out _));

    [Fact]
    public async Task Stopping_a_node_whose_id_was_taken_over_touches_nobody()
    {
        // If the check were missing, this test would end its own process.
        RunMark mark = RunMark.OfThisProcess();
        var node = new NodeProcess(_folder.Path, "peer0");
        new RunMark(mark.Id, mark.StartTicks + 1, mark.BootId).Write(node.MarkFile);

        Assert.True(await node.StopAsync(TimeProvider.System, CancellationToken.None));
        Assert.Null(node.ProcessId);
    }
}
