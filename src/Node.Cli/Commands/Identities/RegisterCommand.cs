using System.CommandLine;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Enrolling;

namespace Node.Cli.Commands.Identities;

/// <summary><c>identity register</c>: make an identity known, and get the secret with which it enrols.</summary>
internal static class RegisterCommand
{
    private static readonly Option<string> s_type = new("--type")
    {
        Description = "Its role: client, peer, admin, orderer",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "client",
    };

    private static readonly Option<string?> s_affiliation = new("--affiliation")
    {
        Description = "Where it belongs, as org1.department1 (default: the registrar's own)",
        HelpName = "PATH",
    };

    private static readonly Option<string[]> s_attributes = new("--attr")
    {
        Description = "An attribute; with :ecert behind the value it is in every certificate of the identity",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int> s_enrollments = new("--max-enrollments")
    {
        Description = "How often the secret can be used; -1 for any number",
        HelpName = "COUNT",
        DefaultValueFactory = _ => 1,
    };

    public static Command Create() => new Verb(
        "register", "Make an identity known to the organisation's certificate authority and print its secret",
        "identity register sensor7 --attr role=sensor:ecert --affiliation org1.department1")
        .Takes(
            IdentityOptions.Name, s_type, s_affiliation, s_attributes, s_enrollments, IdentityOptions.SecretFile,
            IdentityOptions.Registrar)
        .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        string name = invocation.Get(IdentityOptions.Name);
        var registration = new Registration
        {
            Id = name,
            Type = invocation.Get(s_type)!,
            Affiliation = invocation.Get(s_affiliation),
            MaxEnrollments = invocation.Get(s_enrollments),
            Attributes = [.. (invocation.Get(s_attributes) ?? []).Select(IdentityOptions.ParseAttribute)],
            Secret = await IdentityOptions.ReadSecretAsync(invocation, asking: null, cancellation),
        };
        using CaSession session = CaSession.Open(invocation);
        using Enrollment registrar =
            await session.RegistrarAsync(invocation.Get(IdentityOptions.Registrar), cancellation);
        string secret = await session.Authority.RegisterAsync(registrar, registration, cancellation);
        if (invocation.Json)
        {
            JsonView.Write(
                invocation.Console,
                new { registration.Id, registration.Type, MspId = session.Organization.MspId.Value, Secret = secret });
            return ExitCode.Ok;
        }

        invocation.Console.Output.WriteLine(secret);
        invocation.Progress.Say(
            $"Registered {name} with {session.Organization.CaName}. The secret is shown this once. Enrol with: " +
            $"{IdentityOptions.SecretVariable}=… ./hyperprov identity enroll {name} --org " +
            $"{invocation.Organization}{invocation.FolderOption}");
        return ExitCode.Ok;
    }
}
