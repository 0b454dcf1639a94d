using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Node.Client.Lineages;
using Node.Client.Recording;
using Node.Protocol;

namespace Node.Client.Tests.Exporting;

/// <summary>Records as a ledger would answer them, without one.</summary>
internal static class Records
{
    /// <summary>Texts that break whatever is put together without escaping.</summary>
    public static readonly string[] Hostile =
    [
        "plain/key", "with space", "\"quoted\"", "it's", "back\\slash", "ends with\\", "a\nb", "tab\there",
        "\u0001\u001f", "100%", "%41%zz", "<b>&amp;</b>", "</svg><script>alert(1)</script>", "]]>", "<!-- x -->",
        "a--b", "-->", "--", "*/", "\"];evil->node[label=\"x", "A[\"x\"]", "#quot;", "end", "subgraph",
        "%%{init: {}}%%", "click A \"javascript:1\"", "{$}", "${x}", "{{x}}", "a:b:c", "::", "[1]", "(x)", "a=b",
        "a,b;c", "../../etc/passwd", "C:\\temp\\new", "\u202eevil\u202c", "\u2028", "\ufeff", "日本語", "😀", "e\u0301",
        "'''", "\"\"\"", "\"", "\\\"", "null", "-", "_:b1", "prov:entity", "@en", "x %% xsd:int", ".", "-dash-",
        "dot.", " ", "\r\n", "\r", new string('k', 4000),
    ];

    /// <summary>The id that a name stands for in these tests.</summary>
    public static TxId Id(string name) => TxId.Of(Hash32.Of(Encoding.UTF8.GetBytes("record " + name), []));

    public static ProvenanceRecord Of(string name, int block, params string[] parents) => new()
    {
        Key = name,
        TransactionId = Id(name),
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))),
        ChecksumAlgorithm = "SHA-256",
        Location = "file:///data/store",
        Pointer = "sha256/" + name,
        Type = parents.Length == 0 ? "Record" : "Transformation",
        Description = $"about {name}",
        Parents = [.. parents.Select(Id)],
        EnrollmentId = block % 2 == 0 ? "User1@org1.example.com" : "Ann",
        MspId = block % 2 == 0 ? "Org1MSP" : "Org2MSP",
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData([(byte)(block % 2)])),
        Timestamp = new DateTime(2026, 1, 31, 12, 0, 0, 123, DateTimeKind.Utc).AddMinutes(block)
            .ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        Block = (ulong)block,
        Transaction = 0,
    };

    public static LineageGraph Graph(params ProvenanceRecord[] records) =>
        LineageGraph.Of(records, [records[0].TransactionId], known: new HashSet<TxId>());

    /// <summary>
    /// A climate table from two years, each from months; one month has two versions, one parent is missing.
    /// </summary>
    public static LineageGraph Weather()
    {
        ProvenanceRecord corrected = Of("month/2012-02", 9) with { TransactionId = Id("month/2012-02 corrected") };
        ProvenanceRecord wrong = Of("month/2012-02", 2) with
        {
            IsOutdated = true,
            NewestTransactionId = corrected.TransactionId,
        };
        return Graph(
            Of("climate", 8, "year/2012", "year/2013"),
            Of("year/2012", 6, "month/2012-01", "month/2012-02"),
            Of("year/2013", 7, "month/2013-01", "lost"),
            Of("month/2012-01", 1),
            wrong,
            Of("month/2013-01", 3),
            corrected);
    }

    /// <summary>A chain of records, each named by one hostile text.</summary>
    public static LineageGraph HostileChain()
    {
        ProvenanceRecord[] records =
        [
            .. Hostile.Select((text, index) => Of($"{index}", index) with
            {
                Key = text + (text.Length > 3000 ? "" : $" {index}"),
                Description = text,
                Pointer = text,
                Location = text,
                Parents = index == 0 ? [] : [Id($"{index - 1}")],
                EnrollmentId = text.Length > 3000 ? "long" : text,
                Type = text.Length > 60 ? "Record" : text,
            }).Reverse(),
        ];
        return Graph(records);
    }

    /// <summary>What a draft says, without its parents' numbers.</summary>
    public static IReadOnlyList<string> Spell(IReadOnlyList<RecordDraft> drafts) =>
    [
        .. drafts.Select(draft =>
        {
            IEnumerable<string> parents = draft.Parents.Select(parent => parent.StartsWith('#')
                ? drafts[int.Parse(parent.AsSpan(1), CultureInfo.InvariantCulture)].Key
                : parent);
            return string.Join(
                " | ", draft.Key, draft.Hash, draft.ChecksumAlgorithm, draft.Location, draft.Pointer, draft.Type,
                draft.Description, string.Join(" + ", parents.Order(StringComparer.Ordinal)));
        }).Order(StringComparer.Ordinal),
    ];
}
