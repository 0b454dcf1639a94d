using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Node.Client;

/// <summary>What one node said when it refused or failed.</summary>
/// <param name="Address">host:port.</param>
/// <param name="MspId">As the gateway reports it; empty for a node it has no name for.</param>
public sealed record EndorserFault(string Address, string MspId, string Message)
{
    private const string ContractPrefix = "chaincode response ";

    /// <summary>The contract's own status, as in HTTP, when it was the contract that refused.</summary>
    public int? ContractStatus => TryReadContract(out int status, out _) ? status : null;

    /// <summary>What the contract said, without the gateway's words around it; else the whole message.</summary>
    public string Reason => TryReadContract(out _, out string? reason) ? reason : Message;

    /// <summary>Address and organisation, for people.</summary>
    public string Node => MspId.Length == 0 ? Address : $"{Address} ({MspId})";

    public override string ToString() => $"{Node}: {Message}";

    private bool TryReadContract(out int status, [NotNullWhen(true)] out string? reason)
    {
        status = 0;
        reason = null;
        if (!Message.StartsWith(ContractPrefix, StringComparison.Ordinal))
            return false;

        string rest = Message[ContractPrefix.Length..];
        int comma = rest.IndexOf(", ", StringComparison.Ordinal);
        if (comma < 0 || !int.TryParse(
            rest.AsSpan(0, comma), NumberStyles.None, CultureInfo.InvariantCulture, out status))
            return false;

        reason = rest[(comma + 2)..];
        return true;
    }
}
