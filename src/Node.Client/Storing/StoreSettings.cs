using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Node.Client.Storing.Remote;

namespace Node.Client.Storing;

/// <summary>One store as a person describes it: a URI with options. docs/stores.md lists them.</summary>
internal sealed record StoreSettings
{
    private const int TimeoutSecondsDefault = 60;
    private const int TimeoutSecondsMax = 3600;

    private static readonly string[] s_fileOptions = ["layout", "read-only"];
    private static readonly string[] s_webOptions = ["timeout"];
    private static readonly string[] s_s3Options =
        ["endpoint", "region", "path-style", "profile", "credentials", "anonymous", "timeout", "retries", "read-only"];

    /// <summary>Options of every kind of store.</summary>
    public static IEnumerable<string> OptionNames => s_fileOptions.Concat(s_webOptions).Concat(s_s3Options).Distinct();

    /// <summary>For --store and default:; empty for a store without a name.</summary>
    public string Name { get; init; } = "";

    public required Uri Uri { get; init; }

    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <param name="text">A URI with options as its query, or a path.</param>
    /// <param name="folder">Relative paths start here.</param>
    /// <param name="more">Options beside those in the URI.</param>
    public static bool TryParse(
        string text, string folder, IReadOnlyDictionary<string, string> more,
        [NotNullWhen(true)] out StoreSettings? settings, [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        string[] parts = text.Split('?', 2);
        var options = new Dictionary<string, string>(more, StringComparer.Ordinal);
        if (!TryParseUri(parts[0], folder, out Uri? uri, out fault)
            || (parts.Length == 2 && !TryReadOptions(parts[1], options, out fault)))
            return false;

        string[] known = uri.Scheme switch { "file" => s_fileOptions, "s3" => s_s3Options, _ => s_webOptions };
        string? unknown = options.Keys.FirstOrDefault(name => !known.Contains(name));
        if (unknown is not null)
        {
            fault = $"a {uri.Scheme} store has no option \"{unknown}\" (known: {string.Join(", ", known)})";
            return false;
        }

        settings = new StoreSettings { Uri = uri, Options = options };
        fault = settings.Fault();
        return fault is null;
    }

    /// <exception cref="StoreConfigException">There are no credentials for it.</exception>
    public IContentStore Open(TimeProvider clock) => Uri.Scheme switch
    {
        "file" when Option("layout") == "plain" => new PlainStore(Uri.LocalPath, Flag("read-only", otherwise: false)),
        "file" => new FolderStore(Uri.LocalPath, Flag("read-only", otherwise: false)),
        "s3" => OpenS3(clock),
        _ => new HttpStore(Uri, Timeout, clock),
    };

    private TimeSpan Timeout => TimeSpan.FromSeconds(Number("timeout", TimeoutSecondsDefault));

    private S3Store OpenS3(TimeProvider clock)
    {
        Uri? endpoint = Option("endpoint") is { } text ? new Uri(text) : null;
        string region = Option("region") ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? "us-east-1";
        var address = new S3Address(
            Uri.Host, Uri.UnescapeDataString(Uri.AbsolutePath).Trim('/'), endpoint, region,
            Flag("path-style", otherwise: endpoint is not null));
        var access = new S3Access(
            Option("profile"), Option("credentials"), Flag("anonymous", otherwise: false), Timeout,
            Number("retries", S3Access.RetriesDefault), clock);
        return new S3Store(address, access, Flag("read-only", otherwise: false));
    }

    private string? Fault()
    {
        if (Option("layout") is { } layout && layout is not ("plain" or "content-addressed"))
            return $"layout is \"{layout}\", expected content-addressed or plain";

        foreach (string name in new[] { "read-only", "path-style", "anonymous" })
        {
            if (Option(name) is { } flag && flag is not ("true" or "false"))
                return $"{name} is \"{flag}\", expected true or false";
        }

        foreach (string name in new[] { "timeout", "retries" })
        {
            if (Option(name) is { } number
                && !(int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                && value <= TimeoutSecondsMax && (value > 0 || name == "retries")))
                return $"{name} is \"{number}\", expected a number up to {TimeoutSecondsMax}";
        }

        if (Option("endpoint") is { } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"))
            return $"endpoint is \"{endpoint}\", expected http://host:port or https://host";

        return null;
    }

    private static bool TryParseUri(
        string text, string folder, [NotNullWhen(true)] out Uri? uri, [NotNullWhen(false)] out string? fault)
    {
        uri = null;
        fault = null;
        if (text.Length == 0 || text.Contains('\0'))
        {
            fault = "a store has no address: write a path, file://, s3:// or http(s)://";
            return false;
        }

        if (!text.Contains("://", StringComparison.Ordinal))
        {
            uri = new Uri(Path.GetFullPath(text, folder));
            return true;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out uri) || uri.Scheme is not ("file" or "s3" or "http" or "https"))
            fault = $"\"{text}\" is no store: write a path, file://, s3:// or http(s)://";
        else if (uri.UserInfo.Length > 0)
            fault = "a store's address must not hold a user or password: it would stand in records";
        else if (uri.Scheme == "file" && (uri.IsUnc || !uri.IsFile))
            fault = $"\"{text}\" names a host: write file:/// and an absolute path, or mount the share";
        else if (uri.Scheme != "file" && uri.Host.Length == 0)
            fault = $"\"{text}\" names no {(uri.Scheme == "s3" ? "bucket" : "host")}";

        return fault is null;
    }

    private static bool TryReadOptions(
        string query, Dictionary<string, string> options, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        foreach (string option in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = option.Split('=', 2);
            if (!options.TryAdd(pair[0], pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "true"))
                fault = $"the option {pair[0]} is named twice";
        }

        return fault is null;
    }

    private string? Option(string name) => Options.GetValueOrDefault(name);

    private bool Flag(string name, bool otherwise) => Option(name) is { } text ? text == "true" : otherwise;

    private int Number(string name, int otherwise) =>
        Option(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
}
