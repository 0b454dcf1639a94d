using System.Text.RegularExpressions;

namespace Node.Tidy;

/// <summary>Sizes and names that no analyzer checks, over every source file.</summary>
public partial class SourceFormTests
{
    private const int SourceLinesMax = 500;
    private const int TestLinesMax = 800;
    private const int ColumnsMax = 120;
    private const int MethodLinesMax = 70;

    private static readonly string[] s_bannedFolders =
        ["Common", "Core", "Shared", "Utils", "Helpers", "Managers", "Models", "Services"];

    [Fact]
    public void No_file_is_too_long()
    {
        IEnumerable<string> tooLong = Repository.Sources().Select(path => (path, max: SourceLinesMax))
            .Concat(Repository.Tests().Select(path => (path, max: TestLinesMax)))
            .Select(file => (file.path, file.max, lines: File.ReadLines(file.path).Count()))
            .Where(file => file.lines > file.max)
            .Select(file => $"{Repository.Relative(file.path)}: {file.lines} lines, limit {file.max}");

        Findings.None(tooLong);
    }

    [Fact]
    public void No_line_is_too_long()
    {
        IEnumerable<string> tooLong = Repository.Sources().Concat(Repository.Tests())
            .SelectMany(path => File.ReadLines(path).Select((line, index) => (path, line, number: index + 1)))
            .Where(at => at.line.Length > ColumnsMax)
            .Select(at => $"{Repository.Relative(at.path)}:{at.number}: {at.line.Length} columns");

        Findings.None(tooLong);
    }

    [Fact]
    public void No_method_is_too_long()
    {
        IEnumerable<string> tooLong = Repository.Sources().SelectMany(path => LongMethods(path));

        Findings.None(tooLong);
    }

    [Fact]
    public void No_folder_or_project_has_a_name_that_says_nothing()
    {
        IEnumerable<string> folders = Repository.Sources()
            .SelectMany(path => Repository.Relative(Path.GetDirectoryName(path) ?? "").Split('/'))
            .Distinct()
            .Where(s_bannedFolders.Contains);

        Findings.None(folders);
    }

    [Fact]
    public void No_type_or_method_has_a_name_that_says_nothing()
    {
        IEnumerable<string> banned = Repository.Sources()
            .Where(path => !Repository.Relative(path).StartsWith("src/Bindings/", StringComparison.Ordinal))
            .SelectMany(path => BannedName().Matches(File.ReadAllText(path))
                .Select(match => $"{Repository.Relative(path)}: {match.Value}"));

        Findings.None(banned);
    }

    [Fact]
    public void No_regions_no_loose_ends()
    {
        IEnumerable<string> found = Repository.Sources().Concat(Repository.Tests())
            .Where(path => Path.GetFileName(path) != "SourceFormTests.cs")
            .SelectMany(path => LooseEnd().Matches(File.ReadAllText(path))
                .Select(match => $"{Repository.Relative(path)}: {match.Value.Trim()}"));

        Findings.None(found);
    }

    [Fact]
    public void Catching_everything_stays_the_exception()
    {
        // Each file here answers for what it catches: the process's outermost loop, the one gRPC interceptor, or a
        // boundary where a failure of one caller must not become the failure of all. Adding a file is a decision.
        string[] places = [.. File.ReadAllLines(Path.Combine(Repository.Root, "tests/Node.Tidy/catch-all-places.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(" - ")[0])];
        IEnumerable<string> found = Repository.Files("src", "*.cs")
            .Where(path => CatchAll().IsMatch(File.ReadAllText(path)))
            .Select(Repository.Relative);

        Findings.None(found.Except(places));
    }

    [Fact]
    public void Suppressions_give_their_reason_on_the_line()
    {
        IEnumerable<string> found = Repository.Sources()
            .SelectMany(path => File.ReadLines(path)
                .Where(line => line.Contains("#pragma warning disable", StringComparison.Ordinal)
                    && !line.Contains("//", StringComparison.Ordinal))
                .Select(line => $"{Repository.Relative(path)}: {line.Trim()}"));

        Findings.None(found);
    }

    // A member's body runs from the brace at four (or eight) columns to its closing twin; formatting is enforced.
    private static IEnumerable<string> LongMethods(string path)
    {
        string[] lines = File.ReadAllLines(path);
        for (int start = 1; start < lines.Length; start++)
        {
            Match open = MethodBrace().Match(lines[start]);
            if (!open.Success || TypeHead().IsMatch(lines[start - 1]) || lines[start - 1].Trim() is "get" or "set")
                continue;

            string close = open.Groups[1].Value + "}";
            int end = Array.FindIndex(lines, start, line => line.StartsWith(close, StringComparison.Ordinal));
            bool isType = IsTypeBody(lines, start);
            if (!isType && end - start - 1 > MethodLinesMax)
                yield return $"{Repository.Relative(path)}:{start}: {end - start - 1} lines";
        }
    }

    private static bool IsTypeBody(string[] lines, int brace)
    {
        for (int line = brace - 1; line >= 0 && brace - line < 12; line--)
        {
            string text = lines[line].Trim();
            if (TypeHead().IsMatch(lines[line]))
                return true;
            if (text.Length == 0 || text.EndsWith(';') || text.EndsWith('}') || text.EndsWith('{'))
                return false;
        }

        return false;
    }

    [GeneratedRegex(@"^( {4}| {8})\{\s*$")]
    private static partial Regex MethodBrace();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum|namespace)\s+\w+")]
    private static partial Regex TypeHead();

    [GeneratedRegex(
        @"\b(?:class|struct|record|interface|enum)\s+\w*(?:Manager|Helper|Helpers|Util|Utils|Processor|Info|Impl)\b|" +
        @"^\s*(?:public|private|internal|protected)(?![^(]*\b(?:class|record|struct)\b)[^(=\n]*" +
        @"\s(?:Process(?!Proposal\b)|Handle|Manage|Perform|Do)(?:[A-Z]\w*)?\(",
        RegexOptions.Multiline)]
    private static partial Regex BannedName();

    [GeneratedRegex(
        @"^\s*#region.*$|\bTODO\b.*|\bFIXME\b.*|\bHACK\b.*|NotImplementedException|Skip\s*=\s*""",
        RegexOptions.Multiline)]
    private static partial Regex LooseEnd();

    [GeneratedRegex(@"catch\s*\(Exception(\s+\w+)?\)\s*(?!\s*when)|catch\s*\r?\n\s*\{")]
    private static partial Regex CatchAll();
}
