using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance.Policies;

/// <summary>One kind of client that a write policy lets in.</summary>
/// <remarks>
/// <para>Text: <c>owner</c>; or an MSP id or <c>*</c> for any, and behind a colon what else must hold, joined by
/// commas: a role (<c>member</c>, <c>client</c>, <c>peer</c>, <c>admin</c>, <c>orderer</c>), <c>id=…</c> for an
/// enrolment id, <c>name=value</c> for an attribute of the certificate. <c>Org1MSP:admin,lab=north</c>.</para>
/// <para>An attribute is what an organisation says of its own people: with <c>*</c> any organisation can say
/// it.</para>
/// </remarks>
internal sealed class Principal
{
    public const int BytesMax = 1_024;

    private const string OwnerText = "owner";
    private const string AnyOrganization = "*";
    private const string EnrollmentIdName = "id";
    private const char OrganizationEnd = ':';
    private const char ConditionEnd = ',';

    private static readonly Dictionary<string, ClientRole?> s_roles = new(StringComparer.Ordinal)
    {
        ["member"] = null,
        ["client"] = ClientRole.Client,
        ["peer"] = ClientRole.Peer,
        ["admin"] = ClientRole.Admin,
        ["orderer"] = ClientRole.Orderer,
    };

    private readonly string _organization;
    private readonly List<(string Name, string Value)> _attributes = [];
    private ClientRole? _role;
    private string? _enrollmentId;

    private Principal(string text, string organization) => (Text, _organization) = (text, organization);

    public string Text { get; }

    /// <summary>Whoever wrote the key's newest record; anybody, for a key without one.</summary>
    public bool IsOwner { get; private init; }

    /// <summary>All members of one organisation.</summary>
    public static Principal Organization(string mspId) => new(mspId, mspId);

    public static bool TryParse(
        string text, [NotNullWhen(true)] out Principal? principal, [NotNullWhen(false)] out string? fault)
    {
        principal = null;
        fault = null;
        if (text == OwnerText)
        {
            principal = new Principal(text, organization: "") { IsOwner = true };
            return true;
        }

        int colon = text.IndexOf(OrganizationEnd, StringComparison.Ordinal);
        string organization = colon < 0 ? text : text[..colon];
        if (Encoding.UTF8.GetByteCount(text) > BytesMax)
            fault = $"a principal has at most {BytesMax} bytes";
        else if (organization != AnyOrganization && !MspId.TryParse(organization, out _, out string? mspFault))
            fault = $"{Quoted.Text(text)} does not begin with an organisation: {mspFault}";
        if (fault is not null)
            return false;

        var parsed = new Principal(text, organization);
        string[] conditions = colon < 0 ? [] : text[(colon + 1)..].Split(ConditionEnd);
        foreach (string condition in conditions)
            fault ??= parsed.FaultOf(condition);
        principal = fault is null ? parsed : null;
        return principal is not null;
    }

    /// <summary>Whether the client is one of these. Owners are asked for apart: that takes a look at the key.</summary>
    public bool Matches(ClientIdentity client)
    {
        bool matches = !IsOwner
            && (_organization == AnyOrganization || _organization == client.MspId.Value)
            && (_role is null || _role == client.Role)
            && (_enrollmentId is null || _enrollmentId == client.EnrollmentId);
        foreach ((string name, string value) in _attributes)
            matches = matches && client.Attributes.TryGetValue(name, out string? has) && has == value;
        return matches;
    }

    private string? FaultOf(string condition)
    {
        int equals = condition.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? condition : condition[..equals];
        if (equals < 0 && s_roles.TryGetValue(name, out ClientRole? role))
            _role = role ?? _role;
        else if (equals <= 0)
            return $"{Quoted.Text(condition)} in {Quoted.Text(Text)} is neither a role "
                + $"({string.Join(", ", s_roles.Keys)}) nor id=… nor an attribute name=value";
        else if (name == EnrollmentIdName)
            _enrollmentId = condition[(equals + 1)..];
        else
            _attributes.Add((name, condition[(equals + 1)..]));
        return null;
    }
}
