using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Ledger.Snapshots;
using Node.Membership;
using Node.Protocol;

namespace Node.Cli.Commands.Ledgers;

/// <summary>
/// <c>ledger snapshot -o DIR</c> and <c>ledger import DIR</c>: how a peer joins without the old blocks.
/// </summary>
internal static class SnapshotCommand
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(500);

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "The folder to write, which must not exist yet",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<ulong?> s_height = new("--height")
    {
        Description = "Wait until the ledger has so many blocks, and refuse when it has more already",
        HelpName = "N",
    };

    private static readonly Argument<string> s_snapshot = new("DIR") { Description = "A snapshot's folder" };

    private static readonly Option<string> s_genesis = new("--genesis")
    {
        Description = "The hash of the channel's block 0; left out: of the genesis block that the peer has",
        HelpName = "HASH",
    };

    private static readonly Option<int> s_signers = new("--signers")
    {
        Description = "Peers of so many organisations must have signed it",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public static Verb CreateSnapshot() =>
        new Verb(
            "snapshot", "Export a peer's ledger at its height, signed by the peer, while the peer runs",
            "ledger snapshot -o ./mychannel-snapshot --org org1")
            .Takes(s_output, s_height, ContractOptions.Channel, PeerPlace.PeerOption, PeerPlace.NodeOption)
            .Runs(ExportAsync);

    public static Verb CreateImport() =>
        new Verb(
            "import", "Check a snapshot and make it the ledger of a peer that has none yet",
            "ledger import ./mychannel-snapshot --peer peer0.org2.example.com")
            .Takes(s_snapshot, s_genesis, s_signers, PeerPlace.PeerOption, PeerPlace.NodeOption)
            .Runs(ImportAsync);

    private static async Task<ExitCode> ExportAsync(Invocation invocation, CancellationToken cancellation)
    {
        PeerPlace peer = PeerPlace.Find(invocation);
        ChannelId channel = NetworkSession.ParseChannel(invocation.Get(ContractOptions.Channel)!);
        string ledger = LedgerOf(peer, channel);
        string target = invocation.Console.PathOf(invocation.Get(s_output)!);
        if (!SigningIdentity.TryLoad(peer.MspId, peer.MspFolder, out SigningIdentity? signer, out string? fault))
            throw new CommandFault(ExitCode.Local, fault);

        using (signer)
        {
            if (invocation.Get(s_height) is { } height)
                await WaitForAsync(ledger, height, invocation, cancellation);

            SnapshotManifest manifest = await invocation.Progress.WhileAsync(
                $"Exporting {channel} of {peer.Name}",
                say => Task.Run(
                    () => LedgerSnapshots.Export(
                        ledger,
                        target,
                        new SnapshotSigner(peer.Name, signer.Serialized, message => signer.Sign(message)),
                        Telling(say)),
                    cancellation));
            RequireHeight(invocation, manifest, target);
            Show(invocation, target, manifest, organizations: null);
        }

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ImportAsync(Invocation invocation, CancellationToken cancellation)
    {
        string snapshot = invocation.Console.PathOf(invocation.Get(s_snapshot));
        if (!Directory.Exists(snapshot))
            throw new CommandFault(ExitCode.NotFound, $"there is no folder {snapshot}.");

        PeerPlace peer = PeerPlace.Find(invocation);
        SnapshotManifest manifest = LedgerSnapshots.ReadManifest(snapshot);
        if (Directory.Exists(peer.LedgerFolder(manifest.Channel)))
        {
            throw new CommandFault(
                ExitCode.Refused,
                $"{peer.Name} has a ledger of {manifest.Channel} already, in {peer.LedgerFolder(manifest.Channel)}. "
                + "To begin anew, stop the peer and move that folder away.");
        }

        Hash32 genesis = GenesisOf(invocation, peer, manifest.Channel);
        SnapshotImportReport report = await invocation.Progress.WhileAsync(
            $"Importing {manifest.Channel} for {peer.Name}",
            say => Task.Run(
                () => Peer.Joining.SnapshotJoin.Import(
                    snapshot, peer.DataFolder, genesis, invocation.Get(s_signers), Telling(say)),
                cancellation));
        Show(invocation, peer.LedgerFolder(manifest.Channel), report.Manifest, report.Organizations);
        if (peer.IsRunning)
            invocation.Progress.Say($"{peer.Name} runs: it finds the ledger when it starts the next time.");

        return ExitCode.Ok;
    }

    private static string LedgerOf(PeerPlace peer, ChannelId channel)
    {
        string ledger = peer.LedgerFolder(channel);
        return Directory.Exists(ledger)
            ? ledger
            : throw new CommandFault(
                ExitCode.NotFound, $"{peer.Name} has no ledger of {channel}: there is no folder {ledger}.");
    }

    private static async Task WaitForAsync(
        string ledger, ulong height, Invocation invocation, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_pollEvery, invocation.Console.Clock);
        ulong now = LedgerSnapshots.ReadHeight(ledger);
        if (now < height)
            invocation.Progress.Say($"Waiting for block {height - 1}: the ledger has {now} blocks");

        while (now < height && await timer.WaitForNextTickAsync(cancellation))
            now = LedgerSnapshots.ReadHeight(ledger);
    }

    // Blocks may have come between the last look and the export.
    private static void RequireHeight(Invocation invocation, SnapshotManifest manifest, string target)
    {
        if (invocation.Get(s_height) is not { } height || manifest.Height == height)
            return;

        Directory.Delete(target, recursive: true);
        throw new CommandFault(
            ExitCode.Refused,
            $"the ledger has {manifest.Height} blocks already, and a snapshot is of the height of now, not of {height}"
            + ". Leave --height out, or name a height to come.");
    }

    private static Hash32 GenesisOf(Invocation invocation, PeerPlace peer, ChannelId channel)
    {
        if (invocation.Get(s_genesis) is { } text)
        {
            return Hash32.TryParseHex(text, out Hash32 typed)
                ? typed
                : throw new CommandFault(ExitCode.Usage, $"--genesis takes 64 hex digits, this is \"{text}\".");
        }

        return peer.GenesisHash(channel) ?? throw new CommandFault(
            ExitCode.NotFound,
            $"{peer.Name} has no genesis block of channel {channel} to check the snapshot against. Say --genesis HASH, "
            + "from a member you trust: ./hyperprov block 0  (the line \"hash\").");
    }

    private static System.Progress<SnapshotProgress> Telling(Action<string> say) => new(at => say(string.Create(
        CultureInfo.InvariantCulture, $"{at.File}: {at.Records} records")));

    private static void Show(
        Invocation invocation, string folder, SnapshotManifest manifest, IReadOnlyList<string>? organizations)
    {
        string manifestHash = Hash32.Of(manifest.ToBytes()).ToString();
        long bytes = manifest.Files.Sum(file => file.Bytes);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                Folder = folder,
                Channel = manifest.Channel.Value,
                manifest.Height,
                GenesisHash = manifest.GenesisHash.ToString(),
                LastBlockHash = manifest.LastBlockHash.ToString(),
                CommitHash = manifest.CommitHash?.ToString(),
                ChainRoot = manifest.ChainRoot.ToString(),
                ManifestHash = manifestHash,
                Bytes = bytes,
                Organizations = organizations,
            });
            return;
        }

        Tables.ShowFacts(
            invocation.Console,
            ("folder", folder),
            ("channel", manifest.Channel.Value),
            ("height", manifest.Height.ToString(CultureInfo.InvariantCulture)),
            ("last block", manifest.LastBlockHash.ToString()),
            ("commit hash", manifest.CommitHash?.ToString() ?? ""),
            ("manifest hash", manifestHash),
            ("bytes", bytes.ToString(CultureInfo.InvariantCulture)),
            ("signed by", organizations is null ? "" : string.Join(", ", organizations)));
    }
}
