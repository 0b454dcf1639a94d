using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using Node.Protocol.Wire.Peer;
using Node.Rest.Problems;

namespace Node.Rest.Ledgers;

/// <summary>Takes blocks and envelopes apart for answers. Nothing is verified here.</summary>
internal static class WireReading
{
    private const string Unreadable = "The peer's answer cannot be taken apart";

    /// <summary>What the headers of an envelope say.</summary>
    public sealed record Headers(string TransactionId, string Type, string Timestamp, string Creator, string MspId);

    public static BlockView ViewOf(ReadOnlyMemory<byte> blockBytes)
    {
        Block block = Parse(Block.Parser, blockBytes);
        if (!BlockHash.TryOf(block.Header, out Hash32 hash, out string? fault))
            throw Bad(fault);

        ByteString codes = block.Metadata?.Metadata.Count > (int)BlockMetadataIndex.TransactionsFilter
            ? block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter]
            : ByteString.Empty;
        Google.Protobuf.Collections.RepeatedField<ByteString> envelopes = block.Data?.Data ?? [];
        var transactions = new BlockTransactionView[envelopes.Count];
        for (int index = 0; index < transactions.Length; index++)
        {
            Headers headers = HeadersOf(Parse(Envelope.Parser, envelopes[index].Memory));
            TxValidationCode code = index < codes.Length
                ? (TxValidationCode)codes[index]
                : TxValidationCode.NotValidated;
            transactions[index] = new BlockTransactionView(
                index, headers.TransactionId, headers.Type, headers.Timestamp, headers.Creator, headers.MspId,
                code.ToString());
        }

        return new BlockView(
            block.Header.Number, hash.ToString(), Hex(block.Header.PreviousHash), Hex(block.Header.DataHash),
            blockBytes.Length, transactions);
    }

    public static Headers HeadersOf(Envelope envelope)
    {
        Payload payload = Parse(Payload.Parser, envelope.Payload.Memory);
        ByteString channelBytes = payload.Header?.ChannelHeader ?? ByteString.Empty;
        ByteString signerBytes = payload.Header?.SignatureHeader ?? ByteString.Empty;
        ChannelHeader channel = Parse(ChannelHeader.Parser, channelBytes.Memory);
        SignatureHeader signer = Parse(SignatureHeader.Parser, signerBytes.Memory);
        SerializedIdentity identity = Parse(SerializedIdentity.Parser, signer.Creator.Memory);
        string time = channel.Timestamp?.ToDateTimeOffset()
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";
        return new Headers(
            channel.TxId, ((HeaderType)channel.Type).ToString(), time, CommonNameOf(identity.IdBytes), identity.Mspid);
    }

    /// <exception cref="RequestFault">The bytes are no such message.</exception>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Bad(e.Message);
        }
    }

    public static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static RequestFault Bad(string why) =>
        new(new Problem(ProblemKind.PeerRefused, $"{Unreadable}: {why}.")
        {
            Next = "Compare the peer with another one: ./hyperprov ledger verify",
        });

    private static string CommonNameOf(ByteString pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(pem.Span));
            return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }
        catch (CryptographicException)
        {
            return "";
        }
    }
}
