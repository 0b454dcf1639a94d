using System.Globalization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Changing;

namespace Node.Cli.Commands.Channels;

/// <summary>A channel's configuration as people read it.</summary>
internal static class ConfigView
{
    public static void Show(Invocation invocation, ChannelConfig config)
    {
        IReadOnlyList<PolicyPlace> policies = ConfigDescription.PoliciesOf(config);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, ToJson(config, policies));
            return;
        }

        OrdererSettings orderer = config.Orderer;
        Tables.ShowFacts(
            invocation.Console,
            ("channel", config.Id.Value),
            ("configuration", Text(config.Sequence)),
            ("organisations", string.Join('\n', config.ApplicationOrganizations.Select(Describe))),
            ("orderers", string.Join('\n', orderer.Endpoints.Select(endpoint => $"{endpoint} ({endpoint.MspId})"))),
            ("batch", $"{Text(orderer.MaxMessageCount)} envelopes, {Text(orderer.PreferredMaxBytes)} bytes, " +
                $"{orderer.BatchTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s"),
            ("largest envelope", $"{Text(orderer.AbsoluteMaxBytes)} bytes"),
            ("revoked", string.Join('\n', ConfigDescription.RevokedOf(config)
                .Select(one => $"{one.MspId}: {one.SerialNumber}"))));
        var table = new TextTable("policy", "rule", "may be changed by");
        foreach (PolicyPlace place in policies)
            table.Add(place.Path, place.Rule, place.ModPolicy);

        table.Show(invocation.Console);
    }

    private static object ToJson(ChannelConfig config, IReadOnlyList<PolicyPlace> policies) => new
    {
        Channel = config.Id.Value,
        config.Sequence,
        Organizations = config.ApplicationOrganizations.Select(org => new
        {
            org.Name,
            MspId = org.MspId.Value,
            Peers = org.AnchorPeers.Select(peer => peer.ToString()),
        }),
        Orderers = config.Orderer.Endpoints.Select(endpoint => new
        {
            MspId = endpoint.MspId.Value,
            Endpoint = endpoint.ToString(),
        }),
        config.Orderer.MaxMessageCount,
        config.Orderer.PreferredMaxBytes,
        config.Orderer.AbsoluteMaxBytes,
        BatchTimeoutSeconds = config.Orderer.BatchTimeout.TotalSeconds,
        Policies = policies,
        Revoked = ConfigDescription.RevokedOf(config),
    };

    private static string Describe(ApplicationOrganization organization) =>
        $"{organization.Name} ({organization.MspId}): " +
        string.Join(", ", organization.AnchorPeers.Select(peer => peer.ToString()));

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
