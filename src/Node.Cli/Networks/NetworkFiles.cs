using System.Globalization;
using Google.Protobuf;
using Node.Cli.Running;
using Node.Membership.Material;
using Node.Membership.Topology;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Networks;

/// <summary>Makes what a network folder lacks before its nodes can start. What exists is never touched.</summary>
internal static class NetworkFiles
{
    /// <summary>Keys and certificates, but of organisations of which the folder holds the public part alone.</summary>
    public static void WriteMaterial(NetworkLayout layout, Invocation invocation)
    {
        MaterialReport report = MaterialGenerator.Generate(
            layout.Topology.ToCryptoConfig(), layout.MaterialFolder, layout.Topology.KeyType,
            invocation.Console.Clock);
        if (report.FilesWritten > 0)
            invocation.Progress.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"Made keys and certificates of {report.Organizations} organisations ({report.Identities} " +
                $"identities) in {layout.MaterialFolder}"));
    }

    /// <param name="name">Name, MSP id or domain, in any case.</param>
    /// <exception cref="CommandFault">There is no such organisation.</exception>
    public static OrganizationTopology OrganizationNamed(NetworkLayout layout, string name) =>
        layout.Organizations.FirstOrDefault(organization =>
            ((string[])[organization.Name, organization.MspId.Value, organization.Domain])
                .Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new CommandFault(
            ExitCode.NotFound,
            $"there is no organisation \"{name}\" in {NetworkTopology.FileName}; it has " +
            $"{string.Join(", ", layout.Organizations.Select(organization => organization.Name))}.");

    /// <exception cref="CommandFault">Certificates that belong into a block are missing.</exception>
    public static void WriteGenesisBlocks(NetworkLayout layout, Invocation invocation)
    {
        foreach (ChannelTopology channel in layout.Topology.Channels)
        {
            string file = layout.GenesisFile(channel.Id);
            if (File.Exists(file))
                continue;
            if (!GenesisBlock.TryBuild(
                layout.Topology, channel.Id, layout.MaterialFolder, invocation.Console.Clock, out Block? block,
                out string? fault))
                throw new CommandFault(ExitCode.Usage, fault);

            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file + ".next", block.ToByteArray());
            File.Move(file + ".next", file);
            invocation.Progress.Say($"Made the genesis block of channel {channel.Id}");
        }
    }
}
