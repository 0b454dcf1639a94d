using System.Text;
using Node.Client.Exporting;
using Node.Client.Exporting.Prov;
using Node.Client.Lineages;

namespace Node.Client.Tests.Exporting;

/// <summary>Our PROV documents and those of an independent implementation say the same, in both directions.</summary>
public sealed class ProvPythonTests : IDisposable
{
    // Prints what the library understood, one line for each element and each relation with its arguments.
    private const string TellGraph = """
        import sys, prov.model as m
        document = m.ProvDocument.deserialize(sys.argv[1])
        def spell(value):
            if value is None: return '-'
            return value.uri if hasattr(value, 'uri') else value.isoformat()
        lines = set()
        for record in document.get_records():
            name = spell(record.identifier) if record.is_element() else ''
            times = [m.PROV_ATTR_TIME, m.PROV_ATTR_STARTTIME, m.PROV_ATTR_ENDTIME]
            names = [spell(v) for a, v in record.formal_attributes if a not in times]
            lines.add(' '.join([m.PROV_N_MAP[record.get_type()], name] + names))
        sys.stdout.write('\n'.join(sorted(lines)))
        """;

    private const string Rewrite = """
        import sys, prov.model as m
        document = m.ProvDocument.deserialize(sys.argv[1])
        document.serialize(sys.argv[2], format='json')
        document.serialize(sys.argv[3], format='provn')
        """;

    // For every file of a folder: what the library reads of it, written again in both formats.
    private const string RewriteAll = """
        import sys, os, prov.model as m
        for name in sorted(os.listdir(sys.argv[1])):
            if not name.endswith('.json'): continue
            document = m.ProvDocument.deserialize(os.path.join(sys.argv[1], name))
            document.serialize(os.path.join(sys.argv[2], name), format='json')
            document.serialize(os.path.join(sys.argv[2], name[:-5] + '.provn'), format='provn')
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> GraphNames() => ["weather", "hostile", "one"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(GraphNames))]
    public async Task The_python_library_reads_the_same_nodes_and_edges(string name)
    {
        ProvDocument document = ProvLineage.Of(Named(name));
        File.WriteAllBytes(_folder.File("ours.json"), ProvJson.Write(document));

        string told = await PythonProv.RunAsync(TellGraph, _folder.File("ours.json"));

        Assert.Equal(
            document.Statements.Select(Tell).Distinct().Order(StringComparer.Ordinal),
            told.Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(GraphNames))]
    public async Task What_the_python_library_writes_is_imported_unchanged(string name)
    {
        ProvDocument document = ProvLineage.Of(Named(name));
        File.WriteAllBytes(_folder.File("ours.json"), ProvJson.Write(document));

        await PythonProv.RunAsync(
            Rewrite, _folder.File("ours.json"), _folder.File("theirs.json"), _folder.File("theirs.provn"));

        ProvDocument json = ReadJson(File.ReadAllBytes(_folder.File("theirs.json")));
        ProvDocument notation = ReadN(File.ReadAllBytes(_folder.File("theirs.provn")));
        Assert.Equal(document.ToCanonicalText(), json.ToCanonicalText());
        Assert.Equal(document.ToCanonicalText(), notation.ToCanonicalText());
        IReadOnlyList<string> ours = Records.Spell(Import(document).Drafts);
        Assert.Equal(ours, Records.Spell(Import(json).Drafts));
        Assert.Equal(ours, Records.Spell(Import(notation).Drafts));
    }

    // Values are left out of the comparison: the library rounds numbers and merges what Python holds equal (1 and
    // true).
    [Fact]
    public async Task Every_document_of_the_librarys_own_tests_is_read_alike_or_refused_for_a_missing_argument()
    {
        const string Corpus = "/usr/lib/python3/dist-packages/prov/tests/json";
        await PythonProv.RunAsync(RewriteAll, Corpus, _folder.Path);
        string[] names = [.. Directory.GetFiles(Corpus, "*.json").Select(path => Path.GetFileName(path)).Order()];
        var refused = new List<string>();

        foreach (string name in names)
        {
            byte[] original = File.ReadAllBytes(Path.Combine(Corpus, name));
            if (!ProvJson.TryRead(original, out ProvDocument? document, out string? fault))
            {
                refused.Add(fault);
                continue;
            }

            string json = Shape(ReadJson(File.ReadAllBytes(_folder.File(name))));
            string notation = Shape(ReadN(File.ReadAllBytes(_folder.File(Path.ChangeExtension(name, ".provn")))));
            Assert.Equal((name, Shape(document)), (name, json));
            Assert.Equal((name, json), (name, notation));
        }

        Assert.True(names.Length > 300, $"only {names.Length} documents in {Corpus}");
        Assert.All(refused, fault => Assert.Matches(@"^line \d+: \w+ "".*"" has no prov:\w+$", fault));
        Assert.InRange(refused.Count, 1, 20);
    }

    private static string Shape(ProvDocument document) => string.Join(
        '\n',
        document.Statements
            .Select(statement => ProvDocument.LineOf(statement with { Attributes = [] }) + string.Join(
                ' ', statement.Attributes.Select(pair => pair.Key.Uri).Distinct().Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal));

    private static LineageGraph Named(string name) => name switch
    {
        "weather" => Records.Weather(),
        "hostile" => Records.HostileChain(),
        _ => Records.Graph(Records.Of("only", 5)),
    };

    private static string Tell(ProvStatement statement)
    {
        IEnumerable<string> names = statement.Names
            .Where((_, index) => !statement.Kind.IsTime(index))
            .Select(name => name?.Uri ?? "-");
        return string.Join(' ', [statement.Kind.Name, statement.Kind.IsElement ? statement.Id!.Uri : "", .. names]);
    }

    private static ProvDocument ReadJson(byte[] bytes)
    {
        bool read = ProvJson.TryRead(bytes, out ProvDocument? document, out string? fault);
        Assert.True(read, $"{fault}\n{Encoding.UTF8.GetString(bytes)}");
        return document!;
    }

    private static ProvDocument ReadN(byte[] bytes)
    {
        bool read = ProvN.TryRead(bytes, out ProvDocument? document, out string? fault);
        Assert.True(read, $"{fault}\n{Encoding.UTF8.GetString(bytes)}");
        return document!;
    }

    private static ImportedDrafts Import(ProvDocument document)
    {
        bool made = ProvImport.TryMake(document, new ImportOptions(), out ImportedDrafts? drafts, out string? fault);
        Assert.True(made, fault);
        return drafts!;
    }
}
