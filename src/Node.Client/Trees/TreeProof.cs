using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Protocol;
using Node.Protocol.Merkle;

namespace Node.Client.Trees;

/// <summary>
/// That one file is part of a tree: with it, a single file is verified against the checksum of the tree's record,
/// without the other files and without their names.
/// </summary>
/// <param name="Index">Of the entry in the list.</param>
/// <param name="Steps">Merkle path, RFC 6962, from the leaf to the root.</param>
public sealed record TreeProof(TreeHead Head, TreeEntry Entry, int Index, IReadOnlyList<Hash32> Steps)
{
    private const int BytesMax = 1 << 16;

    /// <summary>Whether the entry is in the tree that a record's checksum commits to.</summary>
    /// <param name="recorded">The record's SHA-256, from the ledger or from a receipt.</param>
    public bool IsPartOf(Hash32 recorded, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        if (Hash32.Of(Head.ToBytes()) != recorded)
            fault = $"the proof is of another tree: its head has the SHA-256 {Hash32.Of(Head.ToBytes())}";
        else if (Index < 0 || !MerkleProofs.VerifyInclusion(
            MerkleHash.OfLeaf(Encoding.UTF8.GetBytes(Entry.Line)), (ulong)Index, (ulong)Head.Entries, [.. Steps],
            Head.Root))
            fault = $"the path of the proof does not lead from {Entry.Path} to the tree's root";

        return fault is null;
    }

    /// <summary>JSON, docs/formats.md.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(
        new TreeProofJson
        {
            Format = TreeProofJson.FormatKnown,
            Head = Encoding.ASCII.GetString(Head.ToBytes()),
            Entry = Entry.Line,
            Index = Index,
            Path = [.. Steps.Select(step => step.ToString())],
        },
        TreeJson.Default.TreeProofJson);

    public static bool TryParse(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TreeProof? proof, [NotNullWhen(false)] out string? fault)
    {
        proof = null;
        fault = "it is no proof of a file in a tree";
        if (bytes.Length > BytesMax || !TryRead(bytes, out TreeProofJson? json)
            || json.Format != TreeProofJson.FormatKnown)
            return false;

        if (!TreeHead.TryParse(Encoding.ASCII.GetBytes(json.Head ?? ""), out TreeHead? head, out fault)
            || !TreeEntry.TryParse(json.Entry ?? "", out TreeEntry? entry, out fault))
            return false;

        var steps = new List<Hash32>();
        foreach (string text in json.Path ?? [])
        {
            if (!Hash32.TryParseHex(text, out Hash32 step))
            {
                fault = "a step of its path is no SHA-256";
                return false;
            }

            steps.Add(step);
        }

        proof = new TreeProof(head, entry, json.Index, steps);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TreeProofJson? json)
    {
        try
        {
            json = JsonSerializer.Deserialize(bytes, TreeJson.Default.TreeProofJson);
            return json is not null;
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }
}

internal sealed class TreeProofJson
{
    public const string FormatKnown = "hyperprov-tree-proof 1";

    public string? Format { get; set; }

    public string? Head { get; set; }

    public string? Entry { get; set; }

    public int Index { get; set; }

    public List<string>? Path { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TreeProofJson))]
internal sealed partial class TreeJson : JsonSerializerContext;
