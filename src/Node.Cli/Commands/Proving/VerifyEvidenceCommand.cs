using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Following;
using Node.Client.Receipts;
using Node.Protocol;

namespace Node.Cli.Commands.Proving;

/// <summary>
/// <c>verify-evidence FILE</c>: whether a file shows that a channel's orderers signed two chains. Offline.
/// </summary>
internal static class VerifyEvidenceCommand
{
    private static readonly Argument<string> s_file = new("FILE") { Description = "Evidence of a fork" };

    private static readonly Option<string> s_genesis = GenesisOption.Create();

    public static Verb Create() =>
        new Verb(
            "verify-evidence", "Check evidence of a fork without a network",
            "verify-evidence mychannel-fork-12.evidence --genesis 4f1c…")
            .Takes(s_file, s_genesis, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        Hash32 genesis = GenesisOption.Read(invocation, s_genesis, invocation.Get(ContractOptions.Channel)!);
        byte[] file = await ProofFiles.ReadAsync(invocation, invocation.Get(s_file), cancellation);
        IReadOnlyList<VerificationStep> steps = ForkEvidence.TryParse(
            file, out ForkEvidence? evidence, out string? fault)
            ? [new VerificationStep("file", StepOutcome.Passed, "its checksum is right"), .. evidence.Verify(genesis)]
            : [new VerificationStep("file", StepOutcome.Failed, fault)];
        bool passed = steps.All(step => step.Outcome == StepOutcome.Passed);
        if (invocation.Json)
        {
            JsonView.Write(
                invocation.Console, new { Passed = passed, Steps = steps, Block = evidence?.BlockNumber });
        }
        else
        {
            ProofFiles.ShowSteps(invocation.Console, steps);
            if (passed)
                invocation.Console.Output.WriteLine(
                    $"The orderers of this channel signed two contradicting blocks {evidence?.BlockNumber}.");
        }

        return passed ? ExitCode.Ok : ExitCode.VerificationFailed;
    }
}
