using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Protocol.Tests.Decoding;

/// <summary>
/// Compares what the decoders found with what the generated parsers find in the same bytes, field by field.
/// </summary>
internal static class Agreement
{
    public static void OfEnvelope(byte[] bytes, DecodedEnvelope decoded)
    {
        Envelope envelope = Envelope.Parser.ParseFrom(bytes);
        Payload payload = Payload.Parser.ParseFrom(envelope.Payload);
        ChannelHeader channel = ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader);
        SignatureHeader signature = SignatureHeader.Parser.ParseFrom(payload.Header.SignatureHeader);

        Same(envelope.Payload, decoded.Payload);
        Same(envelope.Signature, decoded.Signature);
        Same(payload.Data, decoded.Data);
        Same(payload.Header.ChannelHeader, decoded.ChannelHeader);
        Same(payload.Header.SignatureHeader, decoded.SignatureHeader);
        Same(signature.Creator, decoded.Creator);
        Same(signature.Nonce, decoded.Nonce);
        Assert.Equal(channel.Type, (int)decoded.Type);
        Assert.Equal(channel.Epoch, decoded.Epoch);
        Same(channel.ChannelId, decoded.ChannelIdUtf8.Span);
        Same(channel.TxId, decoded.TxIdUtf8.Span);
        Same(channel.Extension, decoded.Extension);
        Same(channel.TlsCertHash, decoded.TlsCertHash);
        Assert.Equal(channel.Timestamp is null, decoded.Timestamp is null);
        Assert.Equal(
            new WireTimestamp(channel.Timestamp?.Seconds ?? 0, channel.Timestamp?.Nanos ?? 0),
            decoded.Timestamp ?? default);
    }

    public static void OfTransaction(DecodedTransaction decoded)
    {
        Transaction transaction = Transaction.Parser.ParseFrom(decoded.Envelope.Data.Span);
        TransactionAction single = Assert.Single(transaction.Actions);
        ChaincodeActionPayload payload = ChaincodeActionPayload.Parser.ParseFrom(single.Payload);
        ProposalResponsePayload response =
            ProposalResponsePayload.Parser.ParseFrom(payload.Action.ProposalResponsePayload);
        ChaincodeAction action = ChaincodeAction.Parser.ParseFrom(response.Extension);

        Same(single.Header, decoded.ActionHeader);
        Same(payload.ChaincodeProposalPayload, decoded.ProposalPayload);
        Same(payload.Action.ProposalResponsePayload, decoded.ProposalResponsePayload);
        Same(response.ProposalHash, decoded.ProposalHash);
        Same(action.Results, decoded.Results);
        Same(action.Events, decoded.EventBytes);
        Assert.Equal(action.Response?.Status ?? 0, decoded.Response.Status);
        Same(action.Response?.Message ?? "", decoded.Of(decoded.Response.Message));
        Same(action.Response?.Payload ?? ByteString.Empty, decoded.MemoryOf(decoded.Response.Payload));
        Same(action.ChaincodeId.Name, decoded.ContractNameUtf8.Span);
        Same(action.ChaincodeId.Version, decoded.ContractVersionUtf8.Span);
        Assert.Equal(payload.Action.Endorsements.Count, decoded.Endorsements.Length);
        for (int i = 0; i < decoded.Endorsements.Length; i++)
        {
            Same(payload.Action.Endorsements[i].Endorser, decoded.MemoryOf(decoded.Endorsements[i].Endorser));
            Same(payload.Action.Endorsements[i].Signature, decoded.MemoryOf(decoded.Endorsements[i].Signature));
        }

        if (decoded.Event is { } found)
        {
            ChaincodeEvent chaincodeEvent = ChaincodeEvent.Parser.ParseFrom(action.Events);
            Same(chaincodeEvent.ChaincodeId, decoded.Of(found.ContractName));
            Same(chaincodeEvent.TxId, decoded.Of(found.TxId));
            Same(chaincodeEvent.EventName, decoded.Of(found.Name));
            Same(chaincodeEvent.Payload, decoded.MemoryOf(found.Payload));
        }

        OfReadWriteSet(action.Results.Span, decoded.ReadWriteSet);
    }

    public static void OfReadWriteSet(ReadOnlySpan<byte> results, DecodedReadWriteSet decoded)
    {
        TxReadWriteSet set = TxReadWriteSet.Parser.ParseFrom(results);
        Assert.Equal(set.NsRwset.Count, decoded.Namespaces.Length);
        for (int i = 0; i < set.NsRwset.Count; i++)
        {
            NsReadWriteSet ns = set.NsRwset[i];
            DecodedNamespace found = decoded.Namespaces[i];
            KVRWSet keys = KVRWSet.Parser.ParseFrom(ns.Rwset);

            Same(ns.Namespace, decoded.Of(found.Name));
            Same(keys.Reads, decoded.Reads(found.Reads), decoded);
            SameWrites(keys.Writes, decoded.Writes(found.Writes), decoded);
            SameQueries(keys.RangeQueriesInfo, decoded.RangeQueries(found.RangeQueries), decoded);
            Assert.Equal(keys.MetadataWrites.Count, found.MetadataWrites.Count);
            for (int j = 0; j < keys.MetadataWrites.Count; j++)
            {
                DecodedMetadataWrite write = decoded.MetadataWrites(found.MetadataWrites)[j];
                Same(keys.MetadataWrites[j].Key, decoded.Of(write.Key));
                SameEntries(keys.MetadataWrites[j].Entries, decoded.MetadataEntries(write.Entries), decoded);
            }

            Assert.Equal(ns.CollectionHashedRwset.Count, found.Collections.Count);
            for (int j = 0; j < ns.CollectionHashedRwset.Count; j++)
                OfCollection(ns.CollectionHashedRwset[j], decoded.Collections(found.Collections)[j], decoded);
        }
    }

    private static void OfCollection(
        CollectionHashedReadWriteSet collection, DecodedCollection found, DecodedReadWriteSet decoded)
    {
        HashedRWSet set = HashedRWSet.Parser.ParseFrom(collection.HashedRwset);
        Same(collection.CollectionName, decoded.Of(found.Name));
        Assert.Equal(collection.PvtRwsetHash.ToByteArray(), decoded.Of(found.PrivateHash).ToArray());
        Assert.Equal(set.HashedReads.Count, found.Reads.Count);
        for (int i = 0; i < set.HashedReads.Count; i++)
        {
            DecodedRead read = decoded.Reads(found.Reads)[i];
            Assert.Equal(set.HashedReads[i].KeyHash.ToByteArray(), decoded.Of(read.Key).ToArray());
            Same(set.HashedReads[i].Version, read);
        }

        Assert.Equal(set.HashedWrites.Count, found.Writes.Count);
        for (int i = 0; i < set.HashedWrites.Count; i++)
        {
            KVWriteHash write = set.HashedWrites[i];
            DecodedWrite foundWrite = decoded.Writes(found.Writes)[i];
            Assert.Equal(write.KeyHash.ToByteArray(), decoded.Of(foundWrite.Key).ToArray());
            Assert.Equal(write.ValueHash.ToByteArray(), decoded.Of(foundWrite.Value).ToArray());
            Assert.Equal(write.IsDelete || write.ValueHash.IsEmpty, foundWrite.IsDelete);
            Assert.Equal(write.IsPurge, foundWrite.IsPurge);
        }

        Assert.Equal(set.MetadataWrites.Count, found.MetadataWrites.Count);
        for (int i = 0; i < set.MetadataWrites.Count; i++)
        {
            DecodedMetadataWrite write = decoded.MetadataWrites(found.MetadataWrites)[i];
            Assert.Equal(set.MetadataWrites[i].KeyHash.ToByteArray(), decoded.Of(write.Key).ToArray());
            SameEntries(set.MetadataWrites[i].Entries, decoded.MetadataEntries(write.Entries), decoded);
        }
    }

    private static void SameWrites(
        RepeatedField<KVWrite> expected, ReadOnlySpan<DecodedWrite> found, DecodedReadWriteSet decoded)
    {
        Assert.Equal(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Same(expected[i].Key, decoded.Of(found[i].Key));
            Assert.Equal(expected[i].Value.ToByteArray(), decoded.Of(found[i].Value).ToArray());
            Assert.Equal(expected[i].IsDelete || expected[i].Value.IsEmpty, found[i].IsDelete);
            Assert.False(found[i].IsPurge);
        }
    }

    private static void SameQueries(
        RepeatedField<RangeQueryInfo> expected, ReadOnlySpan<DecodedRangeQuery> found, DecodedReadWriteSet decoded)
    {
        Assert.Equal(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            RangeQueryInfo query = expected[i];
            Same(query.StartKey, decoded.Of(found[i].StartKey));
            Same(query.EndKey, decoded.Of(found[i].EndKey));
            Assert.Equal(query.ItrExhausted, found[i].IsExhausted);
            Assert.Equal((int)query.ReadsInfoCase, found[i].Form switch
            {
                RangeReadsForm.Raw => (int)RangeQueryInfo.ReadsInfoOneofCase.RawReads,
                RangeReadsForm.Summary => (int)RangeQueryInfo.ReadsInfoOneofCase.ReadsMerkleHashes,
                _ => (int)RangeQueryInfo.ReadsInfoOneofCase.None,
            });
            RepeatedField<KVRead> rawReads = query.RawReads?.KvReads ?? [];
            Same(rawReads, decoded.RangeReads(found[i].RawReads), decoded);
            Assert.Equal(query.ReadsMerkleHashes?.MaxDegree ?? 0, found[i].SummaryDegreeMax);
            Assert.Equal(query.ReadsMerkleHashes?.MaxLevel ?? 0, found[i].SummaryLevelMax);
            ReadOnlySpan<Slice> hashes = decoded.SummaryHashes(found[i].SummaryHashes);
            Assert.Equal(query.ReadsMerkleHashes?.MaxLevelHashes.Count ?? 0, hashes.Length);
            for (int j = 0; j < hashes.Length; j++)
            {
                byte[] hash = query.ReadsMerkleHashes?.MaxLevelHashes[j].ToByteArray() ?? [];
                Assert.Equal(hash, decoded.Of(hashes[j]).ToArray());
            }
        }
    }

    private static void Same(
        RepeatedField<KVRead> expected, ReadOnlySpan<DecodedRead> found, DecodedReadWriteSet decoded)
    {
        Assert.Equal(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Same(expected[i].Key, decoded.Of(found[i].Key));
            Same(expected[i].Version, found[i]);
        }
    }

    private static void Same(Wire.KeyValues.Version? expected, DecodedRead found)
    {
        Assert.Equal(expected is not null, found.HasVersion);
        StateVersion version = expected is null ? default
            : expected.TxNum > uint.MaxValue ? DecodedRead.NeverWritten
            : new StateVersion(expected.BlockNum, (uint)expected.TxNum);
        Assert.Equal(version, found.Version);
    }

    private static void SameEntries(
        RepeatedField<KVMetadataEntry> expected, ReadOnlySpan<DecodedMetadataEntry> found, DecodedReadWriteSet decoded)
    {
        Assert.Equal(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Same(expected[i].Name, decoded.Of(found[i].Name));
            Assert.Equal(expected[i].Value.ToByteArray(), decoded.Of(found[i].Value).ToArray());
        }
    }

    private static void Same(string expected, ReadOnlySpan<byte> utf8) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(utf8));

    private static void Same(ByteString expected, ReadOnlyMemory<byte> found) =>
        Assert.True(expected.Span.SequenceEqual(found.Span), "the bytes differ");
}
