using Node.Cli.Running;
using Node.Client.Storing;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Networks;

/// <summary>
/// Writes what one host, or one organisation's clients, need of a network: their own keys and nobody else's, all public
/// certificates, the genesis blocks, network.yaml.
/// </summary>
/// <param name="network">The folder it is planned in.</param>
/// <param name="topologyFile">Copied as it stands, comments included.</param>
internal sealed class HostPlan(NetworkLayout network, string topologyFile)
{
    /// <summary>What a host must have and the planning folder has not.</summary>
    public IReadOnlyList<string> MissingKeys(string host) =>
        [.. KeyFilesOf(network.On(host)).Where(file => !File.Exists(file))];

    /// <returns>The private keys that went there, below the host's folder.</returns>
    /// <exception cref="CommandFault">The folder is another one's, or keys are missing here.</exception>
    public IReadOnlyList<string> WriteHost(string host, string folder)
    {
        NetworkLayout here = network.On(host);
        if (MissingKeys(host) is [var missing, ..])
            throw new CommandFault(
                ExitCode.NotFound,
                $"{missing} is not here: {host} is planned by whoever has the keys of all its nodes.");

        Prepare(folder, mark: host);
        var there = new NetworkLayout(folder, network.Topology, here.LocalHost);
        string[] keys = [.. KeyFilesOf(here)];
        foreach (string key in keys)
            OwnedFile.Write(Moved(key, there), File.ReadAllText(key), isPrivate: true);

        foreach (CaPlace place in here.LocalCas)
            WriteAuthority(here.MaterialOf(place), there.MaterialOf(place), there.RegistrarOf(place));

        NodeConfigs.Write(there);
        File.WriteAllText(Path.Combine(folder, HostGuide.FileName), HostGuide.OfHost(there, host));
        File.WriteAllText(Path.Combine(folder, ContainerFiles.ComposeName), ContainerFiles.Compose(there));
        return [.. keys.Select(key => Path.GetRelativePath(folder, Moved(key, there)))];
    }

    /// <returns>The private keys that went there, below the folder.</returns>
    /// <inheritdoc cref="WriteHost"/>
    public IReadOnlyList<string> WriteClient(OrganizationTopology organization, string folder)
    {
        string users = Path.Combine(network.MaterialOf(organization).Root, "users");
        if (!HasUsers(organization))
            throw new CommandFault(
                ExitCode.NotFound,
                $"{users} is not here: clients of {organization.Name} are planned where its keys are.");

        Prepare(folder, mark: "");
        var there = new NetworkLayout(folder, network.Topology, localHost: "");
        var keys = new List<string>();
        foreach (string file in Directory.EnumerateFiles(users, "*", SearchOption.AllDirectories))
        {
            string path = Moved(file, there);
            if (!IsKey(file))
            {
                WritePublic(path, File.ReadAllBytes(file));
                continue;
            }

            OwnedFile.Write(path, File.ReadAllText(file), isPrivate: true);
            keys.Add(Path.GetRelativePath(folder, path));
        }

        File.WriteAllText(Path.Combine(folder, HostGuide.FileName), HostGuide.OfClient(network, organization));
        return keys;
    }

    public bool HasUsers(OrganizationTopology organization) =>
        Directory.Exists(Path.Combine(network.MaterialOf(organization).Root, "users"));

    private void Prepare(string folder, string mark)
    {
        string markFile = NetworkLayout.MarkFileOf(folder);
        bool isSame = File.Exists(markFile) && File.ReadAllText(markFile).Trim() == mark;
        if (!isSame && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CommandFault(
                ExitCode.Usage, $"{folder} is not empty and was not written for this host: name a new folder.");

        Directory.CreateDirectory(folder);
        File.WriteAllText(markFile, mark + "\n");
        File.Copy(topologyFile, Path.Combine(folder, NetworkTopology.FileName), overwrite: true);
        var there = new NetworkLayout(folder, network.Topology, mark);
        foreach (OrganizationTopology organization in network.Organizations)
        {
            if (!PublicMaterial.TryRead(
                network.MaterialOf(organization), out IReadOnlyList<PublicFile>? files, out string? fault))
                throw new CommandFault(ExitCode.Usage, fault);

            foreach (PublicFile file in files)
                WritePublic(Path.Combine(there.MaterialOf(organization).Root, file.Path), file.Content);
        }

        foreach (ChannelTopology channel in network.Topology.Channels)
            WritePublic(there.GenesisFile(channel.Id), File.ReadAllBytes(network.GenesisFile(channel.Id)));
    }

    // An authority knows whom it finds in the folders of members; their certificates are enough for that.
    private static void WriteAuthority(OrganizationLayout from, OrganizationLayout to, RegistrarFiles registrar)
    {
        string[] folders = [from.Ca, from.TlsCa, Path.Combine(from.Root, "users")];
        foreach (string file in folders.Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)))
        {
            if (!IsKey(file))
                WritePublic(Path.Combine(to.Root, Path.GetRelativePath(from.Root, file)), File.ReadAllBytes(file));
        }

        registrar.ReadOrCreate();
    }

    private static IEnumerable<string> KeyFilesOf(NetworkLayout layout)
    {
        foreach (NodePlace place in layout.LocalNodes)
        {
            MemberLayout member = layout.MaterialOf(place);
            string keystore = Path.Combine(member.Msp, "keystore");
            string[] keys = Directory.Exists(keystore) ? Directory.GetFiles(keystore) : [];
            foreach (string key in keys.DefaultIfEmpty(Path.Combine(keystore, "priv_sk")))
                yield return key;

            yield return member.TlsKeyFile;
        }

        foreach (CaPlace place in layout.LocalCas)
        {
            OrganizationLayout organization = layout.MaterialOf(place);
            yield return Path.Combine(organization.Ca, "priv_sk");
            yield return Path.Combine(organization.TlsCa, "priv_sk");
            yield return organization.CaServer.TlsKeyFile;
        }
    }

    private string Moved(string materialFile, NetworkLayout to) =>
        Path.Combine(to.MaterialFolder, Path.GetRelativePath(network.MaterialFolder, materialFile));

    // Written again by the next run if this one is cut short; to sync each of some hundred files takes seconds.
    private static void WritePublic(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private static bool IsKey(string file) =>
        File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal);
}
