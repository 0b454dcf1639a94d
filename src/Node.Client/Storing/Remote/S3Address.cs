namespace Node.Client.Storing.Remote;

/// <summary>Where an S3 store is: what a record says of it, and what only this machine needs to know.</summary>
/// <param name="Prefix">Without slashes at its ends; empty for the whole bucket.</param>
/// <param name="Endpoint">Null: Amazon's, chosen by the region.</param>
/// <param name="UsesPathStyle">
/// The bucket stands in the path and not in the host name: most servers but Amazon's.
/// </param>
internal sealed record S3Address(string Bucket, string Prefix, Uri? Endpoint, string Region, bool UsesPathStyle)
{
    /// <summary>As records name it: <c>s3://bucket/prefix?endpoint=https://host:port</c>.</summary>
    public string Location
    {
        get
        {
            string place = Prefix.Length == 0 ? $"s3://{Bucket}" : $"s3://{Bucket}/{Prefix}";
            return Endpoint is null ? place : $"{place}?endpoint={Endpoint.GetLeftPart(UriPartial.Authority)}";
        }
    }

    private string Root => Prefix.Length == 0 ? "" : Prefix + "/";

    public string KeyOf(string pointer) => Root + pointer;

    public string PointerOf(string key) => key[Root.Length..];

    /// <inheritdoc cref="IContentStore.Covers"/>
    /// <remarks>A record without an endpoint means whichever one this client uses for that bucket.</remarks>
    public bool Covers(string location, string pointer, out string own)
    {
        own = "";
        const string Scheme = "s3://";
        if (!location.StartsWith(Scheme, StringComparison.Ordinal) || !RemotePath.IsPlain(pointer))
            return false;

        string[] parts = location[Scheme.Length..].Split('?', 2);
        if (parts.Length == 2 && !MeansThisEndpoint(parts[1]))
            return false;

        string[] path = parts[0].Split('/', 2);
        string prefix = path.Length == 2 ? path[1].Trim('/') : "";
        string folder = prefix.Length == 0 ? "" : prefix + "/";
        return path[0] == Bucket && RemotePath.TryBelow(Root, folder, pointer, out own);
    }

    private bool MeansThisEndpoint(string query)
    {
        foreach (string option in query.Split('&'))
        {
            if (option.StartsWith("endpoint=", StringComparison.Ordinal))
                return Endpoint is not null
                    && Uri.TryCreate(
                        Uri.UnescapeDataString(option["endpoint=".Length..]), UriKind.Absolute, out Uri? said)
                    && said.GetLeftPart(UriPartial.Authority) == Endpoint.GetLeftPart(UriPartial.Authority);
        }

        return true;
    }
}
