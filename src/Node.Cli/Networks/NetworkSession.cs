using Node.Cli.Running;
using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Client.Storing.Encrypting;
using Node.Hosting.Tracing;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Cli.Networks;

/// <summary>A connection to the network in a folder, as the user that the command line names.</summary>
internal sealed class NetworkSession : IDisposable
{
    public const string DefaultChannel = "mychannel";
    public const string DefaultContract = "hyperprov";

    private readonly IDisposable? _traces = TraceExport.Start(
        options: null, "hyperprov-client", Environment.MachineName);
    private readonly Lazy<ContentStores> _stores;

    private NetworkSession(Gateway gateway, Func<ContentStores> stores)
    {
        Gateway = gateway;
        _stores = new Lazy<ContentStores>(stores);
    }

    public Gateway Gateway { get; }

    /// <summary>Where content goes and comes from.</summary>
    public ContentStores Stores => _stores.Value;

    /// <summary>The provenance contract of the default channel.</summary>
    public ProvenanceClient Provenance => ProvenanceWith([]);

    /// <param name="keys">Read what is encrypted for them; the caller's.</param>
    public ProvenanceClient ProvenanceWith(IReadOnlyList<ReadingKey> keys) =>
        new(ContractOf(DefaultChannel, DefaultContract), Stores) { Keys = keys };

    public static NetworkSession Open(Invocation invocation) => Open(invocation, store: null);

    /// <param name="store">Where new content goes: a name, URI or path; null: as stores.yaml says.</param>
    public static NetworkSession Open(Invocation invocation, string? store) =>
        Open(invocation, invocation.Organization, invocation.User, store);

    public static NetworkSession Open(Invocation invocation, string organization, string user) =>
        Open(invocation, organization, user, store: null);

    private static NetworkSession Open(Invocation invocation, string organization, string user, string? store)
    {
        if (!File.Exists(Path.Combine(invocation.Folder, NetworkTopology.FileName)))
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no network in {invocation.Folder} (no {NetworkTopology.FileName}). " +
                $"Start one with: ./hyperprov network up{invocation.FolderOption}, or name another folder with --dir.");

        return new NetworkSession(
            Gateway.FromNetworkFolder(invocation.Folder, organization, user),
            () => ContentStores.FromNetworkFolder(invocation.Folder, store, invocation.Console.Clock));
    }

    public Network NetworkOf(string channel) => Gateway.GetNetwork(ParseChannel(channel));

    public Contract ContractOf(string channel, string contract) => NetworkOf(channel).GetContract(contract);

    public void Dispose()
    {
        Gateway.Dispose();
        _traces?.Dispose();
    }

    public static ChannelId ParseChannel(string text) =>
        ChannelId.TryParse(text, out ChannelId channel, out string? fault)
            ? channel
            : throw new CommandFault(ExitCode.Usage, $"{fault}. See --channel.");
}
