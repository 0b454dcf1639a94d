using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Channels;
using Node.Membership;
using Node.Membership.Changing;

namespace Node.Cli.Commands.Channels;

/// <summary><c>channel …</c>: show a channel's configuration, and change it while the channel runs.</summary>
internal static class ChannelCommands
{
    private static readonly Argument<string> s_file = new("FILE")
    {
        Description = "The update, as channel propose or Fabric's peer channel signconfigtx wrote it",
    };

    public static Command Create()
    {
        Command channel = CreateConfiguring();
        foreach (Command verb in ServingCommands.All())
            channel.Add(verb);

        return channel;
    }

    private static Command CreateConfiguring() => new(
        "channel", "Show a channel's configuration, change it while it runs, and say which orderers serve it")
    {
        new Verb("show", "Show who belongs to the channel, its policies and limits", "channel show")
            .Takes(ContractOptions.Channel)
            .Runs(ShowAsync),
        ProposeCommand.Create(),
        new Verb("diff", "Show what an update changes, and whose signatures it lacks", "channel diff update.bin")
            .Takes(s_file, ContractOptions.Channel)
            .Runs(DiffAsync),
        new Verb(
            "sign", "Add a signature to an update: by default that of the organisation's Admin",
            "channel sign update.bin --org org2 --user Admin")
            .Takes(s_file)
            .Runs(SignAsync),
        new Verb(
            "submit", "Send an update to order and wait until it is in force",
            "channel submit update.bin --user Admin")
            .Takes(s_file, ContractOptions.Channel)
            .Runs(SubmitAsync),
    };

    private static async Task<ExitCode> ShowAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        ChannelConfig config = await AdministrationOf(invocation, session).ReadAsync(cancellation);
        ConfigView.Show(invocation, config);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> DiffAsync(Invocation invocation, CancellationToken cancellation)
    {
        SignedUpdate update = UpdateFile.Read(invocation, invocation.Get(s_file));
        using NetworkSession session = NetworkSession.Open(invocation);
        ChannelConfig current = await AdministrationOf(invocation, session).ReadAsync(cancellation);
        IReadOnlyList<ConfigDifference> differences = ConfigDifferences.Of(update, current);
        bool applies = update.TryApply(current, out _, out string? fault);
        if (invocation.Json)
        {
            JsonView.Write(
                invocation.Console,
                new
                {
                    Channel = update.Channel.Value,
                    update.Signatures,
                    Changes = differences,
                    Applies = applies,
                    Fault = fault,
                });
            return ExitCode.Ok;
        }

        var table = new TextTable("what", "change", "may be changed by");
        foreach (ConfigDifference difference in differences)
            table.Add(difference.Element, difference.Change, difference.Policy);

        table.Show(invocation.Console);
        string signatures = update.Signatures.ToString(CultureInfo.InvariantCulture);
        invocation.Console.Output.WriteLine(
            applies ? $"{signatures} signatures: enough" : $"{signatures} signatures: {fault}");
        return ExitCode.Ok;
    }

    private static Task<ExitCode> SignAsync(Invocation invocation, CancellationToken cancellation)
    {
        string file = invocation.Console.PathOf(invocation.Get(s_file));
        SignedUpdate update = UpdateFile.Read(invocation, file);
        using SigningIdentity signer = AdministratorOf.Open(invocation);
        UpdateFile.Write(file, update.SignedBy(signer), signer, invocation.Console.Clock);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { File = file, Signatures = update.Signatures + 1 });
        else
            invocation.Console.Output.WriteLine($"Signed {file} for {signer.MspId}");

        return Task.FromResult(ExitCode.Ok);
    }

    private static async Task<ExitCode> SubmitAsync(Invocation invocation, CancellationToken cancellation)
    {
        SignedUpdate update = UpdateFile.Read(invocation, invocation.Get(s_file));
        using NetworkSession session = NetworkSession.Open(invocation);
        ChannelConfig config = await AdministrationOf(invocation, session)
            .SubmitAsync(update, invocation.Console.Clock, cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Channel = config.Id.Value, config.Sequence });
        else
            invocation.Console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"In force on {config.Id}: configuration {config.Sequence}"));

        return ExitCode.Ok;
    }

    private static ChannelAdministration AdministrationOf(Invocation invocation, NetworkSession session) =>
        session.NetworkOf(invocation.Get(ContractOptions.Channel)!).Administration;
}
