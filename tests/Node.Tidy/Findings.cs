namespace Node.Tidy;

/// <summary>Shows every finding in full: a cut list sends its reader to search for what was already found.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        string[] all = [.. findings];
        Assert.True(all.Length == 0, $"{all.Length} found:\n" + string.Join('\n', all));
    }
}
