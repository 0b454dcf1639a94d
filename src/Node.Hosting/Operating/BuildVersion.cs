using System.Reflection;

namespace Node.Hosting.Operating;

/// <summary>What was built, and from which commit.</summary>
/// <param name="CommitSha">40 hexadecimal digits; empty where the build knew no commit.</param>
public sealed record BuildVersion(string Version, string CommitSha)
{
    /// <summary>Of the program that runs in this process; of this library where that is not ours.</summary>
    public static BuildVersion OfProgram { get; } = Parse(
        OurProgram().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <summary>Reads what the build writes into a program: <c>0.4.0+COMMIT</c>, or without the commit.</summary>
    public static BuildVersion Parse(string? informational)
    {
        if (string.IsNullOrEmpty(informational))
            return new BuildVersion("unknown", CommitSha: "");

        int plus = informational.IndexOf('+', StringComparison.Ordinal);
        return plus < 0
            ? new BuildVersion(informational, CommitSha: "")
            : new BuildVersion(informational[..plus], informational[(plus + 1)..]);
    }

    // The build writes the commit into the program alone.
    private static Assembly OurProgram()
    {
        Assembly own = typeof(BuildVersion).Assembly;
        return Assembly.GetEntryAssembly() is { } program && ProductOf(program) == ProductOf(own) ? program : own;
    }

    private static string? ProductOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product;
}
