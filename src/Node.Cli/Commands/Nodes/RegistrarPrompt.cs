using Node.Ca.Hosting;
using Node.Cli.Running;
using Spectre.Console;

namespace Node.Cli.Commands.Nodes;

/// <summary>
/// Whom a new certificate authority makes its first registrar: from the environment, or from a person.
/// </summary>
internal static class RegistrarPrompt
{
    /// <param name="file">Holds id:secret; null for none.</param>
    /// <returns>Null where neither environment nor file say anything and nobody can be asked.</returns>
    /// <exception cref="CommandFault">The credential is empty or weak.</exception>
    public static RegistrarCredential? Ask(CliConsole console, string? file)
    {
        if (Environment.GetEnvironmentVariable(RegistrarCredential.Variable) is { } text)
            return Parse(text, RegistrarCredential.Variable);
        if (File.Exists(file))
            return Parse(File.ReadAllText(file).Trim(), file);

        return console.IsErrorTerminal && !Console.IsInputRedirected ? AskPerson(console.ErrorScreen) : null;
    }

    private static RegistrarCredential Parse(string text, string place) =>
        RegistrarCredential.TryParse(text, out RegistrarCredential? named, out string? fault)
            ? named
            : throw new CommandFault(ExitCode.Usage, $"{place}: {fault}");

    private static RegistrarCredential AskPerson(IAnsiConsole screen)
    {
        screen.WriteLine("The store is new. Its first registrar may register, revoke and list everybody.");
        while (true)
        {
            string id = screen.Prompt(new TextPrompt<string>("Id of the registrar:").DefaultValue("admin"));
            string secret = screen.Prompt(new TextPrompt<string>("Secret:").Secret());
            string again = screen.Prompt(new TextPrompt<string>("The same again:").Secret());
            if (secret != again)
                screen.WriteLine("The two differ.");
            else if (RegistrarCredential.TryCreate(id, secret, out RegistrarCredential? made, out string? fault))
                return made;
            else
                screen.WriteLine($"{fault}.");
        }
    }
}
