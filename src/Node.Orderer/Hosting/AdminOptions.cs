namespace Node.Orderer.Hosting;

/// <summary>The port at which administrators join and remove channels: Fabric's channel participation API.</summary>
public sealed class AdminOptions
{
    /// <summary>Address it listens on; <c>0.0.0.0</c> means every interface.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>TCP port, 1 to 65535; 0 takes any free port, for tests.</summary>
    public int ListenPort { get; init; } = 7053;

    /// <summary>
    /// Its own certificate, and the roots of its clients' certificates. Whoever has a certificate of these roots may
    /// join and remove channels: nothing else is asked.
    /// </summary>
    public required OrdererTlsFiles Tls { get; init; }

    /// <summary>False answers every request with 503.</summary>
    public bool ChannelParticipation { get; init; } = true;

    internal void AddFaults(List<string> faults)
    {
        if (ListenPort is < 0 or > 65535)
            faults.Add($"Admin.ListenPort is {ListenPort}: a TCP port lies between 0 and 65535");
        if (!System.Net.IPAddress.TryParse(ListenAddress, out _))
            faults.Add($"Admin.ListenAddress is '{ListenAddress}': give an IP address, such as 127.0.0.1 or 0.0.0.0");
        if (Tls.RootFiles.Count == 0)
            faults.Add("Admin.Tls.RootFiles is empty: name the roots of the administrators' certificates");

        Tls.AddFaults(faults);
    }
}
