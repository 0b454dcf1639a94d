namespace Node.Orderer.Tests.Building;

/// <summary>How long a test waits for an event before it says that it never came.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Fires when the limit, counted from now, is over.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;
}
