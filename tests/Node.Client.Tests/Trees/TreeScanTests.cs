using System.Diagnostics;
using Node.Client.Trees;

namespace Node.Client.Tests.Trees;

public sealed class TreeScanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_of_all_folders_are_found_in_order()
    {
        Write("b");
        Write("a/z");
        Write("a/b/c");
        Directory.CreateDirectory(_folder.File("empty"));
        Write(".hyperprov/added/b");   // A store's own.

        Assert.Equal(["a/b/c", "a/z", "b"], Scan().Files.Select(file => file.Path));
    }

    [Fact]
    public void Links_are_links_and_are_never_followed()
    {
        Write("file");
        File.CreateSymbolicLink(_folder.File("out"), "/etc/passwd");
        File.CreateSymbolicLink(_folder.File("up"), "..");
        File.CreateSymbolicLink(_folder.File("nowhere"), "not-there");

        TreeScan scan = Scan();

        Assert.Empty(scan.Faults);
        Assert.Equal(
            [("file", null), ("nowhere", "not-there"), ("out", "/etc/passwd"), ("up", "..")],
            scan.Files.Select(file => (file.Path, file.LinkTarget)));
    }

    [Fact]
    public void A_pipe_is_named_and_not_opened()
    {
        Write("a");
        using Process made = Process.Start("mkfifo", [_folder.File("pipe")])!;
        made.WaitForExit();

        TreeFault fault = Assert.Single(Scan().Faults);

        Assert.Equal("pipe", fault.Path);
        Assert.Contains("not a file", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_not_utf8_is_named()
    {
        using Process made = Process.Start("sh", ["-c", $"printf x > \"$(printf '{_folder.Path}/bad\\377name')\""])!;
        made.WaitForExit();

        TreeFault fault = Assert.Single(Scan().Faults);
        using Process removed = Process.Start("sh", ["-c", $"rm '{_folder.Path}'/bad*"])!;
        removed.WaitForExit();

        Assert.Contains("UTF-8", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named() =>
        Assert.Contains(
            "not-there",
            Assert.Throws<DirectoryNotFoundException>(
                () => TreeScan.Of(_folder.File("not-there"), CancellationToken.None)).Message,
            StringComparison.Ordinal);

    private TreeScan Scan() => TreeScan.Of(_folder.Path, CancellationToken.None);

    private void Write(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), name);
    }
}
