using System.CommandLine;
using System.Runtime.CompilerServices;
using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client;
using Node.Client.Events;
using Node.Client.Following;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Commands.Proving;

/// <summary><c>watch</c>: blocks and records as they come, each verified, all organisations' peers compared.</summary>
internal static class WatchCommand
{
    private static readonly Option<ulong?> s_from = new("--from")
    {
        Description = "Begin at this block; default: with the next one",
        HelpName = "HEIGHT",
    };

    private static readonly Option<ulong?> s_count = new("--count")
    {
        Description = "End after so many blocks; default: go on until Ctrl-C",
        HelpName = "N",
    };

    public static Verb Create() =>
        new Verb(
            "watch", "Follow a channel live, every block verified; ends with code 1 when its orderers fork",
            "watch --from 0")
            .Takes(s_from, s_count, ContractOptions.Channel)
            .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string channel = invocation.Get(ContractOptions.Channel)!;
        if (invocation.Get(s_count) == 0)
            throw new CommandFault(ExitCode.Usage, "--count is at least 1.");

        var gateways = new List<Gateway>();
        try
        {
            List<Network> peers = Connect(invocation, NetworkSession.ParseChannel(channel), gateways);
            string folder = Path.Combine(invocation.Folder, "light");
            var options = new LightClientOptions
            {
                GenesisHash = GenesisOption.ReadFrom(invocation.Folder, channel),
                StateFile = Path.Combine(folder, $"{channel}.state"),
                EvidenceFolder = folder,
                Notice = invocation.Progress.Say,
                Clock = invocation.Console.Clock,
            };
            LightClient client = await LightClient.OpenAsync(options, peers, cancellation);
            await client.CatchUpAsync(cancellation);
            await ShowAsync(invocation, client, peers[0], cancellation);
            return ExitCode.Ok;
        }
        finally
        {
            foreach (Gateway gateway in gateways)
                gateway.Dispose();
        }
    }

    // The own organisation's peer first; a user of the same name in each other organisation, where there is one.
    private static List<Network> Connect(Invocation invocation, ChannelId channel, List<Gateway> gateways)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        gateways.Add(Gateway.FromNetworkFolder(invocation.Folder, invocation.Organization, invocation.User));
        foreach (OrganizationTopology organization in layout.Topology.Organizations)
        {
            if (organization.MspId == gateways[0].Identity.MspId)
                continue;

            try
            {
                gateways.Add(Gateway.FromNetworkFolder(
                    invocation.Folder, organization.MspId.Value, invocation.User));
            }
            catch (NetworkFolderException e)
            {
                invocation.Progress.Say($"The peers of {organization.Name} are not compared: {e.Message}");
            }
        }

        return [.. gateways.Select(gateway => gateway.GetNetwork(channel))];
    }

    private static async Task ShowAsync(
        Invocation invocation, LightClient client, Network peer, CancellationToken cancellation)
    {
        ulong from = invocation.Get(s_from) ?? client.Height;
        ulong left = invocation.Get(s_count) ?? ulong.MaxValue;
        await using IAsyncEnumerator<Block> contents =
            peer.BlocksAsync(new EventsFrom(from, default), cancellation).GetAsyncEnumerator(cancellation);
        await foreach (LightBlock block in BlocksAsync(client, from, cancellation))
        {
            // What orderers signed comes first; the content comes from a peer and is held against it.
            if (!await contents.MoveNextAsync())
                throw new CommandFault(ExitCode.Unreachable, "the peer ended its stream of blocks.");
            if (!BlockContents.TryRead(
                contents.Current, block, out IReadOnlyList<BlockTransaction>? transactions, out string? fault))
                throw new CommandFault(ExitCode.VerificationFailed, $"{fault}: the peer is not to be believed.");

            WatchView.Show(invocation, block, transactions);
            if (--left == 0)
                return;
        }
    }

    private static async IAsyncEnumerable<LightBlock> BlocksAsync(
        LightClient client, ulong from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (ulong number = from, height = client.Height; number < height; number++)
            yield return await client.VerifyBlockAsync(number, cancellation);

        await foreach (LightBlock block in client.FollowAsync(cancellation))
        {
            if (block.Number >= from)
                yield return block;
        }
    }
}
