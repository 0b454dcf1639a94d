using Node.Cli.Commands.Proving;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Blocks;
using Node.Peer.Pulling;
using Node.Protocol;

namespace Node.Cli.Commands.Ledgers;

/// <summary>One file of evidence, looked at.</summary>
/// <param name="Channel">By its name; null when that is none that a peer gives.</param>
/// <param name="Block">From here on the orderers signed two chains; null when the file cannot be read.</param>
/// <param name="Passed">Null when the genesis block to check it against is not known here.</param>
/// <param name="Fault">Why it shows nothing, or is not checked.</param>
/// <param name="First">One of the two blocks that contradict each other, and who signed it.</param>
/// <param name="Second">The other one.</param>
internal sealed record HeldEvidence(
    string File, string? Channel, ulong? Block, bool? Passed, string? Fault, string? First, string? Second);

/// <summary><c>ledger evidence</c>: what a peer holds against orderers that signed two chains.</summary>
internal static class EvidenceCommand
{
    public static Verb Create() =>
        new Verb(
            "evidence", "List and check the evidence that a peer holds against orderers that signed two chains",
            "ledger evidence --peer peer0.org1.example.com")
            .Takes(PeerPlace.PeerOption, PeerPlace.NodeOption)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        PeerPlace peer = PeerPlace.Find(invocation);
        var folder = new EvidenceFolder(peer.DataFolder);
        var held = new List<HeldEvidence>();
        foreach (string file in folder.List())
            held.Add(await LookAtAsync(invocation, peer, file, cancellation));

        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Peer = peer.Name, folder.Folder, Evidence = held });
        else
            Show(invocation, peer, folder, held);

        return held.TrueForAll(one => one.Passed ?? true) ? ExitCode.Ok : ExitCode.VerificationFailed;
    }

    private static async Task<HeldEvidence> LookAtAsync(
        Invocation invocation, PeerPlace peer, string file, CancellationToken cancellation)
    {
        string? channel = EvidenceFolder.TryReadChannel(file, out ChannelId id) ? id.Value : null;
        byte[] bytes = await ProofFiles.ReadAsync(invocation, file, cancellation);
        if (!ForkProof.TryParse(bytes, out ForkProof? proof, out string? fault))
            return new HeldEvidence(file, channel, Block: null, Passed: false, fault, First: null, Second: null);

        Hash32? genesis = channel is null ? null : peer.GenesisHash(id);
        if (genesis is null)
        {
            return new HeldEvidence(
                file, channel, proof.BlockNumber, Passed: null,
                $"{peer.Name} has no genesis block to check it against: ./hyperprov verify-evidence {file} "
                + "--genesis HASH", First: null, Second: null);
        }

        IReadOnlyList<CheckedStep> steps = proof.Verify(genesis.Value);
        return new HeldEvidence(
            file, channel, proof.BlockNumber, steps[^1].Fault is null, steps[^1].Fault,
            FoundBy(steps, "first"), FoundBy(steps, "second"));
    }

    private static string? FoundBy(IReadOnlyList<CheckedStep> steps, string name) =>
        steps.FirstOrDefault(step => step.Name == name && step.Fault is null)?.Found;

    private static void Show(Invocation invocation, PeerPlace peer, EvidenceFolder folder, List<HeldEvidence> held)
    {
        if (held.Count == 0)
        {
            invocation.Console.Output.WriteLine($"{peer.Name} holds no evidence against orderers.");
            return;
        }

        foreach (HeldEvidence one in held)
        {
            string verdict = one.Passed switch
            {
                true => "the orderers signed two contradicting blocks",
                false => $"it shows nothing: {one.Fault}",
                null => $"not checked: {one.Fault}",
            };
            Tables.ShowFacts(
                invocation.Console,
                ("file", Path.GetFileName(one.File)),
                ("channel", one.Channel ?? ""),
                ("block", one.Block is { } block ? FormattableString.Invariant($"{block}") : ""),
                ("verdict", verdict),
                ("first", one.First ?? ""),
                ("second", one.Second ?? ""));
            invocation.Console.Output.WriteLine();
        }

        invocation.Progress.Say(
            $"In {folder.Folder}. Anybody checks a file without a network: ./hyperprov verify-evidence");
    }
}
