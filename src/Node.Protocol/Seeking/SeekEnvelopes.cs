using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Ordering;

namespace Node.Protocol.Seeking;

/// <summary>
/// Reads the requests of Deliver streams, for orderers and peers alike (fabric-wire B13). Form only: who signed, and
/// whether the blocks are there, is judged elsewhere.
/// </summary>
public static class SeekEnvelopes
{
    /// <summary>Everything that is answered BAD_REQUEST before the channel is looked up.</summary>
    public static bool TryDecode(
        ReadOnlyMemory<byte> received,
        DateTimeOffset now,
        in TlsBinding tls,
        [NotNullWhen(true)] out DecodedEnvelope? request,
        [NotNullWhen(false)] out string? fault)
    {
        fault = DecodedEnvelope.TryDecode(received, out request, out DecodeFault decodeFault)
            ? FaultOfTime(request, now) ?? FaultOfBinding(request.TlsCertHash.Span, tls)
            : decodeFault.Text;
        if (fault is not null)
            request = null;

        return request is not null;
    }

    /// <summary>What is asked for. False is answered BAD_REQUEST.</summary>
    public static bool TryParseSeek(DecodedEnvelope request, [NotNullWhen(true)] out SeekInfo? seek)
    {
        try
        {
            seek = SeekInfo.Parser.ParseFrom(request.Data.Span);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            seek = null;
            return false;
        }
    }

    private static string? FaultOfTime(DecodedEnvelope request, DateTimeOffset now)
    {
        if (request.Timestamp is not { } stamp || !stamp.TryToDateTimeOffset(out DateTimeOffset timestamp))
            return "the channel header has no timestamp, or none that can be read";

        return (timestamp - now).Duration() > Limits.ProposalSkewMax
            ? $"the timestamp {timestamp:u} is too far from this node's clock, {now:u}"
            : null;
    }

    private static string? FaultOfBinding(ReadOnlySpan<byte> claimed, in TlsBinding tls)
    {
        if (!tls.Required)
            return null;
        if (claimed.IsEmpty)
            return "the channel header has no hash of the client's TLS certificate";

        return tls.Presented is { } hash && claimed.SequenceEqual(hash.AsSpan())
            ? null
            : "the channel header names another TLS certificate than this connection's";
    }
}
