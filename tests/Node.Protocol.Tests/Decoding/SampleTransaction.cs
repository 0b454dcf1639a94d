using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Protocol.Tests.Decoding;

/// <summary>
/// Transactions built by Google.Protobuf, valid by default; a test changes one part before it is encoded.
/// </summary>
internal sealed class SampleTransaction
{
    public ChannelHeader ChannelHeader { get; }

    public SignatureHeader SignatureHeader { get; }

    public ChaincodeHeaderExtension Extension { get; }

    public TxReadWriteSet Results { get; }

    public ChaincodeEvent? Event { get; set; }

    public ChaincodeAction Action { get; }

    public ProposalResponsePayload ResponsePayload { get; } = new();

    public ChaincodeActionPayload ActionPayload { get; }

    public TransactionAction TransactionAction { get; } = new();

    public Transaction Transaction { get; } = new();

    public Payload Payload { get; } = new() { Header = new Header() };

    public Envelope Envelope { get; } = new();

    public SampleTransaction(Dice dice)
    {
        SignatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(SerializedIdentityBytes.Encode(MspId.Of("Org1MSP"), dice.Bytes(40))),
            Nonce = ByteString.CopyFrom(dice.Bytes(24)),
        };
        string contract = "cc" + dice.Text(10);
        Extension = new ChaincodeHeaderExtension { ChaincodeId = new ChaincodeID { Name = contract } };
        ChannelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            Version = dice.Below(2),
            Timestamp = new Timestamp { Seconds = dice.Below(int.MaxValue), Nanos = dice.Below(1_000_000_000) },
            ChannelId = "mychannel",
            TxId = TxId.Compute(SignatureHeader.Nonce.Span, SignatureHeader.Creator.Span).Value,
        };
        Results = AnyReadWriteSet(dice);
        Event = dice.OneIn(2)
            ? null
            : new ChaincodeEvent
            {
                ChaincodeId = contract,
                TxId = ChannelHeader.TxId,
                EventName = dice.Text(12),
                Payload = ByteString.CopyFrom(dice.Bytes(dice.Below(50))),
            };
        Action = new ChaincodeAction
        {
            Response = new Response { Status = 200, Message = dice.Text(9), Payload = Bytes(dice, 30) },
            ChaincodeId = new ChaincodeID { Name = contract, Version = "1.0" },
        };
        ActionPayload = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = new ChaincodeProposalPayload { Input = Bytes(dice, 100) }.ToByteString(),
            Action = new ChaincodeEndorsedAction(),
        };
        for (int count = dice.Below(4); count > 0; count--)
        {
            ActionPayload.Action.Endorsements.Add(
                new Endorsement { Endorser = Bytes(dice, 60), Signature = Bytes(dice, 72) });
        }

        Transaction.Actions.Add(TransactionAction);
        Envelope.Signature = ByteString.CopyFrom(dice.Bytes(71));
    }

    /// <summary>Fills in what depends on other parts, inside out, and encodes.</summary>
    public byte[] Encode()
    {
        Action.Results = Results.ToByteString();
        if (Event is not null)
            Action.Events = Event.ToByteString();

        return EncodeWithAction(Action.ToByteString());
    }

    /// <summary>The same with other bytes where the encoded action belongs.</summary>
    public byte[] EncodeWithAction(ByteString action)
    {
        if (ChannelHeader.Extension.IsEmpty)
            ChannelHeader.Extension = Extension.ToByteString();

        ResponsePayload.Extension = action;
        ByteString signatureHeader = SignatureHeader.ToByteString();
        ByteString channelHeader = ChannelHeader.ToByteString();
        if (TransactionAction.Header.IsEmpty)
            TransactionAction.Header = signatureHeader;
        if (ResponsePayload.ProposalHash.IsEmpty)
        {
            Hash32 hash = ProposalHash.Of(
                channelHeader.Span, TransactionAction.Header.Span, ActionPayload.ChaincodeProposalPayload.Span);
            ResponsePayload.ProposalHash = ByteString.CopyFrom(hash.AsSpan());
        }

        if (ActionPayload.Action is not null)
            ActionPayload.Action.ProposalResponsePayload = ResponsePayload.ToByteString();
        if (TransactionAction.Payload.IsEmpty)
            TransactionAction.Payload = ActionPayload.ToByteString();
        if (Payload.Header is not null)
        {
            Payload.Header.ChannelHeader = channelHeader;
            Payload.Header.SignatureHeader = signatureHeader;
        }

        if (Payload.Data.IsEmpty)
            Payload.Data = Transaction.ToByteString();

        Envelope.Payload = Payload.ToByteString();
        return Envelope.ToByteArray();
    }

    public static NsReadWriteSet OneWrite(string ns, string key, byte[] value)
    {
        var set = new KVRWSet();
        set.Writes.Add(new KVWrite { Key = key, Value = ByteString.CopyFrom(value) });
        return new NsReadWriteSet { Namespace = ns, Rwset = set.ToByteString() };
    }

    public static TxReadWriteSet AnyReadWriteSet(Dice dice)
    {
        var set = new TxReadWriteSet();
        int namespaces = dice.Below(4);
        for (int i = 0; i < namespaces; i++)
        {
            ByteString keys = AnyPublicSet(dice).ToByteString();
            var ns = new NsReadWriteSet { Namespace = $"ns{i}{dice.Text(4)}", Rwset = keys };
            for (int count = dice.Below(3); count > 0; count--)
            {
                ns.CollectionHashedRwset.Add(new CollectionHashedReadWriteSet
                {
                    CollectionName = dice.Text(8),
                    HashedRwset = AnyHashedSet(dice).ToByteString(),
                    PvtRwsetHash = Bytes(dice, 32),
                });
            }

            set.NsRwset.Add(ns);
        }

        return set;
    }

    private static KVRWSet AnyPublicSet(Dice dice)
    {
        var set = new KVRWSet();
        for (int count = dice.Below(5); count > 0; count--)
            set.Reads.Add(AnyRead(dice));
        for (int count = dice.Below(3); count > 0; count--)
            set.RangeQueriesInfo.Add(AnyRangeQuery(dice));
        for (int count = dice.Below(5); count > 0; count--)
            set.Writes.Add(new KVWrite { Key = dice.Text(20), IsDelete = dice.OneIn(4), Value = Bytes(dice, 40) });
        for (int count = dice.Below(3); count > 0; count--)
        {
            var write = new KVMetadataWrite { Key = dice.Text(20) };
            AddEntries(dice, write.Entries);
            set.MetadataWrites.Add(write);
        }

        return set;
    }

    private static HashedRWSet AnyHashedSet(Dice dice)
    {
        var set = new HashedRWSet();
        for (int count = dice.Below(4); count > 0; count--)
            set.HashedReads.Add(new KVReadHash { KeyHash = Bytes(dice, 32), Version = AnyVersion(dice) });
        for (int count = dice.Below(4); count > 0; count--)
        {
            set.HashedWrites.Add(new KVWriteHash
            {
                KeyHash = Bytes(dice, 32),
                IsDelete = dice.OneIn(3),
                ValueHash = Bytes(dice, 32),
                IsPurge = dice.OneIn(3),
            });
        }

        for (int count = dice.Below(3); count > 0; count--)
        {
            var write = new KVMetadataWriteHash { KeyHash = Bytes(dice, 32) };
            AddEntries(dice, write.Entries);
            set.MetadataWrites.Add(write);
        }

        return set;
    }

    private static RangeQueryInfo AnyRangeQuery(Dice dice)
    {
        var query = new RangeQueryInfo { StartKey = dice.Text(9), EndKey = dice.Text(9), ItrExhausted = dice.OneIn(2) };
        switch (dice.Below(3))
        {
            case 1:
                query.RawReads = new QueryReads();
                for (int count = dice.Below(6); count > 0; count--)
                    query.RawReads.KvReads.Add(AnyRead(dice));

                break;
            case 2:
                uint level = (uint)dice.Below(5);
                query.ReadsMerkleHashes = new QueryReadsMerkleSummary { MaxDegree = 50, MaxLevel = level };
                for (int count = dice.Below(6); count > 0; count--)
                    query.ReadsMerkleHashes.MaxLevelHashes.Add(Bytes(dice, 32));

                break;
        }

        return query;
    }

    private static KVRead AnyRead(Dice dice) => new() { Key = dice.Text(20), Version = AnyVersion(dice) };

    private static Wire.KeyValues.Version? AnyVersion(Dice dice) =>
        dice.OneIn(4)
            ? null
            : new Wire.KeyValues.Version
            {
                BlockNum = dice.Next() >> dice.Below(64),
                TxNum = dice.Next() >> (dice.OneIn(10) ? 20 : 32 + dice.Below(32)),
            };

    private static void AddEntries(Dice dice, Google.Protobuf.Collections.RepeatedField<KVMetadataEntry> entries)
    {
        for (int count = dice.Below(3); count > 0; count--)
            entries.Add(new KVMetadataEntry { Name = dice.Text(20), Value = Bytes(dice, 40) });
    }

    private static ByteString Bytes(Dice dice, int countMax) =>
        ByteString.CopyFrom(dice.Bytes(dice.Below(countMax + 1)));
}
