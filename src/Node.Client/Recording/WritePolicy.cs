namespace Node.Client.Recording;

public enum PolicyScope
{
    /// <summary>One key.</summary>
    Key,

    /// <summary>All keys that begin with a text.</summary>
    Prefix,
}

/// <summary>Who may write a key, or all keys that begin with a prefix, and who may change that.</summary>
/// <remarks>
/// Principals: <c>owner</c>; <c>Org1MSP</c> or <c>*</c>; and behind a colon conditions joined by commas: a role
/// (<c>member</c>, <c>client</c>, <c>peer</c>, <c>admin</c>, <c>orderer</c>), <c>id=…</c> for an enrolment id,
/// <c>name=value</c> for an attribute of the certificate. Rules: docs/provenance-contract.md.
/// </remarks>
public sealed record WritePolicy
{
    public required PolicyScope Scope { get; init; }

    /// <summary>The key, or the prefix.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<string> Writers { get; init; }

    /// <summary>Null, when it is set: all members of one's own organisation.</summary>
    public IReadOnlyList<string>? Admins { get; init; }

    /// <summary>Who set it; empty where the option writers of a record did.</summary>
    public string MspId { get; init; } = "";

    /// <inheritdoc cref="MspId"/>
    public string EnrollmentId { get; init; } = "";

    /// <summary>When it was set: the transaction's own time, RFC 3339 in UTC.</summary>
    public string Time { get; init; } = "";
}

/// <summary>The policies that apply to a key. All of them must let a writer in.</summary>
/// <param name="MayWrite">Whether they let in whoever asked.</param>
public sealed record KeyPolicies(string Key, bool MayWrite, IReadOnlyList<WritePolicy> Policies);
