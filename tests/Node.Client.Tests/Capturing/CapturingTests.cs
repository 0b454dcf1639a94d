using Node.Client.Capturing;

namespace Node.Client.Tests.Capturing;

/// <summary>What a run's capture finds, reads and leaves out.</summary>
public sealed class CapturingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-run-").FullName;

    public CapturingTests()
    {
        foreach (string path in (string[])
            [
                "a.csv", "b.csv", "c.txt", "data/a.csv", "data/deep/b.csv", "data/deep/er/c.csv", ".git/config",
                "data/.x/y",
            ])
        {
            string file = Path.Combine(_folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);   // It lies in the folder.
            File.WriteAllText(file, path);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("*.csv", "a.csv b.csv")]
    [InlineData("?.txt", "c.txt")]
    [InlineData("./c.txt", "c.txt")]
    [InlineData("data", "data/a.csv data/deep/b.csv data/deep/er/c.csv")]       // A folder means all in it.
    [InlineData("data/", "data/a.csv data/deep/b.csv data/deep/er/c.csv")]
    [InlineData("data/*", "data/a.csv")]
    [InlineData("data/**", "data/a.csv data/deep/b.csv data/deep/er/c.csv")]
    [InlineData("**/b.csv", "b.csv data/deep/b.csv")]
    [InlineData("data/**/*.csv", "data/a.csv data/deep/b.csv data/deep/er/c.csv")]
    [InlineData("d*/deep/*", "data/deep/b.csv")]
    [InlineData("data/.x/*", "data/.x/y")]                                      // Hidden ones when they are named.
    [InlineData("nothing/*", "")]
    public void Patterns_find_files(string pattern, string expected) =>
        Assert.Equal(expected, string.Join(' ', FilePatterns.Find(_folder, [pattern], filesMax: 100)));

    [Fact]
    public void A_pattern_never_leaves_the_folder_and_never_finds_too_much()
    {
        Assert.Throws<CaptureRefusedException>(() => FilePatterns.Find(_folder, ["../*"], filesMax: 100));
        Assert.Throws<CaptureRefusedException>(() => FilePatterns.Find(_folder, ["/etc/*"], filesMax: 100));
        Assert.Throws<CaptureRefusedException>(() => FilePatterns.Find(_folder, ["**"], filesMax: 3));
        Assert.Single(FilePatterns.Find(_folder, [Path.Combine(_folder, "a.csv"), "a.csv"], filesMax: 100));
    }

    [Theory]
    [InlineData("""{"accuracy":0.91,"name":"a b","ok":true}""", "accuracy=0.91 name=a b ok=True", null)]
    [InlineData("accuracy=0.91\nloss 0.2\n# no\n\n", "accuracy=0.91 loss=0.2", null)]
    [InlineData("accuracy=0.91\nnonsense\n", "accuracy=0.91", "line 2: no name and value")]
    [InlineData("""{"a":""", "", "is no JSON")]
    [InlineData("""{"a":[1]}""", "", "the member a is no single value")]
    public void Metrics_are_read_or_the_fault_is_named(string text, string expected, string? because)
    {
        string file = Path.Combine(_folder, "metrics");
        File.WriteAllText(file, text);

        var metrics = MetricsFile.Read(file, out string? fault);

        Assert.Equal(expected, string.Join(' ', metrics.Select(metric => $"{metric.Key}={metric.Value}")));
        Assert.Equal(because is null, fault is null);
        Assert.Contains(because ?? "", fault ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train.py --epochs 3", "train.py --epochs 3")]
    [InlineData("x --api-key=abc --token abc file", "x --api-key=*** --token *** file")]
    [InlineData("DB_PASSWORD=abc run", "DB_PASSWORD=*** run")]
    [InlineData("x --token --verbose", "x --token --verbose")]
    public void Secrets_on_the_command_line_are_masked(string command, string expected) =>
        Assert.Equal(expected, string.Join(' ', SecretNames.WithoutSecrets(command.Split(' '))));
}
