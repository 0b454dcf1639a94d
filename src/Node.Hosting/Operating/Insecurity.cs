using Microsoft.Extensions.Logging;

namespace Node.Hosting.Operating;

/// <summary>
/// What is said of ports without TLS: why a node refuses them, and the line at each start that has them.
/// </summary>
public static partial class Insecurity
{
    /// <summary>The fault of options that give no TLS, unless that is meant.</summary>
    public static void AddFault(List<string> faults, bool hasTls, bool isInsecure)
    {
        if (!hasTls && !isInsecure)
            faults.Add(
                "Tls is missing, and no port speaks without TLS: name Tls.CertificateFile and Tls.KeyFile, or say "
                + "that plaintext is meant, with \"insecure\": true in this file or --insecure");
    }

    /// <summary>To be said at every start.</summary>
    [LoggerMessage(10, LogLevel.Warning,
        "INSECURE: {Node} serves WITHOUT TLS because of --insecure. Anybody on the way reads and changes what it "
        + "says, and its operations port answers everybody")]
    public static partial void Say(ILogger log, string node);
}
