using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;
using Node.Testing.Channels;
using Version = Node.Protocol.Wire.KeyValues.Version;

namespace Node.Testing.Transactions;

/// <summary>Builds one transaction: valid by default, and each call changes one thing.</summary>
/// <remarks>
/// The Changing… hooks see a message after it was filled and before it is hashed or signed, so that what is built
/// stays consistent except for the one thing that a test wants wrong.
/// </remarks>
public sealed class Tx
{
    private static int s_count;

    private readonly ChannelId _channel;
    private readonly SortedDictionary<string, KVRWSet> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<CollectionHashedReadWriteSet>> _collections = new(StringComparer.Ordinal);
    private List<SigningIdentity> _endorsers;
    private SigningIdentity _creator;
    private byte[] _nonce;
    private string _contract = "hyperprov";
    private ChaincodeEvent? _event;
    private Action<ChannelHeader>? _changeChannelHeader;
    private Action<SignatureHeader>? _changeSignatureHeader;
    private Action<SignatureHeader>? _changeActionHeader;
    private Action<TxReadWriteSet>? _changeReadWriteSet;
    private Action<ChaincodeAction>? _changeAction;
    private Action<ProposalResponsePayload>? _changeResponse;
    private Action<ChaincodeEndorsedAction>? _changeEndorsements;
    private Action<ChaincodeActionPayload>? _changeActionPayload;
    private Action<Transaction>? _changeTransaction;
    private Action<Payload>? _changePayload;
    private Action<Envelope>? _changeEnvelope;

    private Tx(ChannelId channel, SigningIdentity creator, SigningIdentity[] endorsers)
    {
        _channel = channel;
        _creator = creator;
        _endorsers = [.. endorsers];
        Span<byte> seed = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(seed, Interlocked.Increment(ref s_count));
        _nonce = SHA256.HashData(seed)[..24];
    }

    public TxId Id => TxId.Compute(_nonce, _creator.Serialized.Span);

    /// <summary>
    /// Calls contract hyperprov without reads or writes, as Org1's client, endorsed by both organisations.
    /// </summary>
    public static Tx Valid(TestChannel channel) => new(channel.Id, channel.Client1, [channel.Peer1, channel.Peer2]);

    /// <summary>The same on a channel with other members.</summary>
    public static Tx Valid(ChannelId channel, SigningIdentity creator, params SigningIdentity[] endorsers) =>
        new(channel, creator, endorsers);

    /// <summary>Says when the proposal was made; orderers and endorsers look at it, validation does not.</summary>
    public Tx At(DateTimeOffset time) =>
        ChangingChannelHeader(header => header.Timestamp = Timestamp.FromDateTimeOffset(time));

    public Tx CreatedBy(SigningIdentity creator)
    {
        _creator = creator;
        return this;
    }

    public Tx EndorsedBy(params SigningIdentity[] endorsers)
    {
        _endorsers = [.. endorsers];
        return this;
    }

    public Tx WithNonceOf(Tx other)
    {
        _nonce = other._nonce;
        return this;
    }

    public Tx Calling(string contract)
    {
        _contract = contract;
        return this;
    }

    public Tx Emitting(string name, string payload)
    {
        _event = new ChaincodeEvent { EventName = name, Payload = ByteString.CopyFromUtf8(payload) };
        return this;
    }

    public Tx Reading(string key, (ulong Block, ulong Transaction)? version)
    {
        SetOf(_contract).Reads.Add(new KVRead { Key = key, Version = VersionOf(version) });
        return this;
    }

    /// <summary>Records a range query that was read to its end.</summary>
    public Tx ReadingRange(
        string start, string end, params (string Key, (ulong Block, ulong Transaction) Version)[] found)
    {
        var range = new RangeQueryInfo { StartKey = start, EndKey = end, ItrExhausted = true };
        if (found.Length > 0)
        {
            range.RawReads = new QueryReads();
            foreach ((string key, (ulong Block, ulong Transaction) version) in found)
                range.RawReads.KvReads.Add(new KVRead { Key = key, Version = VersionOf(version) });
        }

        SetOf(_contract).RangeQueriesInfo.Add(range);
        return this;
    }

    public Tx Writing(string key, string value) => WritingTo(_contract, key, value);

    public Tx WritingTo(string contract, string key, string value) =>
        WritingTo(contract, key, ByteString.CopyFromUtf8(value));

    public Tx WritingTo(string contract, string key, ByteString value)
    {
        SetOf(contract).Writes.Add(new KVWrite { Key = key, Value = value });
        return this;
    }

    public Tx Deleting(string key)
    {
        SetOf(_contract).Writes.Add(new KVWrite { Key = key, IsDelete = true });
        return this;
    }

    /// <summary>Gives a key its own endorsement policy; a null policy takes it away.</summary>
    public Tx SettingKeyPolicy(string key, string? policy)
    {
        var write = new KVMetadataWrite { Key = key };
        if (policy is not null)
        {
            write.Entries.Add(new KVMetadataEntry
            {
                Name = "VALIDATION_PARAMETER",
                Value = PolicyText.Parse(policy).ToByteString(),
            });
        }

        SetOf(_contract).MetadataWrites.Add(write);
        return this;
    }

    public Tx WritingToCollection(string contract, string collection, string key, string value)
    {
        var hashed = new HashedRWSet
        {
            HashedWrites =
            {
                new KVWriteHash
                {
                    KeyHash = ByteString.CopyFrom(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key))),
                    ValueHash = ByteString.CopyFrom(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(value))),
                },
            },
        };
        SetOf(contract);
        if (!_collections.TryGetValue(contract, out List<CollectionHashedReadWriteSet>? sets))
            _collections.Add(contract, sets = []);

        sets.Add(new CollectionHashedReadWriteSet
        {
            CollectionName = collection,
            HashedRwset = hashed.ToByteString(),
            PvtRwsetHash = ByteString.CopyFrom(SHA256.HashData("private"u8)),
        });
        return this;
    }

    public Tx ChangingChannelHeader(Action<ChannelHeader> change) => Keep(ref _changeChannelHeader, change);

    public Tx ChangingSignatureHeader(Action<SignatureHeader> change) => Keep(ref _changeSignatureHeader, change);

    public Tx ChangingActionHeader(Action<SignatureHeader> change) => Keep(ref _changeActionHeader, change);

    public Tx ChangingReadWriteSet(Action<TxReadWriteSet> change) => Keep(ref _changeReadWriteSet, change);

    public Tx ChangingAction(Action<ChaincodeAction> change) => Keep(ref _changeAction, change);

    public Tx ChangingResponse(Action<ProposalResponsePayload> change) => Keep(ref _changeResponse, change);

    public Tx ChangingEndorsements(Action<ChaincodeEndorsedAction> change) => Keep(ref _changeEndorsements, change);

    public Tx ChangingActionPayload(Action<ChaincodeActionPayload> change) => Keep(ref _changeActionPayload, change);

    public Tx ChangingTransaction(Action<Transaction> change) => Keep(ref _changeTransaction, change);

    public Tx ChangingPayload(Action<Payload> change) => Keep(ref _changePayload, change);

    public Tx ChangingEnvelope(Action<Envelope> change) => Keep(ref _changeEnvelope, change);

    public byte[] ToEnvelope()
    {
        byte[] channelHeader = ChannelHeaderBytes();
        byte[] signatureHeader = SignatureHeaderBytes(_changeSignatureHeader);
        byte[] actionHeader = SignatureHeaderBytes(_changeSignatureHeader + _changeActionHeader);
        byte[] input = ProposalInputBytes();

        var response = new ProposalResponsePayload
        {
            ProposalHash = ByteString.CopyFrom(SHA256.HashData([.. channelHeader, .. actionHeader, .. input])),
            Extension = ActionBytes(),
        };
        _changeResponse?.Invoke(response);

        var transaction = new Transaction
        {
            Actions =
            {
                new TransactionAction
                {
                    Header = ByteString.CopyFrom(actionHeader),
                    Payload = ActionPayloadBytes(ByteString.CopyFrom(input), response.ToByteString()),
                },
            },
        };
        _changeTransaction?.Invoke(transaction);
        return Sign(channelHeader, signatureHeader, transaction.ToByteString());
    }

    private byte[] Sign(byte[] channelHeader, byte[] signatureHeader, ByteString data)
    {
        var payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = ByteString.CopyFrom(channelHeader),
                SignatureHeader = ByteString.CopyFrom(signatureHeader),
            },
            Data = data,
        };
        _changePayload?.Invoke(payload);
        ByteString payloadBytes = payload.ToByteString();
        var envelope = new Envelope
        {
            Payload = payloadBytes,
            Signature = ByteString.CopyFrom(_creator.Sign(payloadBytes.Span)),
        };
        _changeEnvelope?.Invoke(envelope);
        return envelope.ToByteArray();
    }

    private byte[] ChannelHeaderBytes()
    {
        var extension = new ChaincodeHeaderExtension { ChaincodeId = new ChaincodeID { Name = _contract } };
        var header = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = _channel.Value,
            TxId = Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(TestIssuer.Epoch.AddDays(1)),
            Extension = extension.ToByteString(),
        };
        _changeChannelHeader?.Invoke(header);
        return header.ToByteArray();
    }

    private byte[] SignatureHeaderBytes(Action<SignatureHeader>? change)
    {
        var header = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(_creator.Serialized.Span),
            Nonce = ByteString.CopyFrom(_nonce),
        };
        change?.Invoke(header);
        return header.ToByteArray();
    }

    private byte[] ProposalInputBytes()
    {
        var invocation = new ChaincodeInvocationSpec
        {
            ChaincodeSpec = new ChaincodeSpec
            {
                Type = ChaincodeSpec.Types.Type.Node,
                ChaincodeId = new ChaincodeID { Name = _contract },
                Input = new ChaincodeInput { Args = { ByteString.CopyFromUtf8("set") } },
            },
        };
        return new ChaincodeProposalPayload { Input = invocation.ToByteString() }.ToByteArray();
    }

    private ByteString ActionBytes()
    {
        var sets = new TxReadWriteSet();
        foreach ((string contract, KVRWSet set) in _sets)
        {
            var ofContract = new NsReadWriteSet { Namespace = contract, Rwset = set.ToByteString() };
            if (_collections.TryGetValue(contract, out List<CollectionHashedReadWriteSet>? collections))
                ofContract.CollectionHashedRwset.Add(collections);

            sets.NsRwset.Add(ofContract);
        }

        _changeReadWriteSet?.Invoke(sets);
        var action = new ChaincodeAction
        {
            Results = sets.ToByteString(),
            Response = new Response { Status = 200, Payload = ByteString.CopyFromUtf8("done") },
            ChaincodeId = new ChaincodeID { Name = _contract, Version = "1.0" },
        };
        if (_event is { } contractEvent)
        {
            contractEvent.ChaincodeId = _contract;
            contractEvent.TxId = Id.Value;
            action.Events = contractEvent.ToByteString();
        }

        _changeAction?.Invoke(action);
        return action.ToByteString();
    }

    private ByteString ActionPayloadBytes(ByteString input, ByteString response)
    {
        var endorsed = new ChaincodeEndorsedAction { ProposalResponsePayload = response };
        foreach (SigningIdentity endorser in _endorsers)
        {
            endorsed.Endorsements.Add(new Endorsement
            {
                Endorser = ByteString.CopyFrom(endorser.Serialized.Span),
                Signature = ByteString.CopyFrom(endorser.Sign([.. response.Span, .. endorser.Serialized.Span])),
            });
        }

        _changeEndorsements?.Invoke(endorsed);
        var payload = new ChaincodeActionPayload { ChaincodeProposalPayload = input, Action = endorsed };
        _changeActionPayload?.Invoke(payload);
        return payload.ToByteString();
    }

    private KVRWSet SetOf(string contract)
    {
        if (!_sets.TryGetValue(contract, out KVRWSet? set))
            _sets.Add(contract, set = new KVRWSet());

        return set;
    }

    private static Version? VersionOf((ulong Block, ulong Transaction)? version) =>
        version is { } at ? new Version { BlockNum = at.Block, TxNum = at.Transaction } : null;

    private Tx Keep<T>(ref Action<T>? hook, Action<T> change)
    {
        hook += change;
        return this;
    }
}
