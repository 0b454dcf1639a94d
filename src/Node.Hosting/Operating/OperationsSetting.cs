using System.Diagnostics.Metrics;
using System.Net;
using Node.Hosting.Logging;

namespace Node.Hosting.Operating;

/// <summary>What an operations endpoint is made of.</summary>
public sealed class OperationsSetting
{
    public required IPAddress Address { get; init; }

    /// <summary>0 takes any free port; null means no endpoint.</summary>
    public required int? Port { get; init; }

    /// <summary>Null speaks plain HTTP and answers everything to everybody: a node started with --insecure.</summary>
    public required OperationsTls? Tls { get; init; }

    /// <summary>What is wrong now; nothing when all is well. Called per request, from any thread.</summary>
    public required Func<IEnumerable<FailedCheck>> Checks { get; init; }

    public required LogLevels Levels { get; init; }

    /// <summary>The node's own meters; the caller owns them.</summary>
    public required IReadOnlyList<Meter> Meters { get; init; }

    public required TimeProvider Clock { get; init; }
}
