using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;
using Transaction = Node.Protocol.Wire.Peer.Transaction;
using Version = Node.Protocol.Wire.KeyValues.Version;

namespace Node.Ledger.Building;

/// <summary>
/// An endorser transaction, valid by default; each call changes one thing. Its id follows from its nonce.
/// </summary>
internal sealed class Tx
{
    public const string Channel = "mychannel";
    public const string Contract = "cc";

    private static long s_nonces;

    private readonly byte[] _nonce = new byte[24];
    private readonly byte[] _creator = [10, 1, (byte)'O', 18, 1, (byte)'c'];
    private readonly SortedDictionary<string, NsReadWriteSet> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KVRWSet> _sets = [];
    private byte[]? _results;
    private string? _idText;
    private byte[] _endorsement = [1];

    private Tx(long nonce) => BinaryPrimitives.WriteInt64BigEndian(_nonce, nonce);

    public TxId Id => TxId.Compute(_nonce, _creator);

    public TxValidationCode Code { get; private set; } = TxValidationCode.Valid;

    public DateTimeOffset Time { get; private set; } = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);

    public static Tx Valid() => new(Interlocked.Increment(ref s_nonces));

    /// <summary>The same nonce and creator, hence the same id.</summary>
    public Tx Again()
    {
        var again = new Tx(BinaryPrimitives.ReadInt64BigEndian(_nonce));
        return again.Writing("again", "value");
    }

    /// <summary>Gives it a verdict of stage 1.</summary>
    public Tx Judged(TxValidationCode code)
    {
        Code = code;
        return this;
    }

    /// <summary>Claims an id that is not that of its nonce and creator.</summary>
    public Tx ClaimingId(TxId id)
    {
        _idText = id.Value;
        return this;
    }

    /// <summary>Carries so many bytes of signatures that do not compress.</summary>
    public Tx WithEndorsementBytes(int count)
    {
        _endorsement = new byte[count];
        new Random(BinaryPrimitives.ReadInt32BigEndian(_nonce.AsSpan(4))).NextBytes(_endorsement);
        return this;
    }

    public Tx At(DateTimeOffset time)
    {
        Time = time;
        return this;
    }

    /// <summary>Carries the results of a simulation instead of the parts given here.</summary>
    public Tx WithResults(byte[] results)
    {
        _results = results;
        return this;
    }

    public Tx Reading(string key, (ulong Block, ulong Transaction)? version, string ns = Contract)
    {
        Set(ns).Reads.Add(Read(key, version));
        return this;
    }

    public Tx Writing(string key, string value, string ns = Contract)
    {
        Set(ns).Writes.Add(new KVWrite { Key = key, Value = ByteString.CopyFromUtf8(value) });
        return this;
    }

    public Tx Deleting(string key, string ns = Contract)
    {
        Set(ns).Writes.Add(new KVWrite { Key = key, IsDelete = true });
        return this;
    }

    public Tx WritingMetadata(string key, string? name, string value = "", string ns = Contract)
    {
        var write = new KVMetadataWrite { Key = key };
        if (name is not null)
            write.Entries.Add(new KVMetadataEntry { Name = name, Value = ByteString.CopyFromUtf8(value) });

        Set(ns).MetadataWrites.Add(write);
        return this;
    }

    public Tx ReadingRange(
        string start, string end, bool exhausted, params (string Key, ulong Block, ulong Transaction)[] reads)
    {
        var query = new RangeQueryInfo { StartKey = start, EndKey = end, ItrExhausted = exhausted };
        if (reads.Length > 0)
        {
            query.RawReads = new QueryReads();
            query.RawReads.KvReads.Add(reads.Select(read => Read(read.Key, (read.Block, read.Transaction))));
        }

        Set(Contract).RangeQueriesInfo.Add(query);
        return this;
    }

    public Tx ReadingRange(RangeQueryInfo query)
    {
        Set(Contract).RangeQueriesInfo.Add(query);
        return this;
    }

    public Tx WritingHashes(string collection, string key, string? value, string ns = Contract)
    {
        var write = new KVWriteHash { KeyHash = HashOf(key) };
        if (value is null)
            write.IsDelete = true;
        else
            write.ValueHash = HashOf(value);

        return AddHashed(ns, collection, new HashedRWSet { HashedWrites = { write } });
    }

    public Tx ReadingHash(
        string collection, string key, (ulong Block, ulong Transaction)? version, string ns = Contract)
    {
        var read = new KVReadHash { KeyHash = HashOf(key) };
        if (version is { } there)
            read.Version = new Version { BlockNum = there.Block, TxNum = there.Transaction };

        return AddHashed(ns, collection, new HashedRWSet { HashedReads = { read } });
    }

    public byte[] ToEnvelope()
    {
        var contract = new ChaincodeHeaderExtension { ChaincodeId = new ChaincodeID { Name = Contract } };
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = Channel,
            TxId = _idText ?? Id.Value,
            Timestamp = Timestamp.FromDateTimeOffset(Time),
            Extension = contract.ToByteString(),
        };
        var header = new Header
        {
            ChannelHeader = channelHeader.ToByteString(),
            SignatureHeader = SignatureHeader().ToByteString(),
        };
        ByteString proposal = new ChaincodeProposalPayload { Input = ByteString.CopyFromUtf8("input") }.ToByteString();
        Hash32 hash = ProposalHash.Of(header.ChannelHeader.Span, header.SignatureHeader.Span, proposal.Span);
        var action = new ChaincodeAction
        {
            Results = ByteString.CopyFrom(_results ?? ToResults()),
            Response = new Response { Status = 200 },
            ChaincodeId = new ChaincodeID { Name = Contract, Version = "1" },
        };
        var response = new ProposalResponsePayload
        {
            ProposalHash = ByteString.CopyFrom(hash.AsSpan()),
            Extension = action.ToByteString(),
        };
        var payload = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = proposal,
            Action = new ChaincodeEndorsedAction
            {
                ProposalResponsePayload = response.ToByteString(),
                Endorsements =
                {
                    new Endorsement
                    {
                        Endorser = ByteString.CopyFrom(_creator),
                        Signature = ByteString.CopyFrom(_endorsement),
                    },
                },
            },
        };
        var transaction = new Transaction
        {
            Actions = { new TransactionAction { Header = header.SignatureHeader, Payload = payload.ToByteString() } },
        };
        var body = new Payload { Header = header, Data = transaction.ToByteString() };
        return CanonicalEnvelope.Encode(body.ToByteArray(), signature: [1, 2, 3]);
    }

    private static KVRead Read(string key, (ulong Block, ulong Transaction)? version)
    {
        var read = new KVRead { Key = key };
        if (version is { } there)
            read.Version = new Version { BlockNum = there.Block, TxNum = there.Transaction };

        return read;
    }

    private static ByteString HashOf(string text) =>
        ByteString.CopyFrom(Hash32.Of(ByteString.CopyFromUtf8(text).Span).AsSpan());

    private SignatureHeader SignatureHeader() =>
        new() { Creator = ByteString.CopyFrom(_creator), Nonce = ByteString.CopyFrom(_nonce) };

    private KVRWSet Set(string ns)
    {
        Namespace(ns);
        if (!_sets.TryGetValue(ns, out KVRWSet? set))
            _sets.Add(ns, set = new KVRWSet());

        return set;
    }

    private NsReadWriteSet Namespace(string ns)
    {
        if (!_namespaces.TryGetValue(ns, out NsReadWriteSet? set))
            _namespaces.Add(ns, set = new NsReadWriteSet { Namespace = ns });

        return set;
    }

    private Tx AddHashed(string ns, string collection, HashedRWSet set)
    {
        Namespace(ns).CollectionHashedRwset.Add(new CollectionHashedReadWriteSet
        {
            CollectionName = collection,
            HashedRwset = set.ToByteString(),
            PvtRwsetHash = HashOf("private set"),
        });
        return this;
    }

    private byte[] ToResults()
    {
        var results = new TxReadWriteSet();
        foreach ((string ns, NsReadWriteSet set) in _namespaces)
        {
            if (_sets.TryGetValue(ns, out KVRWSet? publicSet))
                set.Rwset = publicSet.ToByteString();

            results.NsRwset.Add(set);
        }

        return results.ToByteArray();
    }
}
