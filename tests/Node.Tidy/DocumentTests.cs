using System.Text.RegularExpressions;

namespace Node.Tidy;

/// <summary>What the documents name must exist.</summary>
public partial class DocumentTests
{
    public static TheoryData<string> Documents() => [.. Repository.Files("", "*.md").Select(Repository.Relative)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_to_a_file_leads_somewhere(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document)) ?? Repository.Root;
        IEnumerable<string> dead = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Path.Exists(Path.Combine(folder, target)));

        Findings.None(dead);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_in_code_marks_exists(string document)
    {
        IEnumerable<string> dead = PathInCode().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)))
            .Select(match => match.Groups[1].Value.TrimEnd('/'))
            .Where(path => !Path.Exists(Path.Combine(Repository.Root, path)));

        Findings.None(dead);
    }

    [Fact]
    public void Every_limit_named_in_a_document_is_declared()
    {
        string declared = string.Join('\n', Repository.Files("src", "*Limits*.cs").Select(File.ReadAllText));
        IEnumerable<string> unknown = Repository.Files("", "*.md")
            .SelectMany(path => LimitName().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            .Distinct()
            .Where(name => !Regex.IsMatch(declared, $@"\b{name}\b"));

        Findings.None(unknown);
    }

    [Fact]
    public void Every_invariant_names_a_check_and_a_test_that_exist()
    {
        string path = Path.Combine(Repository.Root, "docs/invariants.md");
        string sources = string.Join('\n', Repository.Sources().Select(File.ReadAllText));
        string tests = string.Join('\n', Repository.Tests().Select(File.ReadAllText));
        MatchCollection rows = InvariantRow().Matches(File.ReadAllText(path));

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            string[] check = row.Groups[2].Value.Split('.');
            Assert.All(check, name => Assert.Matches($@"\b{Regex.Escape(name)}\b", sources));
            Assert.Contains(row.Groups[3].Value, tests, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_function_of_the_original_names_tests_that_exist_or_a_reason_to_decline_it()
    {
        const int Columns = 4;
        string tests = string.Join('\n', Repository.Tests().Select(File.ReadAllText));
        string path = Path.Combine(Repository.Root, "docs/hyperprov-functions.md");
        string[] rows =
        [
            .. File.ReadLines(path).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
                .Where(line => !line.StartsWith("| original ", StringComparison.Ordinal)),
        ];

        List<string> findings = [];
        foreach (string row in rows)
        {
            string[] cells = [.. Bar().Split(row.Trim('|')).Select(cell => cell.Trim())];
            string[] names = [.. TestName().Matches(cells.ElementAtOrDefault(2) ?? "").Select(m => m.Groups[1].Value)];
            bool isAnswered = names.Length > 0 || cells is [_, "declined", _, { Length: > 0 }];
            if (cells.Length != Columns || !isAnswered)
                findings.Add($"neither a test nor a reason: {row}");
            findings.AddRange(names
                .Where(name => !tests.Contains($" {name}(", StringComparison.Ordinal))
                .Select(name => $"no such test: {name}"));
        }

        Assert.InRange(rows.Length, 100, 200);
        Findings.None(findings);
    }

    // A bar that is not escaped.
    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex(@"`([A-Z]\w*_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[[^\]]+\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|bench|docs|samples|docker|crypto-config)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex PathInCode();

    [GeneratedRegex(@"`(?:Limits\.)([A-Za-z0-9]+)`")]
    private static partial Regex LimitName();

    [GeneratedRegex(@"^\|\s*(I\d+)\s*\|[^|]*\|\s*`([\w.]+)`\s*\|\s*`(\w+)`\s*\|", RegexOptions.Multiline)]
    private static partial Regex InvariantRow();
}
