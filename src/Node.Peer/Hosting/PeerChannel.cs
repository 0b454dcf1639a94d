using Node.Ledger;
using Node.Membership;
using Node.Peer.Committing;
using Node.Protocol;

namespace Node.Peer.Hosting;

/// <summary>One channel on this peer: its ledger and what was read from it.</summary>
/// <remarks>
/// Any thread reads; only the channel's commit loop writes. Read <see cref="Config"/> and <see cref="Ledger"/> once per
/// unit of work: a config block replaces the first, recovery from a storage failure the second.
/// </remarks>
internal sealed class PeerChannel
{
    private volatile ChannelConfig _config;
    private volatile ChannelLedger _ledger;
    private volatile string? _fault;
    private volatile string? _sourceFault;

    public PeerChannel(ChannelLedger ledger, ChannelConfig config)
    {
        _ledger = ledger;
        _config = config;
        Commits = new CommitFeed(() => _ledger);
        Definitions = new ContractDefinitions(() => _ledger, config);
        Pruning = new LedgerPruning(() => _ledger);
    }

    public ChannelId Id => _config.Id;

    /// <summary>The configuration in force after the last committed block.</summary>
    public ChannelConfig Config => _config;

    public ChannelLedger Ledger => _ledger;

    /// <summary>Tells who waits for a transaction or a block, once it is durable.</summary>
    public CommitFeed Commits { get; }

    public ContractDefinitions Definitions { get; }

    /// <summary>Removes bodies of old blocks when an administrator asks for it.</summary>
    public LedgerPruning Pruning { get; }

    /// <summary>Why nothing is committed at present, for people; null while all is well.</summary>
    public string? Fault
    {
        get => _fault;
        internal set => _fault = value;
    }

    /// <summary>Why no block can be pulled at present, for people; null while an orderer is connected.</summary>
    public string? SourceFault
    {
        get => _sourceFault;
        internal set => _sourceFault = value;
    }

    /// <summary>Called by the commit loop after the block that carries the new configuration is durable.</summary>
    internal void Adopt(ChannelConfig config)
    {
        _config = config;
        Definitions.Adopt(config);
    }

    /// <summary>Called by the commit loop when it has opened the ledger anew after a storage failure.</summary>
    internal void Adopt(ChannelLedger ledger)
    {
        _ledger = ledger;
        Definitions.Forget();
    }
}
