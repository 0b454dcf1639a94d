using System.Globalization;
using System.Text;
using Node.Membership.Topology;

namespace Node.Cli.Networks;

/// <summary>Compose files for the hosts of a network: one container for each node.</summary>
/// <remarks>
/// Containers use the network of their host: a node is then dialled, and dials, under the address that its certificate
/// names, which etcd members insist on.
/// </remarks>
internal static class ContainerFiles
{
    public const string ComposeName = "compose.yaml";
    public const string StackName = "stack.yaml";

    private const string Home = "/var/lib/hyperprov";

    /// <summary>For one host, beside its network.yaml: <c>docker compose up -d</c>.</summary>
    public static string Compose(NetworkLayout layout)
    {
        var text = new StringBuilder("""
            # One container for each node of this host. The image is built from docker/Dockerfile of the sources.
            # The files of this folder must belong to the user that containers run as: chown -R 10001:10001 .
            services:

            """);
        foreach ((string role, string name) in HostGuide.Services(layout))
        {
            AppendService(text, role, name, folder: ".", layout);
            text.Append("""
                    network_mode: host
                    restart: unless-stopped
                    read_only: true
                    tmpfs: [/tmp]
                    cap_drop: [ALL]
                    security_opt: ["no-new-privileges:true"]

                """);
        }

        return text.ToString();
    }

    /// <summary>For a swarm of all hosts: each has its own folder under /var/lib/hyperprov.</summary>
    public static string Stack(NetworkLayout network)
    {
        var text = new StringBuilder("""
            # docker stack deploy -c stack.yaml hyperprov
            # Each host needs its folder as /var/lib/hyperprov (chown -R 10001:10001) and its name as a label:
            # docker node update --label-add hyperprov=HOST NODE
            version: "3.8"
            services:

            """);
        foreach (string host in network.Topology.Hosts)
        {
            NetworkLayout layout = network.On(host);
            foreach ((string role, string name) in HostGuide.Services(layout))
            {
                AppendService(text, role, name, Home, layout);
                text.Append(CultureInfo.InvariantCulture, $"""
                          - type: tmpfs
                            target: /tmp
                        networks: [host]
                        read_only: true
                        cap_drop: [ALL]
                        deploy:
                          placement:
                            constraints: ["node.labels.hyperprov == {host}"]
                          update_config:
                            order: stop-first

                    """);
            }
        }

        text.Append("""
            networks:
              host:
                external: true
                name: host

            """);
        return text.ToString();
    }

    private static void AppendService(
        StringBuilder text, string role, string name, string folder, NetworkLayout layout)
    {
        // A service's name takes no dots in a swarm.
        string service = name.Replace('.', '-');
        text.Append(CultureInfo.InvariantCulture, $"""
              {service}:
                image: ${"{HYPERPROV_IMAGE:?name the image, as registry.example.com/hyperprov:VERSION}"}
                command: [{role}, start]
                environment:
                  HYPERPROV_CONFIG: {Home}/nodes/{name}/config.json
                stop_grace_period: 30s
                volumes:
                  - {folder}/nodes/{name}:{Home}/nodes/{name}
                  - {folder}/crypto-config:{Home}/crypto-config:ro
                  - {folder}/genesis:{Home}/genesis:ro

            """);
        if (role != CaPlace.Role)
            return;

        OrganizationTopology organization = layout.Cas.First(place => place.Name == name).Organization;
        string registrar = $"ca/{organization.Domain}";
        text.Append(CultureInfo.InvariantCulture, $"      - {folder}/{registrar}:{Home}/{registrar}:ro\n");
    }
}
