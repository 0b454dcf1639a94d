using Node.Cli.Networks;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership.Material;
using Node.Membership.Topology;

namespace Node.Cli.Commands.Identities;

/// <summary>A connection to the certificate authority of the organisation that <c>--org</c> names.</summary>
internal sealed class CaSession : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);
    private readonly NetworkLayout _layout;
    private readonly CaPlace _place;
    private readonly TimeProvider _clock;

    private CaSession(NetworkLayout layout, CaPlace place, TimeProvider clock)
    {
        _layout = layout;
        _place = place;
        _clock = clock;
        Authority = new CertificateAuthority(CaStart.OptionsOf(layout, place, s_timeout));
    }

    public CertificateAuthority Authority { get; }

    public OrganizationTopology Organization => _place.Organization;

    public OrganizationLayout Material => _layout.MaterialOf(_place);

    public Membership.KeyType KeyType => _layout.Topology.KeyType;

    /// <summary>Where revocation lists of an MSP folder lie.</summary>
    public string RevocationListFile => Path.Combine(Material.Msp, "crls", $"{Organization.CaName}-crl.pem");

    /// <exception cref="CommandFault">There is no network, no such organisation, or it has no authority.</exception>
    public static CaSession Open(Invocation invocation)
    {
        NetworkLayout layout = NetworkLayout.Open(invocation);
        CaPlace? place = layout.Cas.FirstOrDefault(one => IsNamed(one.Organization, invocation.Organization));
        if (place is not null)
            return new CaSession(layout, place, invocation.Console.Clock);

        bool isKnown = layout.Topology.Organizations.Concat(layout.Topology.OrdererOrganizations)
            .Any(one => IsNamed(one, invocation.Organization));
        throw new CommandFault(
            ExitCode.NotFound,
            isKnown
                ? $"{invocation.Organization} has no certificate authority: give it a caPort in " +
                    $"{Path.Combine(layout.Folder, NetworkTopology.FileName)}, then run: ./hyperprov network " +
                    $"up{invocation.FolderOption}"
                : $"there is no organisation \"{invocation.Organization}\" in {layout.Folder}; those with an " +
                    $"authority: {string.Join(", ", layout.Cas.Select(one => one.Organization.Domain))}.");
    }

    /// <summary>The user's folder in the network's material.</summary>
    /// <exception cref="CommandFault">The name cannot be one of a folder.</exception>
    public MemberFolder FolderOf(string name) =>
        MemberFolder.TryOpen(Material, name, out MemberFolder? folder, out string? fault)
            ? folder
            : throw new CommandFault(ExitCode.Usage, fault);

    /// <summary>
    /// What the authority calls a user: the name, or the common name of a certificate that was made with the network.
    /// </summary>
    public string IdOf(string name)
    {
        if (!MemberFolder.TryOpen(Material, name, out MemberFolder? folder, out _)
            || !folder.TryLoad(out Enrollment? enrollment, out _))
            return name;

        using (enrollment)
            return enrollment.Id;
    }

    /// <summary>
    /// Whoever registers and revokes: a user of the organisation that is named, or the first registrar, who enrols
    /// with the network's secret when there is no certificate of it yet.
    /// </summary>
    /// <returns>The caller disposes of it.</returns>
    public async Task<Enrollment> RegistrarAsync(string? name, CancellationToken cancellation)
    {
        if (name is not null)
            return FolderOf(name).TryLoad(out Enrollment? user, out string? missing)
                ? user
                : throw new CommandFault(ExitCode.NotFound, missing);

        RegistrarFiles files = _layout.RegistrarOf(_place);
        Wallet wallet = Wallet.Open(files.WalletFolder);
        if (wallet.Has(Wallet.AdminName)
            && wallet.TryGet(Wallet.AdminName, out WalletIdentity? kept, out _))
        {
            if (kept.Enrollment.Certificate.NotAfter > _clock.GetUtcNow())
                return kept.Enrollment;

            kept.Dispose();
        }

        (string id, string secret) = ReadCredential(files);
        Enrollment enrolled = await Authority.EnrollAsync(id, secret, wishes: null, cancellation);
        wallet.Put(Wallet.AdminName, Organization.MspId, enrolled);
        return enrolled;
    }

    public void Dispose() => Authority.Dispose();

    private static (string Id, string Secret) ReadCredential(RegistrarFiles files)
    {
        if (!File.Exists(files.SecretFile))
            throw new CommandFault(
                ExitCode.NotFound,
                $"there is no registrar's credential {files.SecretFile}. Act as a registrar of yours with " +
                "--registrar USER.");

        string text = File.ReadAllText(files.SecretFile).Trim();
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? (text[..colon], text[(colon + 1)..])
            : throw new CommandFault(ExitCode.Local, $"{files.SecretFile} must hold id:secret.");
    }

    private static bool IsNamed(OrganizationTopology organization, string text) =>
        Same(organization.Name, text) || Same(organization.MspId.Value, text) || Same(organization.Domain, text);

    private static bool Same(string name, string text) => string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
}
