using Node.Hosting.Operating;
using Node.Hosting.Renewing;
using Node.Orderer.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>What keeps an orderer from its work, as /healthz tells it.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class OrdererHealth(ChannelDirectory channels, CertificateWatch certificates)
{
    public IEnumerable<FailedCheck> Find()
    {
        foreach (OrderingChannel channel in channels.All)
        {
            if (channel.Fault is { } reason)
                yield return new FailedCheck($"channel {channel.Id}", reason);
        }

        foreach (FailedCheck check in certificates.FindFaults())
            yield return check;
    }
}
