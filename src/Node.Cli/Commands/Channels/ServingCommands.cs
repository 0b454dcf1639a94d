using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Channels;
using Node.Membership;
using Node.Protocol;

namespace Node.Cli.Commands.Channels;

/// <summary>
/// <c>channel list|join|remove</c>: which channels an orderer serves (osnadmin's verbs), and <c>channel fetch</c>.
/// </summary>
internal static class ServingCommands
{
    private static readonly Argument<string> s_block = new("FILE")
    {
        Description = "The channel's genesis block, or its newest configuration block (channel fetch config)",
    };

    private static readonly Argument<string> s_which = new("WHICH")
    {
        Description = "genesis, config, newest or a block number",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Where the block goes", HelpName = "FILE", Required = true,
    };

    private static readonly Option<bool> s_yes = new("--yes", "-y")
    {
        Description = "Yes, delete the channel's data there",
    };

    public static IEnumerable<Command> All() =>
    [
        new Verb("list", "List the channels that an orderer serves", "channel list --orderer orderer.example.com")
            .Takes(OrdererChoice.Orderer)
            .Runs(ListAsync),
        new Verb(
            "join", "Have an orderer serve a channel, without a restart",
            "channel join mychannel.block --orderer orderer4.example.com")
            .Takes(s_block, OrdererChoice.Orderer)
            .Runs(JoinAsync),
        new Verb(
            "remove", "Have an orderer end a channel and delete its data",
            "channel remove --channel mychannel --orderer orderer4.example.com --yes")
            .Takes(ContractOptions.Channel, OrdererChoice.Orderer, s_yes)
            .Runs(RemoveAsync),
        new Verb("fetch", "Fetch a block from an orderer", "channel fetch genesis -o mychannel.block")
            .Takes(s_which, s_output, ContractOptions.Channel, OrdererChoice.Orderer)
            .Runs(FetchAsync),
    ];

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        using ChannelParticipation orderer = OrdererChoice.OpenParticipation(invocation);
        Show(invocation, await orderer.ListAsync(cancellation));
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> JoinAsync(Invocation invocation, CancellationToken cancellation)
    {
        byte[] block = ReadFile(invocation, invocation.Get(s_block));
        using ChannelParticipation orderer = OrdererChoice.OpenParticipation(invocation);
        (ServedChannel? channel, string refusal) = await orderer.JoinAsync(block, cancellation);
        if (channel is null)
            throw new CommandFault(ExitCode.Refused, $"the orderer refuses: {refusal}");

        Show(invocation, [channel]);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> RemoveAsync(Invocation invocation, CancellationToken cancellation)
    {
        ChannelId channel = NetworkSession.ParseChannel(invocation.Get(ContractOptions.Channel)!);
        if (!invocation.Get(s_yes))
            throw new CommandFault(
                ExitCode.Usage, $"this deletes the orderer's blocks of {channel}: say --yes if that is meant.");

        using ChannelParticipation orderer = OrdererChoice.OpenParticipation(invocation);
        if (await orderer.RemoveAsync(channel, cancellation) is { } refusal)
            throw new CommandFault(ExitCode.Refused, $"the orderer refuses: {refusal}");

        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Channel = channel.Value, Removed = true });
        else
            invocation.Console.Output.WriteLine($"The orderer serves {channel} no longer");

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> FetchAsync(Invocation invocation, CancellationToken cancellation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        NodePlace place = OrdererChoice.Find(layout, invocation.Get(OrdererChoice.Orderer));
        ChannelId channel = NetworkSession.ParseChannel(invocation.Get(ContractOptions.Channel)!);
        string which = invocation.Get(s_which);
        ulong? number = which switch
        {
            "genesis" or "oldest" => 0,
            "config" or "newest" => null,
            _ => ulong.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out ulong given)
                ? given
                : throw new CommandFault(
                    ExitCode.Usage, $"\"{which}\" is none of genesis, config, newest and a block number."),
        };
        using SigningIdentity signer = AdministratorOf.Open(invocation);
        using var orderer = new OrdererBlocks(
            OrdererChoice.AddressOf(layout, place), signer, client: null, invocation.Console.Clock);
        (byte[]? block, string refusal) = which == "config"
            ? await orderer.FetchConfigAsync(channel, cancellation)
            : await orderer.FetchAsync(channel, number, cancellation);
        if (block is null)
            throw new CommandFault(ExitCode.NotFound, refusal);

        string file = invocation.Console.PathOf(invocation.Get(s_output)!);
        await File.WriteAllBytesAsync(file + ".next", block, cancellation);
        File.Move(file + ".next", file, overwrite: true);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { File = file, block.Length });
        else
            invocation.Console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Wrote {file}: {block.Length} bytes"));

        return ExitCode.Ok;
    }

    private static void Show(Invocation invocation, IReadOnlyList<ServedChannel> channels)
    {
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, channels);
            return;
        }

        var table = new TextTable("channel", "this orderer is", "status", "height");
        foreach (ServedChannel channel in channels)
        {
            table.Add(
                channel.Name, channel.ConsensusRelation, channel.Status,
                channel.Height.ToString(CultureInfo.InvariantCulture));
        }

        table.Show(invocation.Console);
    }

    private static byte[] ReadFile(Invocation invocation, string path)
    {
        string file = invocation.Console.PathOf(path);
        return File.Exists(file)
            ? File.ReadAllBytes(file)
            : throw new CommandFault(
                ExitCode.NotFound,
                $"there is no file {file}. Get one with: ./hyperprov channel fetch config -o {path}");
    }
}
