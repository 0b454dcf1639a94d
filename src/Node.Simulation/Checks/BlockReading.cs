using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Simulation.Checks;

/// <summary>What a checker reads of one envelope.</summary>
/// <param name="Id">None for a configuration.</param>
/// <param name="ConfigSequence">Null for a transaction.</param>
/// <param name="Results">Null where there are none.</param>
internal readonly record struct ReadEnvelope(TxId Id, ulong? ConfigSequence, TxReadWriteSet? Results);

/// <summary>Reads blocks with the generated messages alone.</summary>
internal static class BlockReading
{
    /// <summary>What all orderers make alike: all of a block but their signatures and peers' slots.</summary>
    public static Hash32 AgreedOf(Block block)
    {
        var signatures = Metadata.Parser.ParseFrom(block.Metadata.Metadata[0]);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(block.Header.ToByteArray());
        hash.AppendData(block.Data.ToByteArray());
        hash.AppendData(signatures.Value.Span);
        hash.AppendData(block.Metadata.Metadata[1].Span);
        return Hash32.Read(hash.GetHashAndReset());
    }

    /// <summary>The validation codes and the commit hash.</summary>
    public static Hash32 VerdictsOf(Block block)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(block.Metadata.Metadata[2].Span);
        hash.AppendData("/"u8);
        hash.AppendData(block.Metadata.Metadata[4].Span);
        return Hash32.Read(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 over the header in DER, which the next block names.</summary>
    public static Hash32 HeaderHashOf(BlockHeader header)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(header.Number));
            writer.WriteOctetString(header.PreviousHash.Span);
            writer.WriteOctetString(header.DataHash.Span);
        }

        return Hash32.Read(SHA256.HashData(writer.Encode()));
    }

    public static ReadEnvelope Read(ByteString bytes)
    {
        Payload payload = Payload.Parser.ParseFrom(Envelope.Parser.ParseFrom(bytes).Payload);
        ChannelHeader header = ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader);
        if (header.Type == (int)HeaderType.Config)
        {
            ulong sequence = ConfigEnvelope.Parser.ParseFrom(payload.Data).Config.Sequence;
            return new ReadEnvelope(default, sequence, Results: null);
        }

        bool parsed = TxId.TryParse(header.TxId, out TxId id, out string? fault);
        Invariant.Require(parsed, fault ?? "");
        Transaction transaction = Transaction.Parser.ParseFrom(payload.Data);
        ChaincodeActionPayload action = ChaincodeActionPayload.Parser.ParseFrom(transaction.Actions[0].Payload);
        ProposalResponsePayload response =
            ProposalResponsePayload.Parser.ParseFrom(action.Action.ProposalResponsePayload);
        ChaincodeAction result = ChaincodeAction.Parser.ParseFrom(response.Extension);
        return new ReadEnvelope(id, ConfigSequence: null, TxReadWriteSet.Parser.ParseFrom(result.Results));
    }
}
