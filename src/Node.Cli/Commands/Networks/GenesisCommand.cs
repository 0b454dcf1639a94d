using Google.Protobuf;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Commands.Networks;

/// <summary>
/// <c>network genesis</c>: makes the genesis blocks that are missing, and holds those that are there against
/// network.yaml and the certificates.
/// </summary>
internal static class GenesisCommand
{
    public static Verb Create() => new Verb(
        "genesis", "Make the genesis blocks that are missing; check those that somebody else made; show their hashes",
        "network genesis --dir home")
        .Runs((invocation, _) => Task.FromResult(Run(invocation)));

    private static ExitCode Run(Invocation invocation)
    {
        NetworkLayout network = NetworkLayout.Open(invocation);
        NetworkFiles.WriteGenesisBlocks(network, invocation);
        var blocks = new List<GenesisView>();
        foreach (ChannelTopology channel in network.Topology.Channels)
        {
            string file = network.GenesisFile(channel.Id);
            Block block = Read(file);
            if (!GenesisCheck.TryPass(
                network.Topology, channel.Id, network.MaterialFolder, block, out string? fault))
                throw new CommandFault(ExitCode.VerificationFailed, $"{file}: {fault}");
            if (!BlockHash.TryOf(block.Header, out Hash32 hash, out fault))
                throw new CommandFault(ExitCode.VerificationFailed, $"{file}: {fault}");

            blocks.Add(new GenesisView(channel.Id.Value, file, hash.ToString()));
        }

        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Blocks = blocks });
        else
            foreach (GenesisView block in blocks)
                invocation.Console.Output.WriteLine($"{block.Channel}  {block.Hash}  {block.File}");

        return ExitCode.Ok;
    }

    private static Block Read(string file)
    {
        try
        {
            return Block.Parser.ParseFrom(File.ReadAllBytes(file));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CommandFault(ExitCode.VerificationFailed, $"{file} is no block: {e.Message}");
        }
    }
}

/// <summary>A genesis block that fits network.yaml.</summary>
internal sealed record GenesisView(string Channel, string File, string Hash);
