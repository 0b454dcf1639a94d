using System.Diagnostics.CodeAnalysis;
using Node.Orderer.Cutting;
using Node.Protocol;
using Node.Protocol.Decoding;

namespace Node.Orderer.Log;

/// <summary>What one entry of the ordered log carries: the envelopes of one block to be.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Ordered log entry"): format u8 = 1; kind u8, 0 normal, 1 config; batch id 32 bytes; then
/// the
/// envelopes as they will stand in the block's BlockData: for each <c>0A</c>, length varint, bytes. At most
/// <see cref="Limits.BlockBytesMax"/>.
/// </remarks>
internal sealed class Batch
{
    private const byte FormatOne = 1;
    private const byte KindNormal = 0;
    private const byte KindConfig = 1;
    private const int PrefixBytes = 2 + BatchId.Bytes;
    private const int EnvelopeField = 1;

    private Batch(BatchId id, bool isConfig, ReadOnlyMemory<byte> encoded, ReadOnlyMemory<byte>[] envelopes)
    {
        Id = id;
        IsConfig = isConfig;
        Encoded = encoded;
        Envelopes = envelopes;
    }

    public BatchId Id { get; }

    public bool IsConfig { get; }

    /// <summary>The whole entry.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The encoded BlockData: the entry without its prefix.</summary>
    public ReadOnlyMemory<byte> BlockData => Encoded[PrefixBytes..];

    /// <summary>Slices of <see cref="Encoded"/>, in order; at least one.</summary>
    public ReadOnlyMemory<byte>[] Envelopes { get; }

    public static Batch Of(BatchId id, CutBatch cut)
    {
        int bytes = PrefixBytes;
        foreach (WaitingEnvelope envelope in cut.Envelopes)
            bytes += WireSizes.OfBytes(EnvelopeField, envelope.Bytes.Length);

        byte[] encoded = new byte[bytes];
        encoded[0] = FormatOne;
        encoded[1] = cut.IsConfig ? KindConfig : KindNormal;
        id.Value.CopyTo(encoded.AsSpan(2));

        var envelopes = new ReadOnlyMemory<byte>[cut.Envelopes.Length];
        var writer = new WireWriter(encoded.AsSpan(PrefixBytes));
        for (int index = 0; index < envelopes.Length; index++)
        {
            ReadOnlyMemory<byte> envelope = cut.Envelopes[index].Bytes;
            writer.Bytes(EnvelopeField, envelope.Span);
            envelopes[index] = encoded.AsMemory(PrefixBytes + writer.Written - envelope.Length, envelope.Length);
        }

        return new Batch(id, cut.IsConfig, encoded, envelopes);
    }

    /// <summary>Reads an entry back. The bytes are kept, not copied.</summary>
    public static bool TryDecode(
        ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out Batch? batch, [NotNullWhen(false)] out string? fault)
    {
        batch = null;
        ReadOnlySpan<byte> bytes = encoded.Span;
        if (bytes.Length <= PrefixBytes)
            return Fail($"an entry has more than {PrefixBytes} bytes, this one {bytes.Length}", out fault);
        if (bytes[0] != FormatOne)
            return Fail($"entry format {bytes[0]} is unknown, only {FormatOne} is", out fault);
        if (bytes[1] > KindConfig)
            return Fail($"entry kind {bytes[1]} is unknown", out fault);

        var envelopes = new List<ReadOnlyMemory<byte>>();
        ReadOnlyMemory<byte> blockData = encoded[PrefixBytes..];
        var reader = new WireReader(blockData.Span);
        while (reader.Next())
        {
            if (reader.Field != EnvelopeField)
                reader.Fail();
            else if (reader.TryBytes(out Slice envelope))
                envelopes.Add(envelope.Of(blockData));
        }

        bool isConfig = bytes[1] == KindConfig;
        if (reader.Failed)
            return Fail($"envelope {envelopes.Count} of the entry is malformed", out fault);
        if (isConfig && envelopes.Count != 1)
            return Fail($"a config entry holds one envelope, this one {envelopes.Count}", out fault);

        var id = new BatchId(Hash32.Read(bytes.Slice(2, BatchId.Bytes)));
        batch = new Batch(id, isConfig, encoded, [.. envelopes]);
        fault = null;
        return true;
    }

    private static bool Fail(string why, out string fault)
    {
        fault = why;
        return false;
    }
}
