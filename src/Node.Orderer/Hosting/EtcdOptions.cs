namespace Node.Orderer.Hosting;

/// <summary>The etcd cluster that keeps the ordered log, and this orderer's own member of it, if it runs one.</summary>
public sealed class EtcdOptions
{
    /// <summary>Client URLs of the members, our own first: https://host:port, or http:// without TLS.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>This orderer's name among those that share the log; also the name of its member.</summary>
    public required string Name { get; init; }

    /// <summary>Certificate and key that both client and member present, and the roots they trust.</summary>
    public OrdererTlsFiles? Tls { get; init; }

    /// <summary>Entries that the log keeps for an orderer that is away; one away longer fetches blocks.</summary>
    public int EntriesKept { get; init; } = 2_000;

    /// <summary>Null when the cluster is run by somebody else.</summary>
    public EtcdMemberOptions? Member { get; init; }

    internal void AddFaults(List<string> faults)
    {
        if (Name.Length == 0)
            faults.Add("Etcd.Name is empty: name this orderer among those that share the log");
        if (Endpoints.Count == 0)
            faults.Add("Etcd.Endpoints is empty: name the client URL of at least one etcd member");

        string scheme = Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        foreach (string endpoint in Endpoints)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) || uri.Scheme != scheme)
                faults.Add($"Etcd.Endpoints holds '{endpoint}': give {scheme}://host:port");
        }

        if (EntriesKept < 1)
            faults.Add($"Etcd.EntriesKept is {EntriesKept}: keep at least 1");

        Tls?.AddFaults(faults);
    }
}

/// <summary>How this orderer runs its own etcd member.</summary>
public sealed class EtcdMemberOptions
{
    /// <summary>The program; a name is looked up in PATH.</summary>
    public string Program { get; init; } = "etcd";

    /// <summary>Of the member; beside the orderer's own data, on the same disk.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where clients reach it: https://host:port.</summary>
    public required string ClientUrl { get; init; }

    /// <summary>Where the other members reach it: https://host:port.</summary>
    public required string PeerUrl { get; init; }

    /// <summary>IP address that it listens on.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>All members of the cluster at its beginning: name to peer URL.</summary>
    public required IReadOnlyDictionary<string, string> InitialCluster { get; init; }

    /// <summary>Keeps clusters apart that were given the same ports by mistake.</summary>
    public string ClusterToken { get; init; } = "hyperprov";

    /// <summary>Bytes after which the member takes no more entries until space was given back.</summary>
    public long QuotaBytes { get; init; } = 2L << 30;

    /// <summary>Between two signs of life of the leader; about the round trip between the members.</summary>
    public int HeartbeatMilliseconds { get; init; } = 100;

    /// <summary>
    /// Silence of the leader after which another one is elected; at least five heartbeats and some round trips. Commits
    /// resume within two to three of it after a leader is lost, within four to five after one that is heard and hears
    /// nobody.
    /// </summary>
    public int ElectionMilliseconds { get; init; } = 500;

    /// <summary>True joins a cluster that runs already, false begins it together with the others.</summary>
    public bool JoinsExisting { get; init; }
}
