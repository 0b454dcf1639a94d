namespace Node.Client.Storing.Remote;

/// <summary>Pointers in stores that are reached by a network.</summary>
internal static class RemotePath
{
    public const string Fault = "the pointer has an empty part, . or .. in it";

    /// <summary>A relative path that means the same to every server.</summary>
    public static bool IsPlain(string pointer)
    {
        if (pointer.Length == 0 || pointer.Contains('\0'))
            return false;

        foreach (string part in pointer.Split('/', '\\'))
        {
            if (part is "" or "." or "..")
                return false;
        }

        return true;
    }

    /// <summary>For the path of a URI: each part escaped, so that ? and # stay in the name.</summary>
    public static string Escape(string pointer) =>
        string.Join('/', pointer.Split('/').Select(Uri.EscapeDataString));

    /// <summary>Whether a folder and pointer of a record lie below a store's own folder.</summary>
    /// <param name="root">Ends with a slash, or is empty.</param>
    /// <param name="folder">Ends with a slash, or is empty.</param>
    public static bool TryBelow(string root, string folder, string pointer, out string own)
    {
        string path = folder + pointer;
        bool isBelow = path.StartsWith(root, StringComparison.Ordinal) && IsPlain(path[root.Length..]);
        own = isBelow ? path[root.Length..] : "";
        return isBelow;
    }
}
