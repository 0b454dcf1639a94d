using System.Text;
using Google.Protobuf;
using Node.Contracts;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing;

/// <summary>Everything that a simulation came to, ready to be signed.</summary>
/// <param name="Results">The canonical read-write set; empty for what runs without a simulation.</param>
/// <param name="Event">The encoded ChaincodeEvent; empty for none.</param>
/// <param name="Collections">The private collections that were written.</param>
internal sealed record EndorsedAction(
    string Contract,
    string Version,
    ContractResponse Response,
    ReadOnlyMemory<byte> Results,
    ReadOnlyMemory<byte> Event,
    IReadOnlyCollection<string> Collections)
{
    private const int ChaincodeNameField = 2;
    private const int ChaincodeVersionField = 3;

    /// <summary>Height of the state that was simulated on; null without one. Not signed.</summary>
    public ulong? Height { get; init; }

    /// <summary>Encodes a ChaincodeEvent. Contract and transaction are this peer's word, not the contract's.</summary>
    public static byte[] EncodeEvent(string contract, TxId txId, string name, ReadOnlyMemory<byte> payload) =>
        new ChaincodeEvent
        {
            ChaincodeId = contract,
            TxId = txId.Value,
            EventName = name,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
        }.ToByteArray();

    /// <summary>
    /// Encodes the ProposalResponsePayload, whose bytes every endorser must produce alike: shortest encoding, fields in
    /// order, defaults left out.
    /// </summary>
    /// <param name="spareBytes">Room behind the payload in the same array, for the identity that is signed with
    /// it.</param>
    /// <returns>The array, and how many of its bytes are the payload.</returns>
    public (byte[] Buffer, int PayloadBytes) Encode(Hash32 proposalHash, int spareBytes)
    {
        byte[] message = Encoding.UTF8.GetBytes(Response.Message);
        byte[] contract = Encoding.UTF8.GetBytes(Contract);
        byte[] version = Encoding.UTF8.GetBytes(Version);

        int responseBytes = WireSizes.OfNumber(1, (ulong)Response.Status)
            + OfOptional(2, message.Length) + OfOptional(3, Response.Payload.Length);
        int idBytes =
            OfOptional(ChaincodeNameField, contract.Length) + OfOptional(ChaincodeVersionField, version.Length);
        int actionBytes = OfOptional(1, Results.Length) + OfOptional(2, Event.Length)
            + WireSizes.OfBytes(3, responseBytes) + WireSizes.OfBytes(4, idBytes);
        int payloadBytes = WireSizes.OfBytes(1, Hash32.Bytes) + WireSizes.OfBytes(2, actionBytes);

        byte[] buffer = new byte[payloadBytes + spareBytes];
        var writer = new WireWriter(buffer);
        writer.Bytes(1, proposalHash.AsSpan());
        writer.LengthPrefix(2, actionBytes);
        WriteOptional(ref writer, 1, Results.Span);
        WriteOptional(ref writer, 2, Event.Span);
        writer.LengthPrefix(3, responseBytes);
        writer.Number(1, (ulong)Response.Status);
        WriteOptional(ref writer, 2, message);
        WriteOptional(ref writer, 3, Response.Payload.Span);
        writer.LengthPrefix(4, idBytes);
        WriteOptional(ref writer, ChaincodeNameField, contract);
        WriteOptional(ref writer, ChaincodeVersionField, version);
        Invariant.Require(writer.Written == payloadBytes, "sizes and fields are written side by side above");
        return (buffer, payloadBytes);
    }

    /// <summary>Whose policies a gateway has to satisfy for this.</summary>
    public ChaincodeInterest ToInterest() => new()
    {
        Chaincodes = { new ChaincodeCall { Name = Contract, CollectionNames = { Collections } } },
    };

    private static int OfOptional(int field, int length) => length == 0 ? 0 : WireSizes.OfBytes(field, length);

    private static void WriteOptional(ref WireWriter writer, int field, ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
            writer.Bytes(field, value);
    }
}
