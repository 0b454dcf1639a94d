using System.CommandLine;
using Node.Cli.Commands.Benching;
using Node.Cli.Commands.Identities;
using Node.Cli.Commands.Channels;
using Node.Cli.Commands.Ledgers;
using Node.Cli.Commands.Lineages;
using Node.Cli.Commands.Networks;
using Node.Cli.Commands.Nodes;
using Node.Cli.Commands.Policies;
using Node.Cli.Commands.Proving;
using Node.Cli.Commands.Recording;
using Node.Cli.Commands.Running;
using Node.Cli.Commands.Serving;
using Node.Cli.Commands.Simulating;
using Node.Cli.Commands.Storing;
using Node.Cli.Commands.Spooling;

namespace Node.Cli.Commands;

/// <summary>All commands, in the order of the help.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All() =>
    [
        DemoCommand.Create(),
        NetworkCommands.Create(),
        PutCommand.Create(),
        GetCommand.Create(),
        HistoryCommand.Create(),
        LineageCommand.Create(),
        ImpactCommand.Create(),
        PathCommand.Create(),
        RangeCommand.Create(),
        WrittenByCommand.Create(),
        VerifyCommand.Create(),
        ReceiptCommand.Create(),
        VerifyReceiptCommand.Create(),
        WatchCommand.Create(),
        VerifyEvidenceCommand.Create(),
        ExportCommands.Create(),
        ImportCommands.Create(),
        TreeCommands.Create(),
        StoreCommands.Create(),
        RunCommand.Create(),
        SpoolCommands.Create(),
        TransactionCommand.Create(),
        BlockCommand.Create(),
        LedgerCommand.Create(),
        InvokeCommand.CreateInvoke(),
        InvokeCommand.CreateQuery(),
        IdentityCommands.Create(),
        PolicyCommands.Create(),
        BenchCommands.Create(),
        ChannelCommands.Create(),
        SimCommand.Create(),
        CryptoCommand.Create(),
        RestCommands.Create(),
        NodeStartCommand.CreatePeer(),
        OrdererCommands.AddTo(NodeStartCommand.CreateOrderer()),
        NodeStartCommand.CreateCa(),
        HealthCommand.Create(),
    ];
}
