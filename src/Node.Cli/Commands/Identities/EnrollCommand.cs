using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership;

namespace Node.Cli.Commands.Identities;

/// <summary><c>identity enroll</c>: get a certificate, and become a user of the network.</summary>
internal static class EnrollCommand
{
    internal static readonly Option<string[]?> Wishes = new("--attr-req")
    {
        Description = "Ask for this attribute in the certificate; with ? behind it, only if the identity has it",
        HelpName = "NAME",
    };

    private static readonly Option<bool> s_replace = new("--replace")
    {
        Description = "Put the new certificate into a folder that exists; what is there is kept aside",
    };

    public static Command CreateEnroll() => new Verb(
        "enroll", "Get a certificate with the secret, so that --user NAME works",
        "identity enroll sensor7 --secret-file secret.txt")
        .Takes(
            IdentityOptions.Name, IdentityOptions.SecretFile, Wishes, IdentityOptions.KeyTypeName, s_replace)
        .Runs(EnrollAsync);

    private static async Task<ExitCode> EnrollAsync(Invocation invocation, CancellationToken cancellation)
    {
        string name = invocation.Get(IdentityOptions.Name);
        using CaSession session = CaSession.Open(invocation);
        MemberFolder folder = session.FolderOf(name);
        if (folder.Exists && !invocation.Get(s_replace))
            throw new CommandFault(
                ExitCode.Usage,
                $"there is a user {name} already: {folder.Root}. Renew its certificate with: ./hyperprov identity " +
                $"renew {name}, or put another one there with --replace.");

        string secret = await IdentityOptions.ReadSecretAsync(invocation, $"Secret of {name}:", cancellation);
        if (secret.Length == 0)
            throw new CommandFault(
                ExitCode.Usage,
                $"no secret: name a file with --secret-file (- for standard input), or set " +
                $"{IdentityOptions.SecretVariable}.");

        var wishes = new EnrollOptions
        {
            KeyType = IdentityOptions.ParseKeyType(invocation, session.KeyType),
            Attributes = invocation.Get(Wishes) is { Length: > 0 } names ? names : null,
        };
        using Enrollment enrollment = await session.Authority.EnrollAsync(name, secret, wishes, cancellation);
        return await WriteAsync(invocation, session, folder, enrollment, "Enrolled", cancellation);
    }

    /// <summary>Writes a certificate with its key, and a TLS pair beside it, into a user's folder.</summary>
    internal static async Task<ExitCode> WriteAsync(
        Invocation invocation, CaSession session, MemberFolder folder, Enrollment enrollment, string what,
        CancellationToken cancellation)
    {
        string? old = folder.Write(enrollment);

        // Cryptogen gives every user a TLS pair; the TLS authority takes the new certificate's word. Ed25519 has none.
        if (enrollment.CanSignTokens)
        {
            using Enrollment tls = await session.Authority.ReenrollAsync(
                enrollment,
                new EnrollOptions
                {
                    Profile = "tls", CaName = session.Organization.TlsCaName, KeyType = KeyType.P256,
                },
                cancellation);
            folder.WriteTls(tls);
        }

        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new
            {
                folder.Name,
                Folder = folder.Root,
                enrollment.Certificate.Number.SerialNumber,
                enrollment.Certificate.Number.AuthorityKeyId,
                enrollment.Certificate.NotAfter,
                enrollment.Certificate.Attributes,
                Old = old,
            });
            return ExitCode.Ok;
        }

        invocation.Console.Output.WriteLine(
            $"{what} {folder.Name}, valid until {enrollment.Certificate.NotAfter:yyyy-MM-dd}: {folder.Root}");
        if (!enrollment.CanSignTokens)
            invocation.Progress.Say(
                "An Ed25519 certificate cannot be renewed and has no TLS pair: Fabric CA's tokens have no form for it");
        if (old is not null)
            invocation.Progress.Say($"The certificate and key before it are in {old}");

        return ExitCode.Ok;
    }
}
