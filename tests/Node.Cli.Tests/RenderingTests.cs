using Node.Cli.Rendering;
using Node.Cli.Running;

namespace Node.Cli.Tests;

public class RenderingTests
{
    [Fact]
    public void A_table_without_a_terminal_is_plain_columns_without_trailing_blanks()
    {
        (CliConsole console, StringWriter output) = Plain();
        var table = new TextTable("key", "state", "");
        table.Add("a-long-key", new TextTable.Cell("fine [yes]", "green"), "");
        table.Add("k", "x", "end");

        table.Show(console);

        Assert.Equal("key         state\na-long-key  fine [yes]\nk           x           end\n", output.ToString());
    }

    [Fact]
    public void Facts_keep_the_lines_of_a_value_and_leave_empty_ones_out()
    {
        (CliConsole console, StringWriter output) = Plain();

        Tables.ShowFacts(console, ("name", "one\ntwo"), ("nothing", ""), ("last", "[x]"));

        Assert.Equal("name     one\n         two\nlast     [x]\n", output.ToString());
    }

    private static (CliConsole Console, StringWriter Output) Plain()
    {
        var output = new StringWriter { NewLine = "\n" };
        return (new CliConsole(output, TextWriter.Null, isTerminal: false, isErrorTerminal: false), output);
    }
}
