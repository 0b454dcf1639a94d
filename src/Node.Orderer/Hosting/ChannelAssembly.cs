using Microsoft.Extensions.Logging;
using Node.Hosting.Renewing;
using Node.Orderer.Broadcasting;
using Node.Orderer.Etcd;
using Node.Orderer.Log;
using Node.Orderer.Ordering;

namespace Node.Orderer.Hosting;

/// <summary>Puts together the channels whose genesis blocks an orderer was given.</summary>
internal static class ChannelAssembly
{
    /// <exception cref="ArgumentException">A genesis block cannot be read, or two are of one channel.</exception>
    public static ChannelDirectory Build(
        OrdererOptions options, NodeIdentity identity, OrdererMetrics metrics, ILogger logger,
        EtcdLogEngine? etcd, TimeProvider clock)
    {
        var checks = new EnvelopeChecks(new ConfigTransactions(identity, clock), clock);
        var channels = new List<OrderingChannel>();
        foreach (string file in options.GenesisBlockFiles)
        {
            GenesisBlock genesis = Read(file);
            if (channels.Any(known => known.Id == genesis.Channel))
                throw new ArgumentException($"genesis block {file}: {genesis.Channel} is given twice", nameof(options));

            string folder = Path.Combine(options.DataFolder, "channels", genesis.Channel.Value);
            var signs = new ChannelSigns(genesis.Channel, logger, metrics);
            ILogEngine engine = etcd is null ? new LocalLogEngine(folder) : etcd;
            var parts = new RunParts(folder, identity, new OrderingQueue(), checks, signs, clock, engine);
            var channel = new OrderingChannel(genesis, parts);
            metrics.Observe(
                "orderer_queue_envelopes", "Envelopes that wait to be ordered", channel.Id, () => channel.QueueLength);
            metrics.Observe(
                "orderer_height", "Blocks in the channel; 0 while it is not open", channel.Id, () => HeightOf(channel));
            channels.Add(channel);
        }

        return new ChannelDirectory(channels);
    }

    private static long HeightOf(OrderingChannel channel) => (long)(channel.State.Run?.Feed.Height ?? 0);

    private static GenesisBlock Read(string file)
    {
        try
        {
            return GenesisBlock.TryDecode(File.ReadAllBytes(file), out GenesisBlock? genesis, out string? fault)
                ? genesis
                : throw new ArgumentException($"genesis block {file}: {fault}", nameof(file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"genesis block {file}: {failure.Message}", nameof(file), failure);
        }
    }
}
