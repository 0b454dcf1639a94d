using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Node.Protocol;
using Node.Protocol.Journaling;

namespace Node.Contracts.Provenance;

/// <summary>A device's journal as far as the ledger has it: its last entry, and who must sign the next.</summary>
/// <remarks>
/// Composite <c>journal</c> (journal id) → one JSON object. Read and written once per batch, so two batches of one
/// journal in one block conflict, and exactly one of them counts.
/// </remarks>
/// <param name="Signer">Fingerprint of <paramref name="CertificatePem"/>, as entries name it.</param>
internal sealed record JournalState(
    JournalHead Head, MspId MspId, string EnrollmentId, Hash32 Signer, string CertificatePem)
{
    private const string ObjectType = "journal";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    public static bool TryFind(IContractState state, Hash32 journal, [NotNullWhen(true)] out JournalState? found)
    {
        found = null;
        if (!state.TryGet(KeyOf(journal), out StateEntry entry))
            return false;

        found = Read(journal, entry.Value);
        return true;
    }

    /// <summary>RFC 3339 in UTC to the microsecond, which is what journals keep.</summary>
    public static string TimeText(DateTimeOffset time) =>
        time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    public void Write(IContractState state)
    {
        const int BytesUsual = 2048;
        var json = new JsonText(BytesUsual);
        json.BeginObject();
        json.Number("sequence"u8, Head.Sequence);
        json.Text("hash"u8, Head.Hash.ToString());
        json.Text("time"u8, TimeText(Head.Time));
        json.Text("mspId"u8, MspId.Value);
        json.Text("enrollmentId"u8, EnrollmentId);
        json.Text("signer"u8, Signer.ToString());
        json.Text("certificate"u8, CertificatePem);
        json.EndObject();
        state.Put(KeyOf(Head.Journal), json.Written);
    }

    /// <summary>The answer of getjournal.</summary>
    public ReadOnlyMemory<byte> ToAnswer()
    {
        const int BytesUsual = 512;
        var json = new JsonText(BytesUsual);
        json.BeginObject();
        json.Text("journal"u8, Head.Journal.ToString());
        json.Number("sequence"u8, Head.Sequence);
        json.Text("hash"u8, Head.Hash.ToString());
        json.Text("time"u8, TimeText(Head.Time));
        json.Text("mspId"u8, MspId.Value);
        json.Text("enrollmentId"u8, EnrollmentId);
        json.Text("fingerprint"u8, Signer.ToString());
        json.EndObject();
        return json.Written;
    }

    private static string KeyOf(Hash32 journal) => CompositeKey.Create(ObjectType, journal.ToString());

    private static JournalState Read(Hash32 journal, ReadOnlyMemory<byte> value)
    {
        using JsonDocument document = JsonDocument.Parse(value);
        JsonElement json = document.RootElement;
        var head = new JournalHead(
            journal,
            json.GetProperty("sequence"u8).GetUInt64(),
            HashOf(json, "hash"u8),
            DateTimeOffset.Parse(TextOf(json, "time"u8), CultureInfo.InvariantCulture));
        return new JournalState(
            head,
            MspId.Of(TextOf(json, "mspId"u8)),
            TextOf(json, "enrollmentId"u8),
            HashOf(json, "signer"u8),
            TextOf(json, "certificate"u8));
    }

    private static string TextOf(JsonElement json, ReadOnlySpan<byte> name) =>
        json.GetProperty(name).GetString()
        ?? throw new InvalidOperationException($"A journal's {Encoding.UTF8.GetString(name)} is null.");

    private static Hash32 HashOf(JsonElement json, ReadOnlySpan<byte> name) =>
        Hash32.TryParseHex(TextOf(json, name), out Hash32 hash)
            ? hash
            : throw new InvalidOperationException($"A journal's {Encoding.UTF8.GetString(name)} is no digest.");
}
