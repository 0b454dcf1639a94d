using System.Text;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

public sealed class PlainStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_lies_in_the_folder_stays_where_it_is()
    {
        string path = _folder.File("data.csv");
        await File.WriteAllTextAsync(path, "a,b");

        StoredContent stored = await AddFileAsync(path, "key");

        Assert.Equal("data.csv", stored.Pointer);
        Assert.Equal(path, stored.Place);
        Assert.Empty(await Store().AllAsync());   // It is the person's: no sweep may touch it.
        await Assert.ThrowsAsync<StorageFailedException>(
            () => Store().DeleteAsync("data.csv", CancellationToken.None));
    }

    [Theory]
    [InlineData("weather/2019.csv", "weather/2019.csv")]
    [InlineData("../../etc/passwd", "_._/_._/etc/passwd")]
    [InlineData("/a//b", "a/b")]
    [InlineData(".hidden", "_hidden")]
    [InlineData(".hyperprov/added/x", "_hyperprov/added/x")]
    [InlineData("a\0b\nc:d", "a_b_c_d")]
    [InlineData("größe 7", "größe 7")]
    [InlineData("...", "content")]
    [InlineData("", "content")]
    public void Any_key_makes_a_readable_name_inside_the_folder(string key, string expected)
    {
        string name = PlainStore.ReadableName(key);

        Assert.DoesNotContain("..", name.Split('/'));
        if (!key.Contains("..", StringComparison.Ordinal))
            Assert.Equal(expected, name);
    }

    [Fact]
    public void A_readable_name_fits_every_file_system() =>
        Assert.All(
            PlainStore.ReadableName(new string('ü', 5000) + "/" + new string('x', 5000)).Split('/'),
            part => Assert.InRange(Encoding.UTF8.GetByteCount(part), 1, 255));

    [Fact]
    public async Task Other_content_under_a_taken_name_gets_a_number_and_equal_content_does_not()
    {
        StoredContent first = await AddAsync("one", "sets/report.csv");
        StoredContent second = await AddAsync("two", "sets/report.csv");
        StoredContent again = await AddAsync("one", "sets/report.csv");

        Assert.Equal(
            ("sets/report.csv", "sets/report~2.csv", "sets/report.csv"),
            (first.Pointer, second.Pointer, again.Pointer));
        Assert.Equal(2, (await Store().AllAsync()).Count);
        await Store().DeleteAsync(second.Pointer, CancellationToken.None);
        Assert.Equal("one", await File.ReadAllTextAsync(_folder.File("sets/report.csv")));
    }

    [Fact]
    public async Task A_repair_keeps_what_it_replaces()
    {
        string path = _folder.File("data.csv");
        await File.WriteAllTextAsync(path, "altered by somebody");

        await Store().AddAsync(
            new MemoryStream("recorded"u8.ToArray()), new AddOptions { Pointer = "data.csv" }, CancellationToken.None);

        Assert.Equal("recorded", await File.ReadAllTextAsync(path));
        Assert.Equal("altered by somebody", await File.ReadAllTextAsync(_folder.File(".hyperprov/replaced/data.csv")));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_refused()
    {
        string path = _folder.File("growing.log");
        await File.WriteAllTextAsync(path, "first line");
        using var source = new ChangingStream(path);

        IOException refused = await Assert.ThrowsAsync<IOException>(
            () => Store().AddAsync(source, new AddOptions { SourcePath = path }, CancellationToken.None));

        Assert.Contains("changed while it was read", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_store_keeps_for_itself_cannot_be_read_by_a_record()
    {
        await AddAsync("one", "report");

        Assert.False(Store().Covers(Store().Location, ".hyperprov/added/report", out _));
        await Assert.ThrowsAsync<LocationRefusedException>(() => Store().ReadAsync(".hyperprov/added/report"));
    }

    private PlainStore Store() => new(_folder.Path, isReadOnly: false);

    private Task<StoredContent> AddAsync(string text, string name) => Store().AddAsync(
        new MemoryStream(Encoding.UTF8.GetBytes(text)), new AddOptions { Name = name }, CancellationToken.None);

    private async Task<StoredContent> AddFileAsync(string path, string name)
    {
        await using FileStream file = File.OpenRead(path);
        return await Store().AddAsync(
            file, new AddOptions { Name = name, SourcePath = path }, CancellationToken.None);
    }

    /// <summary>Somebody writes to the file just when its end is reached.</summary>
    private sealed class ChangingStream(string path) : MemoryStream(File.ReadAllBytes(path))
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                await File.AppendAllTextAsync(path, "second line", cancellationToken);

            return read;
        }
    }
}
