using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Running;

namespace Node.Cli.Commands.Storing;

/// <summary><c>--store</c>, for commands that move content.</summary>
internal static class StoreOption
{
    public static Option<string> Create(string description) => new("--store")
    {
        Description = description,
        HelpName = "NAME|URI",
    };

    /// <summary>A path is relative to where the person is, a name is one of stores.yaml.</summary>
    public static string PathOrName(Invocation invocation, string text) =>
        !text.Contains("://", StringComparison.Ordinal) && text.Contains('/') ? invocation.Console.PathOf(text) : text;

    public static NetworkSession Open(Invocation invocation, Option<string> option) =>
        NetworkSession.Open(
            invocation, invocation.Get(option) is { } text ? PathOrName(invocation, text) : null);
}
