namespace Node.Ca.Registering;

/// <summary>Affiliations: a tree of names joined by dots, whose root is the empty text.</summary>
internal static class AffiliationPath
{
    // A certificate's units tell roles: an affiliation of such a name would make its members administrators.
    private static readonly string[] s_roles = ["admin", "client", "peer", "orderer"];

    /// <summary>Null when a path may be added.</summary>
    public static string? FaultOf(string path)
    {
        if (path.Length is 0 or > CaLimits.AffiliationCharsMax)
            return $"an affiliation has 1 to {CaLimits.AffiliationCharsMax} characters, not {path.Length}";

        string[] elements = path.Split('.');
        if (elements.Length > CaLimits.AffiliationDepthMax)
            return $"an affiliation has at most {CaLimits.AffiliationDepthMax} elements, not {elements.Length}";
        if (!elements.All(element => element.Length > 0 && element.All(IsNameChar)))
            return "an affiliation is made of names joined by dots; a name has letters, digits, '-' and '_'";

        return elements.FirstOrDefault(IsRole) is { } role
            ? $"'{role}' is the name of a role and can be no part of an affiliation"
            : null;
    }

    /// <summary>True for the path itself and everything below it; the root holds everything.</summary>
    public static bool Holds(string above, string path) =>
        above.Length == 0
        || path == above
        || (path.Length > above.Length && path[above.Length] == '.'
            && path.StartsWith(above, StringComparison.Ordinal));

    /// <summary>"a.b" of "a.b.c"; the root of "a".</summary>
    public static string ParentOf(string path) =>
        path.LastIndexOf('.') is var dot && dot < 0 ? "" : path[..dot];

    private static bool IsRole(string element) => s_roles.Contains(element, StringComparer.OrdinalIgnoreCase);

    private static bool IsNameChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
