using Microsoft.Extensions.Logging;
using Node.Hosting.Renewing;
using Node.Orderer.Broadcasting;
using Node.Orderer.Etcd;
using Node.Orderer.Log;
using Node.Orderer.Ordering;
using Node.Orderer.Participating;
using Node.Protocol;

namespace Node.Orderer.Hosting;

/// <summary>Puts together the channels of an orderer: those it was configured with, and those it joined.</summary>
internal sealed class ChannelAssembly(
    OrdererOptions options, NodeIdentity identity, OrdererMetrics metrics, ILogger logger, EtcdLogEngine? etcd,
    TimeProvider clock)
{
    private readonly EnvelopeChecks _checks = new(new ConfigTransactions(identity, clock), clock);
    private readonly OrdererSeat _seat = new(options.Tls?.CertificateFile);

    public ParticipationFolder Folder { get; } = new(options.DataFolder);

    /// <exception cref="ArgumentException">A genesis block cannot be read, or two are of one channel.</exception>
    /// <exception cref="StorageFailedException">The data folder cannot be used.</exception>
    public ChannelDirectory Build()
    {
        Folder.FinishRemovals();
        var joined = Folder.ReadJoined().Select(kept => Decode(kept.File, kept.Block)).ToList();
        var configured = new List<JoinBlock>();
        foreach (string file in options.GenesisBlockFiles)
        {
            JoinBlock block = Decode(file, Read(file));
            if (configured.Any(known => known.Channel == block.Channel))
                throw new ArgumentException($"genesis block {file}: {block.Channel} is given twice", nameof(options));
            if (block.Genesis is null)
                throw new ArgumentException($"{file} is block {block.Number}, not a genesis block", nameof(options));

            configured.Add(block);
        }

        IEnumerable<JoinBlock> served = configured.Where(block =>
            Folder.HeightWhenRemoved(block.Channel) is null
            && !joined.Any(other => other.Channel == block.Channel));
        var channels = new ChannelDirectory(joined.Concat(served).Select(Channel));
        metrics.Observe(
            "orderer_queue_envelopes", "Envelopes that wait to be ordered",
            () => channels.All.Select(channel => (channel.Id, (long)channel.QueueLength)));
        metrics.Observe(
            "orderer_height", "Blocks in the channel; 0 while it is not open",
            () => channels.All.Select(channel => (channel.Id, (long)channel.Height)));
        return channels;
    }

    /// <summary>A channel that is not running yet.</summary>
    public OrderingChannel Channel(JoinBlock block)
    {
        string folder = Folder.StoreOf(block.Channel);
        var signs = new ChannelSigns(block.Channel, logger, metrics);
        var parts = new RunParts(
            folder, identity, new OrderingQueue(), _checks, signs, clock, EngineOf(block.Channel))
        {
            Seat = _seat,
            OnboardingFolder = Folder.OnboardingOf(block.Channel),
        };
        return new OrderingChannel(block, parts);
    }

    public ILogEngine EngineOf(ChannelId channel) => etcd is null ? new LocalLogEngine(Folder.StoreOf(channel)) : etcd;

    private static JoinBlock Decode(string file, byte[] bytes) =>
        JoinBlock.TryDecode(bytes, out JoinBlock? block, out string? fault)
            ? block
            : throw new ArgumentException($"block {file}: {fault}", nameof(file));

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"genesis block {file}: {failure.Message}", nameof(file), failure);
        }
    }
}
