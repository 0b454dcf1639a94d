using Node.Orderer.Ordering;

namespace Node.Orderer.Participating;

/// <summary>What Fabric's channel participation API says about one channel, in its words.</summary>
/// <param name="Relation">"consenter" orders; "follower" takes blocks only.</param>
/// <param name="Status">"active", "onboarding", "inactive" or "failed".</param>
internal sealed record ChannelStanding(string Name, string Relation, string Status, ulong Height)
{
    public static ChannelStanding Of(OrderingChannel channel)
    {
        ChannelState state = channel.State;
        string relation = state.Run is { Context.Orders: false } ? "follower" : "consenter";
        string status = state.Phase switch
        {
            ChannelPhase.Active => state.Run is { IsCatchingUp: true } ? "onboarding" : "active",
            ChannelPhase.Onboarding => "onboarding",
            ChannelPhase.Failed => "failed",
            _ => "inactive",
        };
        return new ChannelStanding(channel.Id.Value, relation, status, channel.Height);
    }
}
