using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Node.Protocol;

namespace Node.Ledger.Snapshots;

/// <param name="Name">Of the file in the snapshot's folder.</param>
/// <param name="Records">How many it holds.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of all of it.</param>
public sealed record SnapshotFileEntry(string Name, ulong Records, long Bytes, Hash32 Sha256);

/// <summary>What a snapshot holds: the content of manifest.json.</summary>
/// <remarks>
/// The same bytes on every peer at one height (docs/formats.md, "Snapshot"): the encoding is exact, and whatever peers
/// may differ in is left out.
/// </remarks>
/// <param name="Height">Count of blocks whose effects are in it.</param>
/// <param name="CommitHash">Of the last block; null at height 1, where there is only the genesis block.</param>
/// <param name="ChainRoot">Of the chain tree over all its blocks: what block number Height commits to.</param>
public sealed record SnapshotManifest(
    ChannelId Channel,
    ulong Height,
    Hash32 GenesisHash,
    Hash32 LastBlockHash,
    Hash32? CommitHash,
    Hash32 ChainRoot,
    IReadOnlyList<SnapshotFileEntry> Files)
{
    private const string Format = "hyperprov-snapshot 1";

    private static readonly JsonWriterOptions s_writing = new() { Indented = true, NewLine = "\n" };

    public byte[] ToBytes() => Write(json =>
    {
        json.WriteString("format", Format);
        json.WriteString("channel", Channel.Value);
        json.WriteNumber("height", Height);
        json.WriteString("genesisHash", GenesisHash.ToString());
        json.WriteString("lastBlockHash", LastBlockHash.ToString());
        json.WriteString("commitHash", CommitHash?.ToString() ?? "");
        json.WriteString("chainRoot", ChainRoot.ToString());
        json.WriteStartArray("files");
        foreach (SnapshotFileEntry file in Files)
        {
            json.WriteStartObject();
            WriteEntry(json, file);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Reads exactly what <see cref="ToBytes()"/> gives, and nothing else.</summary>
    public static bool TryRead(
        byte[] bytes, [NotNullWhen(true)] out SnapshotManifest? manifest, [NotNullWhen(false)] out string? fault)
    {
        fault = TryParse(bytes, Read, out SnapshotManifest? parsed) ?? FaultOfEncoding(bytes, parsed?.ToBytes() ?? []);
        manifest = fault is null ? parsed : null;
        return manifest is not null;
    }

    /// <summary>One entry in a file of its own, for what two peers may have different.</summary>
    internal static byte[] ToBytes(SnapshotFileEntry entry) => Write(json => WriteEntry(json, entry));

    internal static bool TryRead(
        byte[] bytes, [NotNullWhen(true)] out SnapshotFileEntry? entry, [NotNullWhen(false)] out string? fault)
    {
        fault = TryParse(bytes, ReadEntry, out SnapshotFileEntry? parsed)
            ?? FaultOfEncoding(bytes, parsed is null ? [] : ToBytes(parsed));
        entry = fault is null ? parsed : null;
        return entry is not null;
    }

    internal static string? FaultOfEncoding(byte[] bytes, byte[] exact) =>
        bytes.AsSpan().SequenceEqual(exact)
            ? null
            : "it is not in its one encoding, so it was edited, or written by a newer version";

    internal static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_writing))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    internal static string? TryParse<T>(byte[] bytes, Func<JsonElement, T> read, out T? value)
        where T : class
    {
        value = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            value = read(document.RootElement);
            return null;
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return $"it cannot be read: {error.Message}";
        }
    }

    private static SnapshotManifest Read(JsonElement json)
    {
        string format = Text(json, "format");
        if (format != Format)
            throw new FormatException($"its format is \"{format}\", this program reads \"{Format}\"");
        if (!ChannelId.TryParse(Text(json, "channel"), out ChannelId channel, out string? fault))
            throw new FormatException(fault);

        string commitHash = Text(json, "commitHash");
        return new SnapshotManifest(
            channel,
            json.GetProperty("height").GetUInt64(),
            Hash(json, "genesisHash"),
            Hash(json, "lastBlockHash"),
            commitHash.Length == 0 ? null : Hash(json, "commitHash"),
            Hash(json, "chainRoot"),
            [.. json.GetProperty("files").EnumerateArray().Select(ReadEntry)]);
    }

    private static void WriteEntry(Utf8JsonWriter json, SnapshotFileEntry file)
    {
        json.WriteString("name", file.Name);
        json.WriteNumber("records", file.Records);
        json.WriteNumber("bytes", file.Bytes);
        json.WriteString("sha256", file.Sha256.ToString());
    }

    private static SnapshotFileEntry ReadEntry(JsonElement json) => new(
        Text(json, "name"),
        json.GetProperty("records").GetUInt64(),
        json.GetProperty("bytes").GetInt64(),
        Hash(json, "sha256"));

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";

    private static Hash32 Hash(JsonElement json, string name) =>
        Hash32.TryRead(Convert.FromHexString(Text(json, name)), out Hash32 hash)
            ? hash
            : throw new FormatException($"{name} is not 64 hex digits");
}
