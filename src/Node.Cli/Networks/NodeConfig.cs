using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Node.Ca.Hosting;
using Node.Cli.Running;
using Node.Orderer.Hosting;
using Node.Peer.Hosting;

namespace Node.Cli.Networks;

/// <summary>Where a node answers for its health.</summary>
/// <param name="OperationsPort">0 for none; it then listens where it works once all is well.</param>
internal sealed record HealthPlace(
    int OperationsPort, bool Insecure, IReadOnlyList<string> RootFiles, IPEndPoint Listening);

/// <summary>
/// The file that <c>peer start</c>, <c>orderer start</c> and <c>ca start</c> read: nodes/NAME/config.json.
/// </summary>
/// <remarks>
/// Written anew by every <c>network up</c> from network.yaml, so that one file is edited by people. Its paths are
/// relative to its own folder.
/// </remarks>
internal static class NodeConfig
{
    /// <summary>Names the file where no command line does: in containers and units.</summary>
    public const string Variable = "HYPERPROV_CONFIG";

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

    /// <param name="named">On the command line; null: by the environment.</param>
    /// <exception cref="CommandFault">Neither names a file.</exception>
    public static string PathOf(string? named, CliConsole console) =>
        (named ?? Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 } path
            ? console.PathOf(path)
            : throw new CommandFault(
                ExitCode.Usage, $"name the node's configuration with --config FILE, or set {Variable}.");

    /// <summary>Where the node of a configuration, whatever it is, answers for its health.</summary>
    /// <exception cref="CommandFault">The file is no node's configuration.</exception>
    public static HealthPlace ReadHealthPlace(string path)
    {
        JsonObject fields = Fields(path);
        ConfigPaths.MakeAbsolute(fields, FolderOf(path));
        try
        {
            // An authority's certificate comes from its own authority for TLS.
            IEnumerable<JsonNode?> roots = fields["tls"]?["rootFiles"]?.AsArray()
                ?? Enumerable.Repeat(fields["tlsAuthority"]?["certificateFile"], 1);
            return new HealthPlace(
                fields["operationsPort"]?.GetValue<int>() ?? 0,
                fields["insecure"]?.GetValue<bool>() ?? false,
                [.. roots.OfType<JsonNode>().Select(root => root.GetValue<string>())],
                new IPEndPoint(
                    IPAddress.Parse(fields["listenAddress"]?.GetValue<string>() ?? "127.0.0.1"),
                    fields["listenPort"]?.GetValue<int>() ?? 0));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CommandFault(ExitCode.Usage, $"{path} is no node's configuration: {e.Message}");
        }
    }

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
            JsonNode config = Fields(path);
            ConfigPaths.MakeAbsolute(config, FolderOf(path));
            if (insecure)
                config["insecure"] = true;

            return config.Deserialize<T>(s_options) ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new CommandFault(ExitCode.Usage, $"{path} is no configuration of a {role}: {e.Message}");
        }
    }

    private static JsonObject Fields(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject
                ?? throw new CommandFault(ExitCode.Usage, $"{path} holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new CommandFault(ExitCode.Usage, $"{path} is no node's configuration: {e.Message}");
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
