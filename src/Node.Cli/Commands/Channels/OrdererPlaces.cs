using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client.Channels;
using Node.Membership;
using Node.Membership.Changing;
using Node.Membership.Topology;
using Node.Protocol;
using Node.Protocol.Wire.Common;

namespace Node.Cli.Commands.Channels;

/// <summary>Names an orderer in the configuration of every channel of network.yaml, or names it no longer.</summary>
internal sealed class OrdererPlaces(Invocation invocation, NetworkLayout layout)
{
    public Task NameAsync(NodePlace place, CancellationToken cancellation)
    {
        Endpoint endpoint = EndpointOf(place);
        byte[] certificate = File.ReadAllBytes(layout.MaterialOf(place).TlsCertificateFile);
        return ChangeAsync(
            place,
            config => config.Orderer.Endpoints.Any(one => one.ToString() == endpoint.ToString()),
            draft => draft.TryAddOrderer(place.Organization.Name, endpoint, certificate, out string? fault)
                ? null
                : fault,
            cancellation);
    }

    public Task UnnameAsync(NodePlace place, CancellationToken cancellation)
    {
        Endpoint endpoint = EndpointOf(place);
        return ChangeAsync(
            place,
            config => !config.Orderer.Endpoints.Any(one => one.ToString() == endpoint.ToString())
                && !config.Orderer.Consenters.Any(one => one.ToString() == endpoint.ToString()),
            draft => draft.TryRemoveOrderer(endpoint, out string? fault) ? null : fault,
            cancellation);
    }

    private Endpoint EndpointOf(NodePlace place) => new(layout.Topology.HostOf(place.Node), place.Node.Port);

    private async Task ChangeAsync(
        NodePlace place, Func<ChannelConfig, bool> isDone, Func<ConfigDraft, string?> change,
        CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        using SigningIdentity signer = AdministratorOf.Open(invocation, place.Organization.Name);
        foreach (ChannelTopology channel in layout.Topology.Channels)
        {
            ChannelAdministration administration = session.NetworkOf(channel.Id.Value).Administration;
            ChannelConfig current = await administration.ReadAsync(cancellation);
            if (isDone(current))
                continue;

            var draft = new ConfigDraft(current);
            if (change(draft) is { } refused)
                throw new CommandFault(ExitCode.Usage, $"channel {channel.Id}: {refused}");
            if (!draft.TryFinish(out ConfigUpdate? update, out string? fault))
                throw new CommandFault(ExitCode.Usage, $"channel {channel.Id}: {fault}");

            SignedUpdate signed = SignedUpdate.Of(update).SignedBy(signer);
            if (!signed.TryApply(current, out _, out fault))
                throw Lacking(place, channel.Id, signed, signer, fault);

            await administration.SubmitAsync(signed, invocation.Console.Clock, cancellation);
            invocation.Progress.Say($"The configuration of {channel.Id} says so");
        }
    }

    // Several organisations run orderers: others have to sign too, and then this command goes on.
    private CommandFault Lacking(
        NodePlace place, ChannelId channel, SignedUpdate signed, SigningIdentity signer, string fault)
    {
        string file = Path.Combine(layout.Folder, $"{place.Node.Name}.{channel}.update");
        UpdateFile.Write(file, signed, signer, invocation.Console.Clock);
        return new CommandFault(
            ExitCode.Refused,
            $"{fault} Wrote {file}: have it signed (channel sign), submit it (channel submit), then give this command "
            + "again.");
    }
}
