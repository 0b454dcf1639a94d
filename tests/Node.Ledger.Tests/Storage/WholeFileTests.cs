using Node.Protocol;

namespace Node.Ledger.Storage;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-whole-").FullName;

    private string Inner => Path.Combine(_folder, "made", "here");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_replaced_in_a_folder_that_is_made_and_nothing_else_stays_there()
    {
        string file = Path.Combine(Inner, "mark");

        WholeFile.Replace(file, "first"u8);
        WholeFile.Replace(file, "second"u8);

        Assert.Equal("second"u8.ToArray(), File.ReadAllBytes(file));
        Assert.Equal([file], Directory.GetFileSystemEntries(Inner));
    }

    [Fact]
    public void What_was_there_stays_when_the_disk_refuses()
    {
        string file = Path.Combine(_folder, "mark");
        WholeFile.Replace(file, "first"u8);
        Directory.CreateDirectory(file + ".next");   // Where the new bytes would wait.

        Assert.Throws<UnauthorizedAccessException>(() => WholeFile.Replace(file, "second"u8));

        Assert.Equal("first"u8.ToArray(), File.ReadAllBytes(file));
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_synced() =>
        Assert.Contains(Inner, Assert.Throws<IOException>(() => FileSync.SyncFolder(Inner)).Message);
}
