using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Node.Membership;

namespace Node.Orderer.Ordering;

/// <summary>Whether a channel's configuration names this orderer as one that orders. Any thread.</summary>
/// <remarks>
/// A consenter is known by its TLS certificate. One that was renewed is still the same orderer's when its subject is
/// that of the named one: who may really take part is decided by the log and by the channel's policies, not here.
/// </remarks>
/// <param name="certificateFile">PEM of the TLS server; null where there is none, and then nothing is asked.</param>
internal sealed class OrdererSeat(string? certificateFile)
{
    /// <summary>For an orderer without TLS: every channel is its own to order.</summary>
    public static OrdererSeat Everywhere { get; } = new(certificateFile: null);

    /// <summary>True also where the configuration names nobody at all.</summary>
    public bool IsNamedBy(ChannelConfig config)
    {
        if (certificateFile is null || config.Orderer.Consenters.Count == 0)
            return true;

        using X509Certificate2? own = Read(ReadFile(certificateFile));
        return own is null || config.Orderer.Consenters.Any(place => IsOurs(own, place));
    }

    private static bool IsOurs(X509Certificate2 own, ConsenterPlace place)
    {
        using X509Certificate2? named = Read(Encoding.ASCII.GetString(place.ServerTlsPem.Span));
        return named is not null
            && (named.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span)
                || named.PublicKey.EncodedKeyValue.RawData.AsSpan()
                    .SequenceEqual(own.PublicKey.EncodedKeyValue.RawData)
                || (named.SubjectName.RawData.AsSpan().SequenceEqual(own.SubjectName.RawData)
                    && named.IssuerName.RawData.AsSpan().SequenceEqual(own.IssuerName.RawData)));
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";   // Being replaced just now; the certificate in use is another component's care.
        }
    }

    private static X509Certificate2? Read(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
