namespace Node.Client.Exporting.Prov;

/// <summary>A qualified name: it means the text of namespace and local part together.</summary>
/// <param name="Prefix">How its document abbreviates the namespace; empty for the default namespace.</param>
public sealed record ProvName(string Prefix, string Local, string Namespace)
{
    public string Uri => Namespace + Local;

    /// <summary>Two names are the same when they mean the same, however abbreviated.</summary>
    public bool Equals(ProvName? other) => other is not null && Uri == other.Uri;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Uri);

    public override string ToString() => Prefix.Length == 0 ? Local : $"{Prefix}:{Local}";
}

/// <summary>The namespaces of a document or bundle.</summary>
/// <remarks>prov, xsd and xsi are known without being declared. A bundle sees those of its document.</remarks>
public sealed class ProvNamespaces(ProvNamespaces? outer)
{
    public const string Prov = "http://www.w3.org/ns/prov#";
    public const string Xsd = "http://www.w3.org/2001/XMLSchema#";
    public const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    private readonly SortedDictionary<string, string> _declared = new(StringComparer.Ordinal);

    /// <summary>Prefix and URI, by prefix; without the predefined ones.</summary>
    public IReadOnlyDictionary<string, string> Declared => _declared;

    /// <summary>What names without a prefix are in; null: there are none.</summary>
    public string? Default { get; private set; }

    /// <returns>What is wrong; null when it was declared.</returns>
    public string? Declare(string prefix, string uri)
    {
        if (uri.Length == 0)
            return $"the prefix \"{Quoted.Short(prefix)}\" has an empty URI";
        if (Predefined(prefix) is { } fixedUri)
            return uri == fixedUri ? null : $"the prefix \"{prefix}\" always means {fixedUri}";

        _declared[prefix] = uri;
        return null;
    }

    public void DeclareDefault(string uri) => Default = uri;

    public ProvName? Find(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return DefaultUri() is { } uri ? new ProvName("", text, uri) : null;

        string prefix = text[..colon];
        if (UriOf(prefix) is { } known)
            return new ProvName(prefix, text[(colon + 1)..], known);

        // A whole URI in place of a name, as some programs write it.
        return All().Where(pair => text.StartsWith(pair.Value, StringComparison.Ordinal))
            .OrderByDescending(pair => pair.Value.Length)
            .Select(pair => new ProvName(pair.Key, text[pair.Value.Length..], pair.Value))
            .FirstOrDefault();
    }

    private IEnumerable<KeyValuePair<string, string>> All() =>
        outer is null ? _declared : _declared.Concat(outer.All());

    private string? UriOf(string prefix) =>
        Predefined(prefix) ?? _declared.GetValueOrDefault(prefix) ?? outer?.UriOf(prefix);

    private string? DefaultUri() => Default ?? outer?.DefaultUri();

    private static string? Predefined(string prefix) => prefix switch
    {
        "prov" => Prov,
        "xsd" => Xsd,
        "xsi" => Xsi,
        _ => null,
    };
}
