using Node.Membership;
using Node.Orderer.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>
/// What client certificates must chain to where one is required: the configured roots and those of all channels.
/// </summary>
internal sealed class ClientRoots(OrdererTlsFiles files, ChannelDirectory channels)
{
    private readonly ReadOnlyMemory<byte>[] _configured =
        [.. files.RootFiles.Select(file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file))];

    /// <summary>PEM certificates, as the channels stand now: organisations join and leave.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read()
    {
        var roots = new List<ReadOnlyMemory<byte>>(_configured);
        foreach (OrderingChannel channel in channels.All)
        {
            if (channel.State.Run is not { } run)
                continue;

            ChannelConfig config = run.Context.Rules.Config;
            roots.AddRange(config.ApplicationOrganizations.SelectMany(organization => organization.TlsRootPems));
            roots.AddRange(config.Orderer.Endpoints.SelectMany(endpoint => endpoint.TlsRootPems));
        }

        return roots;
    }
}
