using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

/// <summary>A real S3 server behind a line that has bad days.</summary>
public sealed class S3BadDayTests(S3Server server) : IClassFixture<S3Server>
{
    private const int LargeBytes = 20 << 20;
    private const string Impatient = "&timeout=1&retries=0";

    private static int s_prefixes;

    private readonly string _prefix = FormattableString.Invariant($"bad/{Interlocked.Increment(ref s_prefixes)}");

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_and_named()
    {
        await using var proxy = new MisbehavingProxy(server.Port, Misbehaviour.Silent, after: 0);
        await using IContentStore store = server.Store(_prefix, proxy.Port, Impatient);

        StoreUnreachableException away = await Assert.ThrowsAsync<StoreUnreachableException>(
            () => store.AddAsync("hello"));

        Assert.Contains($"127.0.0.1:{proxy.Port}", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_named()
    {
        await using IContentStore store = server.Store(_prefix, S3Server.FreePort(), Impatient);

        await Assert.ThrowsAsync<StoreUnreachableException>(() => store.AddAsync("hello"));
        await Assert.ThrowsAsync<StoreUnreachableException>(() => store.ReadAsync("sha256/ab/cd"));
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(LargeBytes)]
    public async Task An_upload_cut_half_way_is_never_taken_for_the_content(int bytes)
    {
        byte[] content = Contents.Of(bytes, seed: 7);
        await using var proxy = new MisbehavingProxy(server.Port, Misbehaviour.CutUpload, after: 300_000);
        await using IContentStore store = server.Store(_prefix, proxy.Port, "&timeout=5&retries=0");

        await Assert.ThrowsAsync<StoreUnreachableException>(() => store.AddAsync(content));

        await RequireNotReadableAsync(content);
    }

    [Fact]
    public async Task An_upload_cut_after_its_first_part_is_aborted()
    {
        byte[] content = Contents.Of(LargeBytes, seed: 7);
        await using var proxy = new MisbehavingProxy(server.Port, Misbehaviour.None, after: 300_000);
        await using IContentStore store = server.Store(_prefix, proxy.Port, "&timeout=5&retries=0");
        var progress = new Telling(() => proxy.Mode = Misbehaviour.CutUpload);

        await Assert.ThrowsAsync<StoreUnreachableException>(() => store.AddAsync(
            new MemoryStream(content), new AddOptions { Progress = progress }, CancellationToken.None));

        await using IContentStore direct = server.Store(_prefix);
        Assert.Empty(await direct.AllAsync());
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(LargeBytes)]
    public async Task Bytes_altered_on_their_way_up_are_never_taken_for_the_content(int bytes)
    {
        byte[] content = Contents.Of(bytes, seed: 8);
        await using var proxy = new MisbehavingProxy(server.Port, Misbehaviour.CorruptUpload, after: 500_000);
        await using IContentStore store = server.Store(_prefix, proxy.Port, "&timeout=10&retries=0");

        StorageFailedException failed = await Assert.ThrowsAsync<StorageFailedException>(() => store.AddAsync(content));

        Assert.Contains(Hash32.Of(content).ToString(), failed.Message, StringComparison.Ordinal);
        await RequireNotReadableAsync(content);
    }

    [Theory]
    [InlineData(Misbehaviour.CorruptDownload)]
    [InlineData(Misbehaviour.CutDownload)]
    [InlineData(Misbehaviour.StallDownload)]
    public async Task A_download_that_goes_wrong_never_ends_well(Misbehaviour mode)
    {
        await using IContentStore direct = server.Store(_prefix);
        StoredContent stored = await direct.AddAsync(Contents.Of(1 << 20, seed: 9));
        await using var proxy = new MisbehavingProxy(server.Port, mode, after: 300_000);
        await using var stores = new ContentStores(server.Store(_prefix, proxy.Port, Impatient));
        string location = server.Address(_prefix, proxy.Port).Split('&')[0];

        Task reading = ReadAsync(stores, location, stored);

        if (mode == Misbehaviour.CorruptDownload)
            await Assert.ThrowsAsync<ContentMismatchException>(() => reading);
        else
            await Assert.ThrowsAsync<StoreUnreachableException>(() => reading);
    }

    [Fact]
    public async Task A_line_that_recovers_is_tried_again()
    {
        await using var proxy = new MisbehavingProxy(server.Port, Misbehaviour.CutDownload, after: 10);
        await using IContentStore store = server.Store(_prefix, proxy.Port, "&timeout=20&retries=20");

        Task<StoredContent> adding = store.AddAsync("patience");
        proxy.Mode = Misbehaviour.None;

        Assert.Equal("patience"u8.ToArray(), await store.ReadAsync((await adding).Pointer));
    }

    [Fact]
    public async Task A_missing_bucket_is_named_and_not_retried_for_ever()
    {
        string address = server.Address(_prefix)
            .Replace("s3://tests/", "s3://no-such-bucket/", StringComparison.Ordinal);
        await using IContentStore store = ContentStores.Open(address, TimeProvider.System);

        StorageFailedException failed = await Assert.ThrowsAsync<StorageFailedException>(() => store.AddAsync("hello"));

        Assert.Contains("no-such-bucket", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_credentials_are_refused_by_the_server_and_the_secret_is_not_shown()
    {
        string address = server.Address(_prefix).Split("&credentials=")[0];
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.File("wrong"), "aws_access_key_id = NOBODY\naws_secret_access_key = guessed\n");
        await using IContentStore store = ContentStores.Open(
            $"{address}&credentials={folder.File("wrong")}", TimeProvider.System);

        StorageFailedException refused = await Assert.ThrowsAsync<StorageFailedException>(
            () => store.AddAsync("hello"));

        Assert.Contains("access denied", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("guessed", refused.Message, StringComparison.Ordinal);
    }

    // Some servers keep half of what they got under its final name: whoever reads it holds it against its checksum.
    private async Task RequireNotReadableAsync(byte[] content)
    {
        await using var stores = new ContentStores(server.Store(_prefix));
        Hash32 checksum = Hash32.Of(content);

        await Assert.ThrowsAsync<ContentMismatchException>(() => ReadAsync(
            stores, stores.Default.Location,
            new StoredContent(checksum, content.Length, "", ContentAddress.PointerOf(checksum))));
    }

    private static async Task ReadAsync(ContentStores stores, string location, StoredContent stored)
    {
        await using Stream content = await stores.OpenAsync(
            location, stored.Pointer, Checksum.Of(stored.Checksum), CancellationToken.None);
        await content.CopyToAsync(Stream.Null);
    }

    private sealed class Telling(Action look) : IProgress<long>
    {
        public void Report(long value) => look();
    }
}
