using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership.Issuing;

namespace Node.Cli.Commands.Identities;

/// <summary><c>identity …</c>: who belongs to an organisation, by its certificate authority.</summary>
internal static class IdentityCommands
{
    public static Command Create() => new(
        "identity", "Register, enrol, renew, revoke and list an organisation's members")
    {
        RegisterCommand.Create(),
        EnrollCommand.CreateEnroll(),
        RenewCommand.Create(),
        RevokeCommand.Create(),
        new Verb("list", "Show every identity that the authority knows", "identity list --org org2")
            .Takes(IdentityOptions.Registrar)
            .Runs(ListAsync),
        new Verb("show", "Show one identity with its attributes and certificates", "identity show sensor7")
            .Takes(IdentityOptions.Name, IdentityOptions.Registrar)
            .Runs(ShowAsync),
    };

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        using CaSession session = CaSession.Open(invocation);
        using Enrollment registrar =
            await session.RegistrarAsync(invocation.Get(IdentityOptions.Registrar), cancellation);
        IReadOnlyList<RegisteredIdentity> identities =
            await session.Authority.IdentitiesAsync(registrar, cancellation);
        IReadOnlyList<PresentedCertificate> certificates = await session.Authority.CertificatesAsync(
            registrar, new CertificateFilter { NotRevoked = true }, cancellation);
        DateTimeOffset now = invocation.Console.Clock.GetUtcNow();
        string keyId = registrar.Certificate.Number.AuthorityKeyId;
        MemberLife[] members = [.. MemberLife.Of(identities, certificates, keyId, now)];
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, members.Select(one => new
            {
                one.Identity.Id,
                one.Identity.Type,
                one.Identity.Affiliation,
                one.Identity.MaxEnrollments,
                one.Identity.Attributes,
                one.NotAfter,
                one.DaysLeft,
            }));
            return ExitCode.Ok;
        }

        var table = new TextTable("identity", "type", "affiliation", "enrolments", "days left", "ends", "attributes");
        foreach (MemberLife one in members)
            table.Add(
                one.Identity.Id, one.Identity.Type, one.Identity.Affiliation, EnrollmentsOf(one.Identity),
                one.DaysLeft is null ? "no certificate" : one.DaysLeft < 0 ? "expired" : $"{one.DaysLeft}",
                one.NotAfter?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
                OwnAttributesOf(one.Identity));

        table.Show(invocation.Console);
        if (members.Any(one => one.DaysLeft < CertificateInventory.DaysToAct))
            invocation.Progress.Say(
                $"Renew what ends soon: ./hyperprov identity renew --all --org {invocation.Organization} --within " +
                $"{CertificateInventory.DaysToAct}{invocation.FolderOption}");

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ShowAsync(Invocation invocation, CancellationToken cancellation)
    {
        using CaSession session = CaSession.Open(invocation);
        string name = session.IdOf(invocation.Get(IdentityOptions.Name));
        using Enrollment registrar =
            await session.RegistrarAsync(invocation.Get(IdentityOptions.Registrar), cancellation);
        RegisteredIdentity identity = await session.Authority.IdentityAsync(registrar, name, cancellation);
        IReadOnlyList<PresentedCertificate> certificates = await session.Authority.CertificatesAsync(
            registrar, new CertificateFilter { Id = name }, cancellation);
        IReadOnlyList<PresentedCertificate> good = await session.Authority.CertificatesAsync(
            registrar, new CertificateFilter { Id = name, NotRevoked = true }, cancellation);
        HashSet<CertificateNumber> valid = [.. good.Select(one => one.Number)];
        DateTimeOffset now = invocation.Console.Clock.GetUtcNow();
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                identity.Id,
                identity.Type,
                identity.Affiliation,
                identity.MaxEnrollments,
                identity.Attributes,
                Certificates = certificates.Select(one => new
                {
                    one.Number.SerialNumber,
                    one.Number.AuthorityKeyId,
                    one.NotBefore,
                    one.NotAfter,
                    State = StateOf(one, valid, now),
                }),
            });
            return ExitCode.Ok;
        }

        var attributes = new TextTable("attribute", "value", "in certificates");
        foreach (IdentityAttribute one in identity.Attributes)
            attributes.Add(one.Name, one.Value, one.Ecert ? "always" : "when asked for");

        var table = new TextTable("serial", "issuer's key id", "valid until", "state");
        foreach (PresentedCertificate one in certificates)
            table.Add(
                one.Number.SerialNumber, one.Number.AuthorityKeyId,
                one.NotAfter.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), StateOf(one, valid, now));

        invocation.Console.Output.WriteLine(
            $"{identity.Id}: {identity.Type}, affiliation '{identity.Affiliation}', secret usable " +
            $"{EnrollmentsOf(identity)} times");
        attributes.Show(invocation.Console);
        table.Show(invocation.Console);
        return ExitCode.Ok;
    }

    private static string StateOf(PresentedCertificate one, HashSet<CertificateNumber> valid, DateTimeOffset now) =>
        !valid.Contains(one.Number) ? "revoked" : one.NotAfter < now ? "expired" : "valid";

    private static string EnrollmentsOf(RegisteredIdentity identity) =>
        identity.MaxEnrollments < 0 ? "any" : identity.MaxEnrollments.ToString(CultureInfo.InvariantCulture);

    // What every identity has is shown by the other columns.
    private static string OwnAttributesOf(RegisteredIdentity identity) => string.Join(
        ' ',
        identity.Attributes
            .Where(one => one.Name is not ("hf.EnrollmentID" or "hf.Type" or "hf.Affiliation"))
            .Select(one => $"{one.Name}={one.Value}"));
}
