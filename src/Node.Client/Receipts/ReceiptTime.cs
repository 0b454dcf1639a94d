using Node.Membership;
using Node.Protocol;

namespace Node.Client.Receipts;

/// <summary>Judges certificates as of the time of what they signed, never as of today.</summary>
internal static class ReceiptTime
{
    /// <summary>
    /// Null when the certificate was valid then. Clocks of client and node may differ by as much as a node accepts.
    /// </summary>
    public static string? FaultOf(Identity identity, DateTimeOffset time)
    {
        if (identity.IsExpiredAt(time))
            return $"{identity} had a certificate that expired at {identity.NotAfter:u}, before {time:u}";

        return identity.NotBefore - time > Limits.ProposalSkewMax
            ? $"{identity} had a certificate that is valid from {identity.NotBefore:u} only, after {time:u}"
            : null;
    }
}
