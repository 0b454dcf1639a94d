using System.Text.Json.Nodes;

namespace Node.Cli.Networks;

/// <summary>
/// Paths in a node's configuration: relative to the file on disk, so that a folder can be moved to where the node runs;
/// absolute in the node, which may be started from anywhere.
/// </summary>
/// <remarks>Which values are paths their names tell: …File, …Files, …Folder, …Folders.</remarks>
internal static class ConfigPaths
{
    private static readonly string[] s_endings = ["File", "Files", "Folder", "Folders"];

    public static void MakeRelative(JsonNode config, string folder) =>
        Rewrite(config, path => Path.IsPathRooted(path) ? Path.GetRelativePath(folder, path) : path);

    public static void MakeAbsolute(JsonNode config, string folder) =>
        Rewrite(config, path => path.Length == 0 ? path : Path.GetFullPath(path, folder));

    private static void Rewrite(JsonNode node, Func<string, string> change)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode item in array.OfType<JsonNode>())
                Rewrite(item, change);
        }
        else if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields.ToArray())
            {
                if (value is not null && IsPath(name))
                    fields[name] = Changed(value, change);
                else if (value is not null)
                    Rewrite(value, change);
            }
        }
    }

    private static bool IsPath(string name) =>
        Array.Exists(s_endings, ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static JsonNode Changed(JsonNode value, Func<string, string> change) => value switch
    {
        JsonArray array => new JsonArray([.. array.Select(item => item is null ? null : Changed(item, change))]),
        JsonValue text when text.TryGetValue(out string? path) => JsonValue.Create(change(path)),
        _ => value.DeepClone(),
    };
}
