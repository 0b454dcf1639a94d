using System.CommandLine;
using System.Globalization;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Enrolling;

namespace Node.Cli.Commands.Identities;

/// <summary><c>identity revoke</c>: end an identity or one certificate, and write the revocation list.</summary>
internal static class RevokeCommand
{
    private static readonly Argument<string> s_name = new("name")
    {
        Description = "The identity, with all its certificates",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> s_serial = new("--serial")
    {
        Description = "One certificate alone: its serial number in hex",
        HelpName = "HEX",
    };

    private static readonly Option<string?> s_keyId = new("--aki")
    {
        Description = "With --serial: the key id of its issuer in hex",
        HelpName = "HEX",
    };

    private static readonly Option<string> s_reason = new("--reason")
    {
        Description = "keycompromise, cacompromise, affiliationchanged, superseded, cessationofoperation, " +
            "certificatehold, privilegewithdrawn, aacompromise or unspecified",
        HelpName = "REASON",
        DefaultValueFactory = _ => "unspecified",
    };

    public static Command Create() => new Verb(
        "revoke", "End an identity or one of its certificates, and write the organisation's revocation list",
        "identity revoke sensor7 --reason keycompromise")
        .Takes(s_name, s_serial, s_keyId, s_reason, IdentityOptions.Registrar)
        .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string name = invocation.GetOrEmpty(s_name);
        string serial = invocation.Get(s_serial) ?? "";
        string keyId = invocation.Get(s_keyId) ?? "";
        if ((serial.Length > 0) != (keyId.Length > 0) || (name.Length == 0 && serial.Length == 0))
            throw new CommandFault(ExitCode.Usage, "name an identity, or one certificate with --serial and --aki.");

        using CaSession session = CaSession.Open(invocation);
        using Enrollment revoker =
            await session.RegistrarAsync(invocation.Get(IdentityOptions.Registrar), cancellation);
        RevocationResult result = await session.Authority.RevokeAsync(
            revoker,
            new RevocationOrder
            {
                Id = name.Length > 0 ? session.IdOf(name) : "",
                SerialNumber = serial,
                AuthorityKeyId = keyId,
                Reason = invocation.Get(s_reason)!,
                WantsList = true,
            },
            cancellation);
        Directory.CreateDirectory(Path.GetDirectoryName(session.RevocationListFile)!);
        string next = session.RevocationListFile + ".next";
        await File.WriteAllTextAsync(next, result.ListPem, cancellation);
        File.Move(next, session.RevocationListFile, overwrite: true);
        Show(invocation, session, name, result);
        return ExitCode.Ok;
    }

    private static void Show(Invocation invocation, CaSession session, string name, RevocationResult result)
    {
        if (invocation.Json)
        {
            JsonView.Write(
                invocation.Console,
                new { Id = name, Revoked = result.Certificates, RevocationList = session.RevocationListFile });
            return;
        }

        string count = result.Certificates.Count.ToString(CultureInfo.InvariantCulture);
        string whose = name.Length > 0 ? $" of {name}" : "";
        invocation.Console.Output.WriteLine($"Revoked {count} certificates{whose}; list: {session.RevocationListFile}");
        invocation.Progress.Say(
            "The authority accepts them no more. Peers accept them until the channel's configuration holds the list: " +
            "./hyperprov channel propose --crl ORG=LIST -o update.bin, then channel submit update.bin");
    }
}
