namespace Node.Ca.Revoking;

/// <summary>Reasons by the names that Fabric CA's clients use, and their numbers in RFC 5280, 5.3.1.</summary>
internal static class RevocationReason
{
    private static readonly Dictionary<string, byte> s_codes = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 0,
        ["unspecified"] = 0,
        ["keycompromise"] = 1,
        ["cacompromise"] = 2,
        ["affiliationchanged"] = 3,
        ["superseded"] = 4,
        ["cessationofoperation"] = 5,
        ["certificatehold"] = 6,
        ["removefromcrl"] = RemoveFromList,
        ["privilegewithdrawn"] = 9,
        ["aacompromise"] = 10,
    };

    // Means something in lists of changes alone. In a complete list the entry stays, and gives no reason.
    private const byte RemoveFromList = 8;

    public static string Names => string.Join(", ", s_codes.Keys.Where(name => name.Length > 0));

    /// <summary>The reason that an entry of a complete list may give.</summary>
    public static byte InCompleteList(byte code) => code == RemoveFromList ? (byte)0 : code;

    public static bool TryParse(string name, out byte code) => s_codes.TryGetValue(name, out code);
}
