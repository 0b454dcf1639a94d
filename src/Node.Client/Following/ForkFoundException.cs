namespace Node.Client.Following;

/// <summary>Carries evidence up to where it is written; never leaves <see cref="LightClient"/>.</summary>
internal sealed class ForkFoundException(ForkEvidence evidence) : Exception("The channel has forked.")
{
    public ForkEvidence Evidence { get; } = evidence;
}
