using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Node.Client.Recording;
using Node.Membership;
using Node.Membership.Blocks;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Common;
using TxValidationCode = Node.Protocol.Wire.Peer.TxValidationCode;
using WireReceipt = Node.Protocol.Wire.Hyperprov.Receipt;

namespace Node.Client.Receipts;

/// <summary>One run through the steps of a verification. What a step established, later ones build on.</summary>
internal sealed class ReceiptSteps
{
    private readonly WireReceipt _receipt;
    private readonly Hash32 _genesisHash;
    private readonly ReceiptDemands _demands;
    private readonly (string Name, Func<string?> Check)[] _steps;

    private string _found = "";   // What the step at hand established, in words.

    // Set by the step that establishes them, before the first that needs them.
    private TrustPath _path = null!;
    private VerifiedBlock _block = null!;
    private DecodedTransaction _transaction = null!;
    private DateTimeOffset _time;
    private Identity _creator = null!;
    private List<Identity> _attesters = [];
    private List<Identity> _endorsers = [];
    private List<ProvenanceRecord> _records = [];

    public ReceiptSteps(WireReceipt receipt, Hash32 genesisHash, ReceiptDemands demands)
    {
        _receipt = receipt;
        _genesisHash = genesisHash;
        _demands = demands;
        Func<string?>[] checks =
        [
            Genesis, Configuration, SignedByOrderer, Chain, Inclusion, Transaction, Creator, Dates, Attestations,
            Validity, Endorsements, Record,
        ];
        _steps = [.. Names.Zip(checks)];
    }

    public static IReadOnlyList<string> Names { get; } =
    [
        "genesis", "configuration", "block", "chain", "inclusion", "transaction", "creator", "dates", "attestations",
        "validity", "endorsements", "record",
    ];

    private ChannelConfig Config => _path.Config;

    public ReceiptReport Run()
    {
        var steps = new List<VerificationStep>(_steps.Length);
        bool failed = false;
        foreach ((string name, Func<string?> check) in _steps)
        {
            if (failed)
            {
                steps.Add(new VerificationStep(name, StepOutcome.NotReached, ""));
                continue;
            }

            string? fault = check();
            failed = fault is not null;
            steps.Add(new VerificationStep(name, failed ? StepOutcome.Failed : StepOutcome.Passed, fault ?? _found));
        }

        return new ReceiptReport { Steps = steps, Proven = failed ? null : Proven() };
    }

    private string? Genesis()
    {
        if (!TrustPath.TryStart(
            _receipt.Configurations.FirstOrDefault(), _genesisHash, out TrustPath? path, out string? fault))
            return fault;

        _path = path;
        _found = $"channel {Config.Id} began with block {_genesisHash}, as expected";
        return null;
    }

    private string? Configuration()
    {
        int count = _receipt.Configurations.Count;
        if (count > Limits.ProofConfigurationsMax)
            return $"it carries {count} configurations, at most {Limits.ProofConfigurationsMax} are read";

        for (int index = 1; index < count; index++)
        {
            if (!_path.TryAdvance(_receipt.Configurations[index], out _, out string? fault))
                return fault;
        }

        int organizations = Config.ApplicationOrganizations.Count;
        string changes = count == 2 ? "1 change followed" : $"{count - 1} changes followed, the last";
        _found = count == 1
            ? $"the genesis block's own is in force: {organizations} organisations"
            : $"{changes} in block {_path.Newest.Number}: {organizations} organisations";
        return null;
    }

    private string? SignedByOrderer()
    {
        if (!SignedBlockCheck.TryVerify(_receipt.Block, Config, out VerifiedBlock? block, out string? fault))
            return fault;
        if (block.LastConfig != _path.Newest.Number)
            return $"its orderer says that block {block.LastConfig} carries the configuration in force; the " +
                $"newest in the receipt is of block {_path.Newest.Number}";
        if (block.Number <= _path.Newest.Number)
            return $"block {block.Number} does not come after its configuration";

        _block = block;
        _found = $"block {block.Number} is signed by {NamesOf(block.Signers)}";
        return null;
    }

    private string? Chain()
    {
        for (int index = 0; index < _path.Leaves.Count; index++)
        {
            (ulong number, Hash32 leaf) = _path.Leaves[index];
            if (!TryReadPath(_receipt.Configurations[index].ChainPath, out Hash32[]? hashes)
                || !MerkleProofs.VerifyInclusion(leaf, number, _block.Number, hashes, _block.Roots.Chain))
                return $"configuration block {number} is not in the chain that block {_block.Number} commits to";
        }

        _found = $"block {_block.Number} commits to a chain that holds these configurations";
        return null;
    }

    private string? Inclusion()
    {
        Hash32 leaf = MerkleHash.OfLeaf(_receipt.Envelope.Span);
        if (!TryReadPath(_receipt.Path, out Hash32[]? hashes)
            || !MerkleProofs.VerifyInclusion(
                leaf, _receipt.Index, _receipt.Count, hashes, _block.Roots.Transactions))
            return $"the transaction is not number {_receipt.Index} of {_receipt.Count} in what block " +
                $"{_block.Number} commits to";

        _found = $"transaction {_receipt.Index} of {_receipt.Count} in block {_block.Number}";
        return null;
    }

    private string? Transaction()
    {
        if (!DecodedEnvelope.TryDecodeInBlock(
            _receipt.Envelope.Memory, out DecodedEnvelope? envelope, out DecodeFault fault))
            return $"the envelope cannot be read: {fault.Text}";
        if (envelope.Type != HeaderType.EndorserTransaction)
            return $"it is of type {envelope.Type}, only transactions of contracts have receipts";
        if (!DecodedTransaction.TryDecode(envelope, out DecodedTransaction? transaction, out fault))
            return $"the transaction cannot be read: {fault.Text}";
        if (!envelope.TryGetChannelId(out ChannelId channel, out _) || channel != Config.Id)
            return $"it was made for channel \"{channel}\", the configuration is that of {Config.Id}";
        if (envelope.Timestamp is not { } stamp || !stamp.TryToDateTimeOffset(out _time))
            return "it does not say when it was made";

        _transaction = transaction;
        _found = $"{transaction.TxId} calls {transaction.ContractName} at {_time:u}";
        return null;
    }

    private string? Creator()
    {
        DecodedEnvelope envelope = _transaction.Envelope;
        if (!Config.TryResolve(envelope.Creator.Span, out Identity? creator, out string? fault))
            return $"its creator is no member of the channel: {fault}";
        if (!creator.Verify(envelope.Payload.Span, envelope.Signature.Span))
            return $"the signature of {creator} does not fit the transaction";

        _creator = creator;
        _found = $"signed by {creator}";
        return null;
    }

    // The time is the client's; endorsers and orderers refuse one that is far from theirs.
    private string? Dates()
    {
        if (ReceiptTime.FaultOf(_creator, _time) is { } expired)
            return $"the creator {expired}";

        foreach (Identity orderer in _block.Signers)
        {
            if (ReceiptTime.FaultOf(orderer, _time) is { } late)
                return $"the orderer {late}";
        }

        _found = $"the certificates of creator and orderer were valid at {_time:u}";
        return null;
    }

    private string? Attestations()
    {
        if (!Hash32.TryRead(_receipt.CommitHash.Span, out Hash32 commitHash))
            return $"the commit hash has {_receipt.CommitHash.Length} bytes instead of 32";
        if (_receipt.Policies.Count > Limits.ReceiptPoliciesMax || _receipt.Attestations.Count > Limits.AttestationsMax)
            return $"it carries {_receipt.Policies.Count} policies and {_receipt.Attestations.Count} " +
                $"attestations; at most {Limits.ReceiptPoliciesMax} and {Limits.AttestationsMax} are read";
        if (_receipt.Code > byte.MaxValue)
            return $"{_receipt.Code} is no validation code";

        int needed = _demands.AttestingOrganizations ?? (Config.ApplicationOrganizations.Count / 2) + 1;
        var check = new AttestationCheck(Config, _time);
        if (!check.TryCheck(_receipt.Attestations, Statement(commitHash), needed, out _attesters, out string? fault))
            return fault;

        _found = $"{NamesOf(_attesters)} vouch for it";
        return null;
    }

    private string? Validity()
    {
        var code = (TxValidationCode)_receipt.Code;
        if (code != TxValidationCode.Valid)
            return $"the peers attest that it is invalid: {Protocol.TxValidationCodeText.Of(code).Words} ({code})";

        _found = "the peers attest that it is valid";
        return null;
    }

    private string? Endorsements()
    {
        var check = new EndorsementCheck(Config, _time);
        if (!check.TryCheck(_transaction, _receipt.Policies, out _endorsers, out string? fault))
            return fault;

        string contracts = string.Join(" and ", _receipt.Policies.Select(policy => policy.Contract));
        _found = $"{NamesOf(_endorsers)} endorsed it, as the policy of {contracts} demands";
        return null;
    }

    private string? Record()
    {
        if (!ReceiptContents.TryRead(
            _transaction, _creator, (_block.Number, _receipt.Index), out _records, out string? fault))
            return fault;

        _found = _records.Count switch
        {
            0 => "it wrote no provenance record",
            1 => $"it recorded \"{_records[0].Key}\" as {_records[0].ChecksumAlgorithm} {_records[0].Hash}",
            int many => string.Create(CultureInfo.InvariantCulture, $"it wrote {many} provenance records"),
        };
        return null;
    }

    private ValidationStatement Statement(Hash32 commitHash) => new()
    {
        Channel = Config.Id,
        BlockNumber = _block.Number,
        BlockHash = _block.Hash,
        Index = _receipt.Index,
        Count = _receipt.Count,
        TransactionId = _transaction.TxId,
        Code = (byte)_receipt.Code,
        CommitHash = commitHash,
        Policies = [.. _receipt.Policies.Select(policy => new PolicyInForce(policy.Contract, policy.Policy.Memory))],
    };

    private ProvenTransaction Proven() => new()
    {
        Channel = Config.Id,
        TransactionId = _transaction.TxId,
        Block = _block.Number,
        Index = _receipt.Index,
        Time = _time,
        Creator = _creator.ToString(),
        Contract = _transaction.ContractName,
        Endorsers = [.. _endorsers.Select(endorser => endorser.ToString())],
        Attesters = [.. _attesters.Select(attester => attester.ToString())],
        Records = _records,
    };

    private static bool TryReadPath(
        RepeatedField<ByteString> path, [NotNullWhen(true)] out Hash32[]? hashes)
    {
        hashes = null;
        if (path.Count > MerkleProofs.PathMax)
            return false;

        var read = new Hash32[path.Count];
        for (int index = 0; index < read.Length; index++)
        {
            if (!Hash32.TryRead(path[index].Span, out read[index]))
                return false;
        }

        hashes = read;
        return true;
    }

    private static string NamesOf(IEnumerable<Identity> identities) =>
        string.Join(" and ", identities.Select(identity => identity.ToString()));
}
