using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

/// <summary>What every store that can be written promises.</summary>
public abstract class StoreContractTests : IAsyncLifetime
{
    private static readonly TxId s_record = TxId.Of(Hash32.Of("a"u8));

    protected IContentStore Store { get; init; } = null!;   // Set by every subclass's constructor.

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 17) - 1)]
    [InlineData(1 << 17)]
    [InlineData((1 << 20) + 1)]
    [InlineData((8 << 20) - 1)]
    [InlineData(8 << 20)]
    [InlineData((24 << 20) + 5)]
    public async Task Any_size_is_hashed_stored_and_read_back(int bytes)
    {
        byte[] content = Contents.Of(bytes, seed: 1);

        StoredContent stored = await Store.AddAsync(content);

        Assert.Equal((Hash32.Of(content), bytes, Store.Location), (stored.Checksum, stored.Bytes, stored.Location));
        Assert.True(Store.Covers(stored.Location, stored.Pointer, out string own));
        Assert.Equal(content, await Store.ReadAsync(own));
        Assert.Equal(content, await Store.ReadAsync(ContentAddress.PointerOf(stored.Checksum)));
        Assert.Equal(stored.Checksum, Assert.Single(await Store.AllAsync()).Checksum);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(9 << 20)]
    public async Task A_deleted_content_is_gone_under_every_name(int bytes)
    {
        StoredContent stored = await Store.AddAsync(Contents.Of(bytes, seed: 3));

        foreach (StoredObject found in await Store.AllAsync())
            await Store.DeleteAsync(found.Pointer, CancellationToken.None);

        Assert.Empty(await Store.AllAsync());
        await Assert.ThrowsAsync<ContentMissingException>(() => Store.ReadAsync(stored.Pointer));
        await Assert.ThrowsAsync<ContentMissingException>(
            () => Store.ReadAsync(ContentAddress.PointerOf(stored.Checksum)));
    }

    [Fact]
    public async Task What_was_added_is_listed_and_what_was_deleted_is_not()
    {
        StoredContent kept = await Store.AddAsync("kept");
        StoredContent deleted = await Store.AddAsync("deleted");

        await Store.DeleteAsync(deleted.Pointer, CancellationToken.None);
        await Store.DeleteAsync(deleted.Pointer + "x", CancellationToken.None);   // Never there: no failure either.

        StoredObject found = Assert.Single(await Store.AllAsync());
        Assert.Equal((kept.Pointer, 4), (found.Pointer, found.Bytes));
        await Assert.ThrowsAsync<ContentMissingException>(() => Store.ReadAsync(deleted.Pointer));
    }

    [Fact]
    public async Task Back_links_are_noted_and_go_with_the_object()
    {
        StoredContent stored = await Store.AddAsync("linked");
        TxId second = TxId.Of(Hash32.Of("b"u8));

        await Store.LinkAsync(stored.Pointer, s_record, CancellationToken.None);
        await Store.LinkAsync(stored.Pointer, second, CancellationToken.None);

        Assert.Equal(
            new[] { s_record, second }.Order(),
            (await Store.LinksAsync(stored.Pointer, CancellationToken.None)).Order());
        Assert.Single(await Store.AllAsync());
        await Store.DeleteAsync(stored.Pointer, CancellationToken.None);
        Assert.Empty(await Store.LinksAsync(stored.Pointer, CancellationToken.None));
    }

    [Fact]
    public async Task A_source_that_breaks_off_leaves_nothing_behind()
    {
        using var source = new BreakingStream(Contents.Of(20 << 20, seed: 2));

        await Assert.ThrowsAsync<IOException>(
            () => Store.AddAsync(source, AddOptions.None, CancellationToken.None));

        Assert.Empty(await Store.AllAsync());
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("..\\outside")]
    public async Task A_pointer_never_leads_out_of_the_store(string pointer)
    {
        Assert.False(Store.Covers(Store.Location, pointer, out _));
        await Assert.ThrowsAsync<LocationRefusedException>(() => Store.ReadAsync(pointer));
    }

    [Fact]
    public async Task A_repair_writes_under_the_pointer_that_the_record_names()
    {
        StoredContent first = await Store.AddAsync("first");
        var options = new AddOptions { Pointer = first.Pointer };

        StoredContent again = await Store.AddAsync(
            new MemoryStream("first"u8.ToArray()), options, CancellationToken.None);

        Assert.Equal(first, again);
        Assert.Equal("first"u8.ToArray(), await Store.ReadAsync(first.Pointer));
    }

    [Fact]
    public async Task Many_at_once_do_not_get_into_each_others_way()
    {
        byte[][] contents = [.. Enumerable.Range(0, 40).Select(index => Contents.Of(index * 9000, (byte)(index % 20)))];

        StoredContent[] stored = await Task.WhenAll(contents.Select(content => Store.AddAsync(content)));

        for (int index = 0; index < contents.Length; index++)
            Assert.Equal(contents[index], await Store.ReadAsync(stored[index].Pointer));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>A line that goes dead at its end.</summary>
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

public sealed class FolderStoreContractTests : StoreContractTests
{
    private readonly TemporaryFolder _folder = new();

    public FolderStoreContractTests() => Store = new FolderStore(_folder.File("store"));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class PlainStoreContractTests : StoreContractTests
{
    private readonly TemporaryFolder _folder = new();

    public PlainStoreContractTests() => Store = new PlainStore(_folder.File("store"), isReadOnly: false);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class S3StoreContractTests : StoreContractTests, IClassFixture<S3Server>
{
    private static int s_prefixes;

    public S3StoreContractTests(S3Server server) =>
        Store = server.Store(FormattableString.Invariant($"contract/{Interlocked.Increment(ref s_prefixes)}"));
}
