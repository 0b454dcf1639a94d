using System.Runtime.CompilerServices;
using Node.Membership;
using Node.Protocol;

namespace Node.Hosting.Renewing;

/// <summary>The CA certificates in the configurations of a node's channels.</summary>
/// <remarks>Any thread. Read once for each configuration.</remarks>
public sealed class ChannelCertificates(MspId own, Func<IEnumerable<ChannelConfig>> configs)
{
    private readonly ConditionalWeakTable<ChannelConfig, CertificateFacts[]> _read = [];

    public IEnumerable<CertificateFacts> Read() => configs().SelectMany(config => _read.GetValue(config, FactsOf));

    private CertificateFacts[] FactsOf(ChannelConfig config) =>
    [
        .. config.Msps.SelectMany(msp => msp.Authorities.Select(authority => new CertificateFacts(
            authority.IsForTls ? CertificateUse.TlsRoot : CertificateUse.Root, msp.MspId == own,
            authority.CommonName, authority.SerialNumber, authority.NotBefore, authority.NotAfter))),
    ];
}
