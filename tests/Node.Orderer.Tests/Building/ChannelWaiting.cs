using Node.Orderer.Ordering;

namespace Node.Orderer.Tests.Building;

internal static class ChannelWaiting
{
    /// <summary>Returns when the channel is in a state like this.</summary>
    public static async Task UntilAsync(this OrderingChannel channel, Func<ChannelState, bool> condition)
    {
        CancellationToken patience = Patience.Token;
        while (true)
        {
            Task changed = channel.Changed.Next;
            if (condition(channel.State))
                return;

            await changed.WaitAsync(patience);
        }
    }
}
