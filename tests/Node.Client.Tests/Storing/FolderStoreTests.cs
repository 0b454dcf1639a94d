using System.Security.Cryptography;
using System.Text;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

public sealed class FolderStoreTests : IDisposable
{
    private const string HelloSha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Content_lies_under_its_checksum()
    {
        StoredContent stored = await AddAsync("hello");

        Assert.Equal(HelloSha256, stored.Checksum.ToString());
        Assert.Equal(5, stored.Bytes);
        Assert.Equal(_folder.File("sha256/2c/" + HelloSha256[2..]), stored.Place);
        Assert.Equal("hello", await File.ReadAllTextAsync(stored.Place));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_001)]
    public async Task Any_size_is_hashed_stored_and_read_back(int bytes)
    {
        byte[] content = SHA256.HashData("seed"u8);
        Array.Resize(ref content, bytes);
        StoredContent stored = await Store().AddAsync(new MemoryStream(content), CancellationToken.None);

        using Stream verified = await OpenAsync(stored);
        using var copy = new MemoryStream();
        await verified.CopyToAsync(copy);

        Assert.Equal(Hash32.Of(content), stored.Checksum);
        Assert.Equal(content, copy.ToArray());
    }

    [Fact]
    public async Task Equal_content_is_stored_once()
    {
        StoredContent first = await AddAsync("hello");
        StoredContent second = await AddAsync("hello");

        Assert.Equal(first, second);
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Putting_content_again_mends_an_altered_file()
    {
        StoredContent stored = await AddAsync("hello");
        await File.WriteAllTextAsync(stored.Place, "hullo");

        await AddAsync("hello");

        Assert.Equal("hello", await File.ReadAllTextAsync(stored.Place));
    }

    [Fact]
    public async Task A_source_that_breaks_off_leaves_nothing_behind()
    {
        using var source = new BreakingStream(Encoding.UTF8.GetBytes("half of it"));

        await Assert.ThrowsAsync<IOException>(() => Store().AddAsync(source, CancellationToken.None));

        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_a_killed_process_left_unfinished_is_removed()
    {
        Directory.CreateDirectory(_folder.File("incoming"));
        string abandoned = _folder.File($"incoming/{Machine}-999999999-0123456789abcdef");
        await File.WriteAllTextAsync(abandoned, "half");

        await AddAsync("hello");

        Assert.False(File.Exists(abandoned));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_says_so()
    {
        await File.WriteAllTextAsync(_folder.File("occupied"), "a file where the store should be");
        var store = new FolderStore(_folder.File("occupied"));

        await Assert.ThrowsAsync<StorageFailedException>(
            () => store.AddAsync(new MemoryStream([1]), CancellationToken.None));
    }

    [Fact]
    public async Task Checking_names_the_file_and_both_checksums()
    {
        StoredContent stored = await AddAsync("hello");
        await File.WriteAllTextAsync(stored.Place, "hullo");

        ContentCheck check = await ContentVerification.CheckAsync(
            stored.Place, Checksum.Of(stored.Checksum), CancellationToken.None);

        Assert.Equal(ContentState.Altered, check.State);
        Assert.Equal(stored.Place, check.Path);
        Assert.Equal(HelloSha256, check.Expected.Hex);
        Assert.Equal(Hash32.Of("hullo"u8).ToString(), check.Found?.Hex);
    }

    [Fact]
    public async Task Checking_a_file_that_is_gone_finds_nothing()
    {
        ContentCheck check = await ContentVerification.CheckAsync(
            _folder.File("gone"), Checksum.Of(Hash32.Of("x"u8)), CancellationToken.None);

        Assert.Equal((ContentState.Missing, null), (check.State, check.Found));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task The_end_of_altered_content_cannot_be_read(int bytes)
    {
        byte[] content = new byte[bytes];
        StoredContent stored = await Store().AddAsync(new MemoryStream(content), CancellationToken.None);
        content[0] ^= 1;
        await File.WriteAllBytesAsync(stored.Place, content);

        using Stream verified = await OpenAsync(stored);
        using var copy = new MemoryStream();
        await Assert.ThrowsAsync<ContentMismatchException>(() => verified.CopyToAsync(copy));

        Assert.True(copy.Length < bytes, $"{copy.Length} of {bytes} bytes were handed out");
    }

    [Fact]
    public async Task A_file_made_from_altered_content_never_comes_into_being()
    {
        StoredContent stored = await AddAsync("hello");
        await File.WriteAllTextAsync(stored.Place, "hullo");
        using Stream verified = await OpenAsync(stored);

        await Assert.ThrowsAsync<ContentMismatchException>(
            () => DurableFile.CreateAsync(_folder.File("copy"), verified, CancellationToken.None));

        Assert.False(File.Exists(_folder.File("copy")));
        Assert.False(File.Exists(_folder.File("copy.part")));
    }

    [Theory]
    [InlineData("SHA-256", 64, true)]
    [InlineData("SHA-512", 128, true)]
    [InlineData("MD5", 32, true)]
    [InlineData("SHA-256", 63, false)]        // One digit short.
    [InlineData("BLAKE2b-256", 64, false)]    // Not computable here.
    [InlineData("unspecified", 64, false)]
    public void Known_algorithms_of_the_right_length_can_be_recomputed(string algorithm, int digits, bool expected) =>
        Assert.Equal(expected, Checksum.TryParse(algorithm, new string('a', digits), out _));

    private static string Machine =>
        Hash32.Of(Encoding.UTF8.GetBytes(Environment.MachineName)).ToString()[..8];

    private Task<Stream> OpenAsync(StoredContent stored) => new ContentStores(Store()).OpenAsync(
        stored.Location, stored.Pointer, Checksum.Of(stored.Checksum), CancellationToken.None);

    private FolderStore Store() => new(_folder.Path);

    private Task<StoredContent> AddAsync(string text) =>
        Store().AddAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None);

    private sealed class BreakingStream(byte[] content) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("the line went dead");
        }
    }
}
