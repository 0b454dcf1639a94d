using Node.Client.Storing;
using Node.Client.Storing.Encrypting;

namespace Node.Client.Tests.Storing;

public sealed class EncryptionTests : IDisposable
{
    private const int HeaderBytes = 72 + 129;
    private const int SealedBytes = (1 << 16) + 16;

    private readonly TemporaryFolder _folder = new();
    private readonly ReadingKey _reader;
    private readonly RecipientKey _recipient;

    public EncryptionTests()
    {
        _reader = ReadingKey.Create(_folder.File("reader.pem"));
        _recipient = Recipient("reader.pem.pub");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _recipient.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_495)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(131_072)]
    [InlineData(300_000)]
    public async Task Content_of_any_size_is_read_by_the_one_it_is_for(int bytes)
    {
        byte[] content = Contents.Of(bytes, seed: 5);

        byte[] stored = await EncryptAsync(content);

        Assert.Equal(HeaderBytes + bytes + (16 * (bytes / (1 << 16))) + 40 + 16, stored.Length);
        Assert.Equal(content, await DecryptAsync(stored, _reader));
    }

    [Fact]
    public async Task Equal_contents_look_different_and_nothing_of_them_shows()
    {
        byte[] content = "patient 17: positive"u8.ToArray();

        byte[] first = await EncryptAsync(content);
        byte[] second = await EncryptAsync(content);

        Assert.NotEqual(first[HeaderBytes..], second[HeaderBytes..]);
        Assert.Equal(-1, first.AsSpan().IndexOf(content));
    }

    [Fact]
    public async Task Each_of_several_recipients_reads_it_and_nobody_else()
    {
        using ReadingKey second = ReadingKey.Create(_folder.File("second.pem"));
        using ReadingKey stranger = ReadingKey.Create(_folder.File("stranger.pem"));
        using RecipientKey secondRecipient = Recipient("second.pem.pub");
        byte[] stored = await ReadAllAsync(
            new EncryptingStream(new MemoryStream([1, 2, 3]), [_recipient, secondRecipient]));

        Assert.Equal([1, 2, 3], await DecryptAsync(stored, _reader));
        Assert.Equal([1, 2, 3], await DecryptAsync(stored, stranger, second));
        ContentEncryptedException refused = await Assert.ThrowsAsync<ContentEncryptedException>(
            () => DecryptAsync(stored, stranger));
        Assert.Contains(_recipient.Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains(stranger.Id, refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ContentEncryptedException>(() => DecryptAsync(stored));
    }

    [Fact]
    public async Task Every_flipped_bit_of_a_small_content_is_refused()
    {
        byte[] stored = await EncryptAsync([7, 7, 7]);
        for (int at = 0; at < stored.Length; at++)
        {
            stored[at] ^= 0x10;
            await Assert.ThrowsAsync<ContentEncryptedException>(() => DecryptAsync(stored, _reader));
            stored[at] ^= 0x10;
        }
    }

    [Theory]
    [InlineData("a chunk left out")]
    [InlineData("two chunks swapped")]
    [InlineData("a chunk repeated")]
    [InlineData("the end cut off at a chunk")]
    [InlineData("the end cut off within a chunk")]
    [InlineData("the header alone")]
    [InlineData("half a header")]
    [InlineData("a byte behind the end")]
    [InlineData("the end of another content")]
    [InlineData("nothing at all")]
    public async Task Chunks_that_are_not_where_they_were_are_refused(string damage)
    {
        byte[] stored = await EncryptAsync(Contents.Of(200_000, seed: 6));
        byte[] other = await EncryptAsync(Contents.Of(200_000, seed: 6));
        byte[] header = stored[..HeaderBytes];
        byte[] first = stored[HeaderBytes..(HeaderBytes + SealedBytes)];
        byte[] second = stored[(HeaderBytes + SealedBytes)..(HeaderBytes + (2 * SealedBytes))];
        byte[] rest = stored[(HeaderBytes + (2 * SealedBytes))..];
        byte[] damaged = damage switch
        {
            "a chunk left out" => [.. header, .. first, .. rest],
            "two chunks swapped" => [.. header, .. second, .. first, .. rest],
            "a chunk repeated" => [.. header, .. first, .. first, .. second, .. rest],
            "the end cut off at a chunk" => [.. header, .. first, .. second],
            "the end cut off within a chunk" => stored[..^70],
            "the header alone" => header,
            "half a header" => header[..100],
            "a byte behind the end" => [.. stored, 0],
            "the end of another content" => [.. stored[..^500], .. other[^500..]],
            _ => [],
        };

        await Assert.ThrowsAsync<ContentEncryptedException>(() => DecryptAsync(damaged, _reader));
    }

    [Fact]
    public async Task A_header_of_another_format_or_with_an_absurd_count_is_refused_before_anything_is_allocated()
    {
        byte[] stored = await EncryptAsync([1]);
        foreach ((int at, byte value) in new (int, byte)[] { (5, (byte)'2'), (6, 40), (7, 0), (7, 255) })
        {
            byte[] damaged = [.. stored];
            damaged[at] = value;
            await Assert.ThrowsAsync<ContentEncryptedException>(() => DecryptAsync(damaged, _reader));
        }
    }

    [Fact]
    public void Keys_are_made_for_their_owner_alone_and_never_overwritten()
    {
        string path = _folder.File("mine.pem");
        using ReadingKey made = ReadingKey.Create(path);

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Throws<IOException>(() => ReadingKey.Create(path));
        Assert.True(ReadingKey.TryLoad(path, out ReadingKey? loaded, out _));
        Assert.Equal(made.Id, loaded.Id);
        loaded.Dispose();
        Assert.False(ReadingKey.TryLoad(path + ".pub", out _, out string? fault));
        Assert.Contains("public", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("no key at all")]
    public void What_is_no_key_is_refused_by_name(string text)
    {
        File.WriteAllText(_folder.File("bad.pem"), text);

        Assert.False(RecipientKey.TryLoad(_folder.File("bad.pem"), out _, out string? fault));
        Assert.Contains("bad.pem", fault, StringComparison.Ordinal);
        Assert.False(RecipientKey.TryLoad(_folder.File("not-there.pem"), out _, out _));
    }

    private RecipientKey Recipient(string name)
    {
        Assert.True(RecipientKey.TryLoad(_folder.File(name), out RecipientKey? key, out string? fault), fault);
        return key;
    }

    private Task<byte[]> EncryptAsync(byte[] content) =>
        ReadAllAsync(new EncryptingStream(new MemoryStream(content), [_recipient]));

    private static async Task<byte[]> DecryptAsync(byte[] stored, params ReadingKey[] keys) => await ReadAllAsync(
        await DecryptingStream.OpenAsync(new MemoryStream(stored), "here", keys, CancellationToken.None));

    private static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        await using (stream)
        {
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            return bytes.ToArray();
        }
    }
}
