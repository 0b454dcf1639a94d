using System.CommandLine;
using Node.Cli.Running;
using Node.Client.Enrolling;
using Node.Membership;
using Node.Membership.Topology;
using Spectre.Console;

namespace Node.Cli.Commands.Identities;

/// <summary>Options of the identity commands, and how their texts are read.</summary>
internal static class IdentityOptions
{
    public const string SecretVariable = "HYPERPROV_ENROLLMENT_SECRET";

    public static readonly Argument<string> Name = new("name") { Description = "The identity: its enrolment id" };

    public static readonly Option<string?> Registrar = new("--registrar")
    {
        Description = "As which user of the organisation to act (default: the network's first registrar)",
        HelpName = "USER",
    };

    public static readonly Option<string?> SecretFile = new("--secret-file")
    {
        Description = "A file with the secret; - for standard input",
        HelpName = "FILE",
    };

    public static readonly Option<string?> KeyTypeName = new("--key-type")
    {
        Description = "p256 or ed25519 (default: the network's; Ed25519 cannot be renewed, it has no token form)",
        HelpName = "TYPE",
    };

    /// <param name="text">As name=value, or name=value:ecert.</param>
    public static IdentityAttribute ParseAttribute(string text)
    {
        const string Ecert = ":ecert";
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new CommandFault(
                ExitCode.Usage, $"--attr {text}: an attribute is NAME=VALUE, with :ecert behind it to be in every " +
                    "certificate.");

        bool isMarked = text.EndsWith(Ecert, StringComparison.Ordinal);
        string value = text[(equals + 1)..];
        return new IdentityAttribute(
            text[..equals], isMarked ? value[..^Ecert.Length] : value, isMarked);
    }

    public static KeyType ParseKeyType(Invocation invocation, KeyType ofNetwork)
    {
        if (invocation.Get(KeyTypeName) is not { } text)
            return ofNetwork;

        return KeyTypeNames.TryParse(text, out KeyType type)
            ? type
            : throw new CommandFault(ExitCode.Usage, $"--key-type is p256 or ed25519, not \"{text}\".");
    }

    /// <summary>From --secret-file, the environment, or a person; empty when nobody names one.</summary>
    public static async Task<string> ReadSecretAsync(
        Invocation invocation, string? asking, CancellationToken cancellation)
    {
        if (invocation.Get(SecretFile) is { } file)
        {
            string text = file == "-"
                ? await new StreamReader(invocation.Console.Input).ReadToEndAsync(cancellation)
                : await File.ReadAllTextAsync(invocation.Console.PathOf(file), cancellation);
            return text.TrimEnd('\r', '\n');
        }

        if (Environment.GetEnvironmentVariable(SecretVariable) is { Length: > 0 } secret)
            return secret;

        return asking is not null && invocation.Console.IsErrorTerminal && !Console.IsInputRedirected
            ? invocation.Console.ErrorScreen.Prompt(new TextPrompt<string>(asking).Secret())
            : "";
    }
}
