using System.Globalization;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership.Topology;
using Node.Protocol;

namespace Node.Cli.Networks;

/// <summary>Starts the certificate authorities of a network; those that run already are left alone.</summary>
internal sealed class CaStart(Invocation invocation, NetworkLayout layout)
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(50);

    private readonly CaPlace[] _missing = [.. layout.LocalCas.Where(place => !layout.NodeAt(place).IsRunning)];
    private readonly Dictionary<CaPlace, RunMark> _started = [];

    /// <exception cref="CommandFault">Another program uses a port.</exception>
    public void RequireFreePorts()
    {
        foreach (CaPlace place in _missing)
        {
            foreach ((int port, string field) in ((int, string)[])
                [(place.Port, "caPort"), (place.Organization.CaOperationsPort, "caOperationsPort")])
            {
                if (port != 0 && !HealthProbe.IsFree(layout.ListenAddressOf(place), port))
                    throw new CommandFault(
                        ExitCode.Local,
                        $"port {port.ToString(CultureInfo.InvariantCulture)}, which {place.Name} needs, is in use " +
                        $"by another program. Stop that one, or change {field} in " +
                        $"{Path.Combine(layout.Folder, NetworkTopology.FileName)}, or leave it out for none.");
            }
        }
    }

    public void Start()
    {
        foreach (CaPlace place in _missing)
        {
            layout.RegistrarOf(place).ReadOrCreate();
            _started.Add(place, layout.NodeAt(place).Start(CaPlace.Role));
        }
    }

    /// <returns>Once every authority listens, which it does when it has opened its store.</returns>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        foreach (CaPlace place in layout.LocalCas)
            await WaitAsync(place, cancellation);

        if (_missing.Length > 0)
            invocation.Progress.Say($"Started {string.Join(", ", _missing.Select(place => place.Name))}");
    }

    /// <summary>The authority answers under the certificate that this network gave it.</summary>
    public static async Task<bool> AnswersAsync(NetworkLayout layout, CaPlace place, CancellationToken cancellation)
    {
        try
        {
            using var authority = new CertificateAuthority(OptionsOf(layout, place, s_probeTimeout));
            await authority.InformationAsync(cancellation);
            return true;
        }
        catch (Exception e) when (e is PeerUnreachableException or CertificateAuthorityException)
        {
            return false;   // Nobody there yet, or not well.
        }
    }

    public static CertificateAuthorityOptions OptionsOf(NetworkLayout layout, CaPlace place, TimeSpan timeout) => new()
    {
        Address = new Uri($"{layout.Scheme}://{layout.AddressOf(place)}"),
        TlsRootsPem = layout.Topology.Insecure
            ? null
            : File.ReadAllText(Path.Combine(
                layout.MaterialOf(place).Msp, "tlscacerts", $"{place.Organization.TlsCaName}-cert.pem")),
        Timeout = timeout,
    };

    private async Task WaitAsync(CaPlace place, CancellationToken cancellation)
    {
        NodeProcess process = layout.NodeAt(place);
        TimeProvider clock = invocation.Console.Clock;
        long since = clock.GetTimestamp();
        using var timer = new PeriodicTimer(s_pollEvery, clock);
        // The process leaves its mark about when it begins to listen; status and down go by the mark.
        while (!process.IsRunning || !await HealthProbe.ListensAsync(
            layout.ListenAddressOf(place), place.Port, cancellation))
        {
            bool isAlive = _started.TryGetValue(place, out RunMark? mark) ? mark.IsAlive() : process.IsRunning;
            if (!isAlive)
                throw new CommandFault(
                    ExitCode.Local, $"{place.Name} ended at once: {process.LastWords()}. See {process.LogFile}");
            if (clock.GetElapsedTime(since) > s_startTimeout)
                throw new CommandFault(
                    ExitCode.Unreachable,
                    $"{place.Name} runs but does not listen after {s_startTimeout.TotalSeconds:0} s. See " +
                    $"{process.LogFile}");

            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
