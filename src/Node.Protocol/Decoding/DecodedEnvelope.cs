using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Decoding;

/// <summary>An envelope with its headers, decoded once; what was signed stays the bytes that travelled.</summary>
/// <remarks>
/// Immutable; any thread. Every property is a part of <see cref="Bytes"/>, which must not change while this lives.
/// </remarks>
public sealed class DecodedEnvelope
{
    private readonly Slice _payload;
    private readonly Slice _signature;
    private readonly Slice _data;
    private readonly DecodedHeader _header;

    private DecodedEnvelope(
        ReadOnlyMemory<byte> bytes, Slice payload, Slice signature, Slice data, in DecodedHeader header)
    {
        Bytes = bytes;
        _payload = payload;
        _signature = signature;
        _data = data;
        _header = header;
    }

    /// <summary>The whole envelope. Slices of transactions and read-write sets count from its start.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What <see cref="Signature"/> signs.</summary>
    public ReadOnlyMemory<byte> Payload => _payload.Of(Bytes);

    public ReadOnlyMemory<byte> Signature => _signature.Of(Bytes);

    /// <summary>The message that the type names: a Transaction, a ConfigEnvelope, a SeekInfo.</summary>
    public ReadOnlyMemory<byte> Data => _data.Of(Bytes);

    public ReadOnlyMemory<byte> ChannelHeader => _header.ChannelHeader.Of(Bytes);

    public ReadOnlyMemory<byte> SignatureHeader => _header.SignatureHeader.Of(Bytes);

    /// <summary>An encoded SerializedIdentity, as it travelled.</summary>
    public ReadOnlyMemory<byte> Creator => _header.Creator.Of(Bytes);

    public ReadOnlyMemory<byte> Nonce => _header.Nonce.Of(Bytes);

    /// <summary>May be a number that nobody defined, unless this came from <see cref="TryDecodeInBlock"/>.</summary>
    public HeaderType Type => (HeaderType)_header.Type;

    /// <summary>Null when the header has none.</summary>
    public WireTimestamp? Timestamp => _header.HasTimestamp ? _header.Timestamp : null;

    public ulong Epoch => _header.Epoch;

    public ReadOnlyMemory<byte> ChannelIdUtf8 => _header.ChannelId.Of(Bytes);

    public ReadOnlyMemory<byte> TxIdUtf8 => _header.TxId.Of(Bytes);

    public ReadOnlyMemory<byte> Extension => _header.Extension.Of(Bytes);

    public ReadOnlyMemory<byte> TlsCertHash => _header.TlsCertHash.Of(Bytes);

    /// <summary>As it stands there, valid or not. Allocates.</summary>
    public string TxIdText => Encoding.UTF8.GetString(TxIdUtf8.Span);

    internal Slice DataSlice => _data;

    internal Slice ExtensionSlice => _header.Extension;

    /// <summary>Decodes an envelope of any type: what Broadcast and Deliver receive.</summary>
    /// <remarks>Checks that payload and both headers can be read, and nothing they say.</remarks>
    public static bool TryDecode(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out DecodedEnvelope? envelope, out DecodeFault fault)
    {
        envelope = null;
        ReadOnlySpan<byte> span = bytes.Span;
        if (!TryReadPair(WireReader.Inside(span, new Slice(0, span.Length)), out Slice payload, out Slice signature))
        {
            fault = DecodeFault.Envelope(TxValidationCode.InvalidOtherReason, "the envelope cannot be read");
            return false;
        }

        Slice header = default;
        Slice data = default;
        WireReader reader = WireReader.Inside(span, payload);
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryMessage(ref header);
            else if (reader.Field == 2)
                reader.TryBytes(out data);
        }

        if (reader.Failed)
        {
            fault = DecodeFault.Envelope(TxValidationCode.BadPayload, "the payload cannot be read");
            return false;
        }

        if (!header.IsPresent || !DecodedHeader.TryRead(span, header, out DecodedHeader headers))
        {
            fault = DecodeFault.Envelope(TxValidationCode.BadCommonHeader, "a header is missing or cannot be read");
            return false;
        }

        envelope = new DecodedEnvelope(bytes, payload, signature, data, headers);
        fault = default;
        return true;
    }

    /// <summary>
    /// Decodes an envelope that lies in a block, with everything that is checked before its signature.
    /// </summary>
    public static bool TryDecodeInBlock(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out DecodedEnvelope? envelope, out DecodeFault fault)
    {
        if (bytes.IsEmpty)
        {
            envelope = null;
            fault = DecodeFault.Envelope(TxValidationCode.NilEnvelope, "the envelope is empty");
            return false;
        }

        if (!TryDecode(bytes, out envelope, out fault))
            return false;
        if (envelope.CommonHeaderFault() is not { } text)
            return true;

        envelope = null;
        fault = DecodeFault.Envelope(TxValidationCode.BadCommonHeader, text);
        return false;
    }

    public bool TryGetChannelId(out ChannelId id, [NotNullWhen(false)] out string? fault) =>
        ChannelId.TryParse(ChannelIdUtf8.Span, out id, out fault);

    public bool TryGetTxId(out TxId id, [NotNullWhen(false)] out string? fault) =>
        TxId.TryParse(TxIdUtf8.Span, out id, out fault);

    private static bool TryReadPair(WireReader reader, out Slice first, out Slice second)
    {
        first = default;
        second = default;
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.TryBytes(out first);
            else if (reader.Field == 2)
                reader.TryBytes(out second);
        }

        return !reader.Failed;
    }

    private string? CommonHeaderFault()
    {
        if (Type is not (HeaderType.EndorserTransaction or HeaderType.Config or HeaderType.ConfigUpdate))
            return "a transaction of this type may not lie in a block";
        if (_header.Epoch != 0)
            return "the epoch is not 0";
        if (_header.Nonce.IsEmpty)
            return "the nonce is missing";

        return _header.Creator.IsEmpty ? "the creator is missing" : null;
    }
}
