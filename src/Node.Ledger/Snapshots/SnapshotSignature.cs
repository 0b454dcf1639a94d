using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Node.Ledger.Snapshots;

/// <summary>Who signs a snapshot: a peer.</summary>
/// <param name="Name">What its signature's file is called, such as peer0.org1.example.com.</param>
/// <param name="Identity">Its encoded msp.SerializedIdentity.</param>
public sealed record SnapshotSigner(string Name, ReadOnlyMemory<byte> Identity, Func<byte[], byte[]> Sign);

/// <summary>A peer's word that its ledger, at the manifest's height, is what the manifest says.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Snapshot"). What is signed: the ASCII text "hyperprov snapshot 1\n", then the bytes of
/// manifest.json. Peers of equal ledgers sign the same bytes, so one snapshot can carry the signatures of several.
/// </remarks>
public sealed record SnapshotSignature(ReadOnlyMemory<byte> Identity, ReadOnlyMemory<byte> Signature)
{
    private const string Format = "hyperprov-snapshot-signature 1";

    private static ReadOnlySpan<byte> Prefix => "hyperprov snapshot 1\n"u8;

    public static byte[] ToSign(ReadOnlySpan<byte> manifest) => [.. Prefix, .. manifest];

    internal byte[] ToBytes() => SnapshotManifest.Write(json =>
    {
        json.WriteString("format", Format);
        json.WriteBase64String("identity", Identity.Span);
        json.WriteBase64String("signature", Signature.Span);
    });

    internal static bool TryRead(
        byte[] bytes, [NotNullWhen(true)] out SnapshotSignature? signature, [NotNullWhen(false)] out string? fault)
    {
        fault = SnapshotManifest.TryParse(bytes, Read, out SnapshotSignature? parsed)
            ?? SnapshotManifest.FaultOfEncoding(bytes, parsed?.ToBytes() ?? []);
        signature = fault is null ? parsed : null;
        return signature is not null;
    }

    private static SnapshotSignature Read(JsonElement json)
    {
        string format = json.GetProperty("format").GetString() ?? "";
        return format == Format
            ? new SnapshotSignature(
                json.GetProperty("identity").GetBytesFromBase64(), json.GetProperty("signature").GetBytesFromBase64())
            : throw new FormatException($"its format is \"{format}\", this program reads \"{Format}\"");
    }
}
