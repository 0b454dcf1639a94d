using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Node.Ca.Hosting;
using Node.Cli.Running;
using Node.Orderer.Hosting;
using Node.Peer.Hosting;

namespace Node.Cli.Networks;

/// <summary>
/// The file that <c>peer start</c>, <c>orderer start</c> and <c>ca start</c> read: nodes/NAME/config.json.
/// </summary>
/// <remarks>
/// Written anew by every <c>network up</c> from network.yaml, so that one file is edited by people. Its paths are
/// relative to its own folder.
/// </remarks>
internal static class NodeConfig
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static void Write(string path, PeerOptions options) =>
        WriteText(path, JsonSerializer.SerializeToNode(options, s_options));

    public static void Write(string path, OrdererOptions options) =>
        WriteText(path, JsonSerializer.SerializeToNode(options, s_options));

    public static void Write(string path, CaOptions options) =>
        WriteText(path, JsonSerializer.SerializeToNode(options, s_options));

    public static PeerOptions ReadPeer(string path, bool insecure) => Read<PeerOptions>(path, "peer", insecure);

    public static OrdererOptions ReadOrderer(string path, bool insecure) =>
        Read<OrdererOptions>(path, "orderer", insecure);

    public static CaOptions ReadCa(string path, bool insecure) =>
        Read<CaOptions>(path, "certificate authority", insecure);

    /// <param name="insecure">Overrides what the file says, when true.</param>
    private static T Read<T>(string path, string role, bool insecure)
    {
        try
        {
            JsonNode config = JsonNode.Parse(File.ReadAllBytes(path)) ?? throw new JsonException("the file holds null");
            ConfigPaths.MakeAbsolute(config, FolderOf(path));
            if (insecure)
                config["insecure"] = true;

            return config.Deserialize<T>(s_options) ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new CommandFault(ExitCode.Usage, $"{path} is no configuration of a {role}: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFault(
                ExitCode.NotFound, $"there is no file {path}. `./hyperprov network up` writes one for each node of " +
                    "network.yaml.");
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    private static void WriteText(string path, JsonNode? config)
    {
        ConfigPaths.MakeRelative(config!, FolderOf(path));
        string next = path + ".next";
        File.WriteAllText(next, config!.ToJsonString(s_options) + "\n");
        File.Move(next, path, overwrite: true);
    }
}
