using System.Globalization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership.Issuing;
using Node.Membership.Material;

namespace Node.Cli.Networks;

/// <summary>One certificate in a network folder, and how long it still holds.</summary>
/// <param name="Owner">The common name in it.</param>
/// <param name="Certificate">signing, TLS, CA or TLS CA.</param>
/// <param name="DaysLeft">Whole days; negative once it has expired.</param>
/// <param name="Next">What to do about it; null while there is time.</param>
internal sealed record CertificateLife(
    string Owner,
    string Organization,
    string Certificate,
    string SerialNumber,
    DateTimeOffset NotAfter,
    long DaysLeft,
    string? Next);

/// <summary>Every certificate in a network folder, those that end first in front.</summary>
internal sealed class CertificateInventory(Invocation invocation, NetworkLayout layout)
{
    /// <summary>With so many days left a certificate is shown with what to do.</summary>
    public const int DaysToAct = 60;

    private readonly DateTimeOffset _now = invocation.Console.Clock.GetUtcNow();

    public IReadOnlyList<CertificateLife> Read()
    {
        var found = new List<CertificateLife>();
        foreach ((string name, OrganizationLayout organization) in Organizations())
        {
            Add(found, name, "CA", Path.Combine(organization.Msp, "cacerts"));
            Add(found, name, "TLS CA", Path.Combine(organization.Msp, "tlscacerts"));
            AddFile(found, name, "TLS", organization.CaServer.TlsCertificateFile);
            foreach (string folder in (string[])[organization.NodesFolder, "users"])
                AddMembers(found, name, Path.Combine(organization.Root, folder));
        }

        return [.. found.OrderBy(one => one.NotAfter).ThenBy(one => one.Owner, StringComparer.Ordinal)];
    }

    /// <summary>A table of what ends soon, or one line that says what ends first.</summary>
    public void Show(IReadOnlyList<CertificateLife> certificates)
    {
        if (certificates.Count == 0)
            return;

        CertificateLife[] soon = [.. certificates.Where(one => one.Next is not null)];
        if (soon.Length == 0)
        {
            CertificateLife first = certificates[0];
            invocation.Progress.Say(
                $"{Number(certificates.Count)} certificates; the first to end is the {first.Certificate} certificate " +
                $"of {first.Owner}, in {Number(first.DaysLeft)} days");
            return;
        }

        var table = new TextTable("certificate", "of", "organisation", "days left", "ends", "what to do");
        foreach (CertificateLife one in soon)
            table.Add(
                one.Certificate, one.Owner, one.Organization,
                new TextTable.Cell(
                    one.DaysLeft < 0 ? "expired" : Number(one.DaysLeft), one.DaysLeft < 7 ? "red" : "yellow"),
                one.NotAfter.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), one.Next ?? "");

        table.Show(invocation.Console);
    }

    /// <summary>Why nodes of this folder cannot work, and what to do; null while their certificates hold.</summary>
    public string? FaultOfNodes()
    {
        HashSet<string> nodes = [.. layout.LocalNodes.Select(place => place.Node.Name)];
        CertificateLife[] expired =
            [.. Read().Where(one => one.NotAfter < _now && nodes.Contains(one.Owner))];
        if (expired.Length == 0)
            return null;

        IEnumerable<string> which = expired.Select(one => $"{one.Owner} ({one.Certificate}, {one.NotAfter:u})");
        IEnumerable<string> commands = expired.Select(one => one.Organization.ToLowerInvariant()).Distinct()
            .Select(name => $"./hyperprov identity renew --all --org {name}{invocation.FolderOption}");
        return $"certificates have expired: {string.Join(", ", which)}. Nodes and authorities run now; renew with " +
            $"{string.Join(" && ", commands)}, and the nodes go on by themselves. Then run network up once more.";
    }

    private IEnumerable<(string Name, OrganizationLayout Layout)> Organizations() =>
    [
        .. layout.Topology.OrdererOrganizations.Select(
            one => (one.Name, layout.Material.OrdererOrganization(one.Domain))),
        .. layout.Topology.Organizations.Select(one => (one.Name, layout.Material.PeerOrganization(one.Domain))),
    ];

    private void AddMembers(List<CertificateLife> found, string organization, string folder)
    {
        if (!Directory.Exists(folder))
            return;

        foreach (string member in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            Add(found, organization, "signing", Path.Combine(member, "msp", "signcerts"));
            AddFile(found, organization, "TLS", Path.Combine(member, "tls", "server.crt"));
            AddFile(found, organization, "TLS", Path.Combine(member, "tls", "client.crt"));
        }
    }

    private void Add(List<CertificateLife> found, string organization, string kind, string folder)
    {
        if (!Directory.Exists(folder))
            return;

        foreach (string file in Directory.GetFiles(folder, "*.pem").Order(StringComparer.Ordinal))
            AddFile(found, organization, kind, file);
    }

    private void AddFile(List<CertificateLife> found, string organization, string kind, string file)
    {
        if (!File.Exists(file)
            || !PresentedCertificate.TryReadPem(File.ReadAllBytes(file), out PresentedCertificate? certificate, out _))
            return;

        long days = (long)Math.Floor((certificate.NotAfter - _now).TotalDays);
        found.Add(new CertificateLife(
            certificate.CommonName, organization, kind, certificate.Number.SerialNumber, certificate.NotAfter, days,
            days < DaysToAct ? NextOf(organization, kind, file) : null));
    }

    private string NextOf(string organization, string kind, string file) =>
        kind is "CA" or "TLS CA" ? "replace it: docs/certificates.md"
        : file.Contains($"{Path.DirectorySeparatorChar}ca{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "its authority renews it by itself"
        : $"./hyperprov identity renew --all --org {organization.ToLowerInvariant()} --within {Number(DaysToAct)}" +
            invocation.FolderOption;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
