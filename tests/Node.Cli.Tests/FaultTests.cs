using Node.Cli.Running;
using Node.Protocol;

namespace Node.Cli.Tests;

public class FaultTests
{
    public static TheoryData<Exception, int> Faults() => new()
    {
        { new CommandFault(ExitCode.Refused, "no"), 5 },
        { new PeerUnreachableException("localhost:7051", "refused", null), 3 },
        { new StorageFailedException("add", "/store", "disk full", null), 6 },
        { new LedgerCorruptException("a hash", "/ledger", 7), 1 },
        { new FileNotFoundException("gone", "/file"), 4 },
        { new UnauthorizedAccessException("Access to '/x' is denied."), 6 },
        { new IOException("Address already in use"), 6 },
        { new DllNotFoundException("librocksdb"), 6 },
        { new OperationCanceledException(), 130 },
        { new InvalidOperationException("two\nlines\r\nof it"), 7 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Every_fault_has_its_exit_code_and_is_one_line_without_a_stack_trace(Exception fault, int code)
    {
        using var error = new StringWriter();
        var console = new CliConsole(TextWriter.Null, error, isTerminal: false, isErrorTerminal: false);

        ExitCode reported = Running.Faults.Report(fault, console, json: false);

        Assert.Equal(code, (int)reported);
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }
}
