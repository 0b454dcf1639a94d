using Node.Ledger;
using Node.Orderer.Ordering;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Nodes;

namespace Node.Simulation.Checks;

/// <summary>What was found wrong first.</summary>
/// <param name="Checker">one-history, acknowledged, durable, told, once, commit-hash, state, config, progress or
/// invariant.</param>
public sealed record SimulationFailure(string Checker, string What);

/// <summary>
/// Watches every block that anybody makes or commits, and all that anybody is told, from outside of the product.
/// </summary>
/// <remarks>
/// Reads blocks as Fabric's messages and hashes them itself: none of the product's decoders, checks or trees is trusted
/// here.
/// </remarks>
internal sealed class Judge(World world)
{
    private readonly List<Hash32> _history = [];   // Of each block what all orderers must agree on.
    private readonly List<Hash32?> _verdicts = [];   // Of each block codes and commit hash; null: nobody has committed.
    private readonly List<Hash32> _headers = [];
    private readonly Replay _replay = new();
    private readonly Dictionary<string, ulong> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<TxId, (ulong Block, TxValidationCode Code)> _transactions = [];
    private readonly HashSet<TxId> _submitted = [];
    private readonly List<TxId> _acknowledged = [];
    private readonly List<(TxId Id, CommitAnswer Answer)> _told = [];
    private readonly Dictionary<ulong, Hash32> _configs = [];
    private ulong _configSequence;

    /// <summary>Null while everything is well.</summary>
    public SimulationFailure? Failure { get; private set; }

    public int TransactionsAcknowledged => _acknowledged.Count;

    public int TransactionsValid => _transactions.Values.Count(place => place.Code == TxValidationCode.Valid);

    public int Transactions => _transactions.Count;

    public ulong Height => (ulong)_history.Count;

    public void Fail(string checker, string what)
    {
        if (Failure is not null)
            return;

        Failure = new SimulationFailure(checker, what);
        world.Events.Add("judge", $"{checker}: {what}");
    }

    /// <summary>Looks at what an orderer made since the last time.</summary>
    public void OrdererHas(SimulatedOrderer orderer, BlockFeed feed)
    {
        string name = orderer.Host.Name;
        ulong next = Math.Min(_seen.GetValueOrDefault(name), feed.Height);
        for (; next < feed.Height; next++)
        {
            // Its store may be gone by now; then it is asked again when it is open.
            try
            {
                if (feed.TryRead(next, out BlockImage image))
                    CheckHistory(name, next, Block.Parser.ParseFrom(image.ToWhole().Span));
            }
            catch (StorageFailedException)
            {
                break;
            }
        }

        _seen[name] = next;
    }

    /// <summary>Whoever has committed a block has it for ever.</summary>
    public void PeerOpened(SimulatedPeer peer, ChannelLedger ledger)
    {
        ulong had = _seen.GetValueOrDefault(peer.Host.Name);
        if (ledger.Height < had)
            Fail("durable", $"{peer.Host.Name} starts at height {ledger.Height} and had {had} before");

        PeerHas(peer, ledger);
    }

    /// <summary>Looks at what a peer committed since the last time.</summary>
    public void PeerHas(SimulatedPeer peer, ChannelLedger ledger)
    {
        string name = peer.Host.Name;
        ulong next = _seen.GetValueOrDefault(name);
        for (; next < ledger.Height; next++)
        {
            byte[]? bytes;
            try
            {
                if (!ledger.TryReadBlock(next, out bytes))
                {
                    Fail("durable", $"{name} has height {ledger.Height} and no block {next}");
                    return;
                }
            }
            catch (StorageFailedException)
            {
                break;
            }

            Block block = Block.Parser.ParseFrom(bytes);
            CheckHistory(name, next, block);
            CheckVerdicts(name, next, block);
        }

        _seen[name] = next;
    }

    /// <summary>An envelope with this id is on its way.</summary>
    public void Submitted(TxId id) => _submitted.Add(id);

    /// <summary>A client was told that its transaction is ordered.</summary>
    public void Acknowledged(TxId id) => _acknowledged.Add(id);

    /// <summary>A client was told that its transaction is committed.</summary>
    public void ToldCommitted(TxId id, CommitAnswer answer)
    {
        _told.Add((id, answer));
        if (!_transactions.TryGetValue(id, out (ulong Block, TxValidationCode Code) place))
            Fail("told", $"{answer.Peer} says that {id} is in block {answer.Position.Block}, where nobody has it");
        else if (place.Block != answer.Position.Block || place.Code != answer.Position.Code)
            Fail("told", $"{answer.Peer} says {answer.Position} of {id}, it is {place.Code} in block {place.Block}");
    }

    /// <summary>An administrator was told that an update of this version of the configuration holds.</summary>
    public void ConfigAcknowledged(ulong sequence, Hash32 update)
    {
        if (_configs.TryGetValue(sequence, out Hash32 other) && other != update)
            Fail("config", $"two updates of configuration {sequence} were both taken");

        _configs[sequence] = update;
    }

    /// <summary>Once all is quiet: what was promised is there, and state is what the transactions made.</summary>
    public void CheckEnd()
    {
        foreach (TxId id in _acknowledged)
        {
            if (!_transactions.ContainsKey(id))
                Fail("acknowledged", $"{id} was acknowledged and is in no block");
        }

        foreach (SimulatedPeer peer in world.Peers)
        {
            if (peer.Ledger is not { } ledger)
                continue;

            using StateSnapshot snapshot = ledger.Snapshot();
            if (_replay.FaultOf(snapshot) is { } fault)
                Fail("state", $"{peer.Host.Name}: {fault}");
        }
    }

    private void CheckHistory(string who, ulong number, Block block)
    {
        if (block.Header.Number != number)
            Fail("one-history", $"{who} has block {block.Header.Number} where block {number} should be");

        Hash32 agreed = BlockReading.AgreedOf(block);
        if (number < (ulong)_history.Count)
        {
            if (_history[(int)number] != agreed)
                Fail("one-history", $"{who} has another block {number} than who had it first");

            return;
        }

        if (number > (ulong)_history.Count)
        {
            Fail("one-history", $"{who} has block {number}, and nobody has block {_history.Count}");
            return;
        }

        if (number > 0 && !block.Header.PreviousHash.Span.SequenceEqual(_headers[^1].AsSpan()))
            Fail("one-history", $"block {number} of {who} does not name the block before it");

        _history.Add(agreed);
        _verdicts.Add(null);
        _headers.Add(BlockReading.HeaderHashOf(block.Header));
        world.Events.Add(who, $"has block {number} first, {block.Data.Data.Count} envelopes, {agreed}");
    }

    private void CheckVerdicts(string who, ulong number, Block block)
    {
        Hash32 verdicts = BlockReading.VerdictsOf(block);
        if (_verdicts[(int)number] is { } known)
        {
            if (known != verdicts)
                Fail("commit-hash", $"{who} has other codes or another commit hash for block {number}");

            return;
        }

        _verdicts[(int)number] = verdicts;
        ReadOnlySpan<byte> codes = block.Metadata.Metadata[2].Span;
        for (int index = 0; index < block.Data.Data.Count; index++)
        {
            var read = BlockReading.Read(block.Data.Data[index]);
            var code = (TxValidationCode)codes[index];
            if (read.ConfigSequence is { } sequence)
                CheckConfig(number, sequence);
            else
                CheckTransaction(number, read.Id, code);

            if (read.Results is { } results && _replay.Take(number, (ulong)index, results, code) is { } fault)
                Fail("state", $"{read.Id} in block {number} is {code}: {fault}");
        }
    }

    private void CheckConfig(ulong number, ulong sequence)
    {
        if (number > 0 && sequence != _configSequence + 1)
            Fail("config", $"block {number} brings configuration {sequence} behind {_configSequence}");

        _configSequence = sequence;
    }

    private void CheckTransaction(ulong number, TxId id, TxValidationCode code)
    {
        bool isKnown = _transactions.TryGetValue(id, out (ulong Block, TxValidationCode Code) before);
        if (isKnown && code == TxValidationCode.Valid && before.Code == TxValidationCode.Valid)
            Fail("once", $"{id} is valid in block {before.Block} and again in block {number}");
        if (!_submitted.Contains(id))
            Fail("told", $"{id} in block {number} was submitted by nobody");

        // The first place counts: what comes later is a duplicate.
        if (!isKnown)
            _transactions.Add(id, (number, code));
    }
}
