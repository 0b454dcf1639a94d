using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Exporting.RoCrates;

/// <summary>Writes the metadata of one crate.</summary>
internal sealed class RoCrateDescription(
    LineageGraph graph, IReadOnlyDictionary<TxId, string> paths, RoCrateOptions options)
{
    private const string NoLicense = "#no-license-stated";

    private static readonly JsonWriterOptions s_options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Default };

    private readonly ProvenanceRecord[] _records = [.. graph.Records];

    private readonly ILookup<TxId, ProvenanceRecord> _sources = graph.Edges
        .Where(edge => graph.Nodes[edge.Parent].Record is not null)
        .ToLookup(edge => graph.Nodes[edge.Child].Id, edge => graph.Nodes[edge.Parent].Record!);

    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_options))
        {
            json.WriteStartObject();
            WriteContext(json);
            json.WriteStartArray("@graph");
            WriteDescriptor(json);
            WriteRoot(json);
            foreach (ProvenanceRecord record in _records)
                WriteRecord(json, record);
            foreach (IGrouping<TxId, ProvenanceRecord> transaction in _records.GroupBy(record => record.CommittedBy))
                WriteAction(json, transaction.Key, [.. transaction]);

            WritePeople(json);
            WriteLicense(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private void WriteContext(Utf8JsonWriter json)
    {
        json.WriteStartArray("@context");
        json.WriteStringValue($"https://w3id.org/ro/crate/{options.Version}/context");
        json.WriteStartObject();
        json.WriteString("sha256", "https://schema.org/sha256");
        json.WriteString("checksum", ProvWords.OwnNamespace + "checksum");
        json.WriteString("block", ProvWords.OwnNamespace + "block");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteDescriptor(Utf8JsonWriter json)
    {
        Open(json, RoCrate.FileName, "CreativeWork");
        WriteReference(json, "conformsTo", $"https://w3id.org/ro/crate/{options.Version}");
        WriteReference(json, "about", "./");
        json.WriteEndObject();
    }

    private void WriteRoot(Utf8JsonWriter json)
    {
        ProvenanceRecord? root = graph.Roots.FirstOrDefault()?.Record ?? _records.FirstOrDefault();
        string key = root is null ? "records" : DisplayText.Visible(root.Key);
        Open(json, "./", "Dataset");
        json.WriteString("name", options.Name.Length > 0 ? options.Name : $"{key} and where it comes from");
        json.WriteString(
            "description",
            options.Description.Length > 0
                ? options.Description
                : FormattableString.Invariant($"{_records.Length} records of a Hyperprov ledger, with their origin."));
        json.WriteString("datePublished", _records.Select(record => record.Timestamp).Max() ?? "");
        WriteReference(json, "license", LicenseId());
        WriteReferences(json, "hasPart", _records.Where(IsFile).Select(IdOf));
        WriteReferences(
            json, "mentions",
            _records.Where(record => !IsFile(record)).Select(IdOf)
                .Concat(_records.Select(record => ActionId(record.CommittedBy)).Distinct()));
        json.WriteEndObject();
    }

    private void WriteRecord(Utf8JsonWriter json, ProvenanceRecord record)
    {
        Open(json, IdOf(record), IsFile(record) ? "File" : "CreativeWork");
        json.WriteString("name", record.Key);
        if (record.Description.Length > 0)
            json.WriteString("description", record.Description);

        json.WriteString("identifier", ProvWords.RecordNamespace + record.TransactionId.Value);
        if (record.ChecksumAlgorithm == "SHA-256")
            json.WriteString("sha256", record.Hash);
        else
            json.WriteString("checksum", $"{record.ChecksumAlgorithm} {record.Hash}");

        json.WriteString("dateCreated", record.Timestamp);
        json.WriteNumber("block", record.Block);
        WriteReference(json, "author", PersonId(record));
        WriteReferences(json, "isBasedOn", SourcesOf(record));
        json.WriteEndObject();
    }

    private void WriteAction(Utf8JsonWriter json, TxId transaction, ProvenanceRecord[] results)
    {
        Open(json, ActionId(transaction), "CreateAction");
        json.WriteString("name", $"Recording of {DisplayText.Visible(results[0].Key)}");
        json.WriteString("identifier", ProvWords.TransactionNamespace + transaction.Value);
        json.WriteString("endTime", results[0].Timestamp);
        WriteReference(json, "agent", PersonId(results[0]));
        WriteReferences(json, "object", results.SelectMany(SourcesOf).Distinct());
        WriteReferences(json, "result", results.Select(IdOf));
        json.WriteEndObject();
    }

    private void WritePeople(Utf8JsonWriter json)
    {
        foreach (ProvenanceRecord record in _records.DistinctBy(PersonId))
        {
            Open(json, PersonId(record), "Person");
            json.WriteString("name", record.EnrollmentId.Length > 0 ? record.EnrollmentId : "unnamed");
            WriteReference(json, "affiliation", OrganizationId(record));
            json.WriteEndObject();
        }

        foreach (ProvenanceRecord record in _records.DistinctBy(OrganizationId))
        {
            Open(json, OrganizationId(record), "Organization");
            json.WriteString("name", record.MspId);
            json.WriteEndObject();
        }
    }

    private void WriteLicense(Utf8JsonWriter json)
    {
        Open(json, LicenseId(), "CreativeWork");
        json.WriteString("name", options.License.Length > 0 ? options.License : "No license was stated");
        if (options.License.Length == 0)
            json.WriteString("description", "Ask whoever recorded the content under which terms it may be used.");

        json.WriteEndObject();
    }

    private IEnumerable<string> SourcesOf(ProvenanceRecord record) => _sources[record.TransactionId].Select(IdOf);

    private bool IsFile(ProvenanceRecord record) => paths.ContainsKey(record.TransactionId);

    private string IdOf(ProvenanceRecord record) =>
        paths.TryGetValue(record.TransactionId, out string? path)
            ? path
            : ProvWords.RecordNamespace + record.TransactionId.Value;

    private string LicenseId() => options.License.Length > 0 ? options.License : NoLicense;

    private static string ActionId(TxId transaction) => $"#transaction-{transaction}";

    private static string PersonId(ProvenanceRecord record) =>
        $"#person-{ProvWords.Local($"{record.MspId}/{record.EnrollmentId}")}";

    private static string OrganizationId(ProvenanceRecord record) =>
        $"#organization-{ProvWords.Local(record.MspId)}";

    private static void Open(Utf8JsonWriter json, string id, string type)
    {
        json.WriteStartObject();
        json.WriteString("@id", id);
        json.WriteString("@type", type);
    }

    private static void WriteReference(Utf8JsonWriter json, string member, string id)
    {
        json.WriteStartObject(member);
        json.WriteString("@id", id);
        json.WriteEndObject();
    }

    private static void WriteReferences(Utf8JsonWriter json, string member, IEnumerable<string> ids)
    {
        string[] all = [.. ids];
        if (all.Length == 0)
            return;

        json.WriteStartArray(member);
        foreach (string id in all)
        {
            json.WriteStartObject();
            json.WriteString("@id", id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
