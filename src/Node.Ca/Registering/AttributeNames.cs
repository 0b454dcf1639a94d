namespace Node.Ca.Registering;

/// <summary>The attributes that mean something to the authority itself.</summary>
internal static class AttributeNames
{
    public const string EnrollmentId = "hf.EnrollmentID";
    public const string Type = "hf.Type";
    public const string Affiliation = "hf.Affiliation";
    public const string Roles = "hf.Registrar.Roles";
    public const string DelegateRoles = "hf.Registrar.DelegateRoles";
    public const string Attributes = "hf.Registrar.Attributes";
    public const string Revoker = "hf.Revoker";
    public const string GenCrl = "hf.GenCRL";
    public const string AffiliationManager = "hf.AffiliationMgr";
    public const string IntermediateCa = "hf.IntermediateCA";

    /// <summary>Names with this prefix are reserved: unknown ones are refused.</summary>
    public const string ReservedPrefix = "hf.";

    /// <summary>They follow from the registration and are given by nobody.</summary>
    public static bool IsDerived(string name) => name is EnrollmentId or Type or Affiliation;

    public static bool IsFlag(string name) => name is Revoker or GenCrl or AffiliationManager or IntermediateCa;

    public static bool IsList(string name) => name is Roles or DelegateRoles or Attributes;

    /// <summary>As Go reads truth.</summary>
    public static bool IsTrue(string value) => value is "1" or "t" or "T" or "true" or "TRUE" or "True";

    public static bool IsFalse(string value) => value is "0" or "f" or "F" or "false" or "FALSE" or "False";

    /// <summary>"a, b,c" as its three elements.</summary>
    public static string[] Elements(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// True when each element of one list is one of another's, or covered by one that ends with an asterisk.
    /// </summary>
    public static bool Covers(string list, string name) => Elements(list).Any(element =>
        element == "*" || element == name
        || (element.EndsWith('*') && name.StartsWith(element[..^1], StringComparison.Ordinal)));
}
