namespace Node.Client.Storing;

/// <summary>Addresses as people read them.</summary>
internal static class StorePlace
{
    /// <summary>A path for files, else a URI. For messages only: what it says was not checked.</summary>
    public static string Of(string location, string pointer)
    {
        if (Uri.TryCreate(location, UriKind.Absolute, out Uri? uri) && uri.IsFile && !pointer.Contains('\0'))
            return Path.Combine(uri.LocalPath, pointer);

        int query = location.IndexOf('?', StringComparison.Ordinal);
        string root = query < 0 ? location : location[..query];
        return $"{root.TrimEnd('/')}/{pointer}";
    }
}
