using Node.Hosting.Renewing;
using Node.Orderer.Broadcasting;
using Node.Orderer.Log;

namespace Node.Orderer.Ordering;

/// <summary>What every run of one channel is made of.</summary>
/// <param name="Folder">Of the channel's store.</param>
internal sealed record RunParts(
    string Folder, NodeIdentity Identity, OrderingQueue Queue, EnvelopeChecks Checks, ChannelSigns Signs,
    TimeProvider Clock, ILogEngine Engine)
{
    public DiskWatch Disk { get; init; } = new(Folder);

    public OrdererSeat Seat { get; init; } = OrdererSeat.Everywhere;

    /// <summary>Where blocks are gathered until they reach the one that was joined with.</summary>
    public string OnboardingFolder { get; init; } = Folder + ".onboarding";
}
