using Node.Client.Storing;

namespace Node.Client.Tests.Storing;

/// <summary>Alone in its process while it runs, since it looks at the memory of all of it.</summary>
[CollectionDefinition(nameof(StoreMemoryTests), DisableParallelization = true)]
public sealed class AloneInItsProcess;

[Collection(nameof(StoreMemoryTests))]
public sealed class StoreMemoryTests(S3Server server) : IClassFixture<S3Server>
{
    private const long MemoryMax = 64L << 20;

    [Theory]
    [InlineData("s3")]
    [InlineData("folder")]
    public async Task Content_of_any_size_passes_in_64_MiB(string kind)
    {
        const long Bytes = 256L << 20;
        using var folder = new TemporaryFolder();
        await using IContentStore store = kind == "s3" ? server.Store("memory") : new FolderStore(folder.Path);
        using var source = new PatternStream(Bytes);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        var progress = new Telling(() => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true)));

        StoredContent stored = await store.AddAsync(
            source, new AddOptions { Progress = progress }, CancellationToken.None);

        Assert.Equal(Bytes, stored.Bytes);
        Assert.True(peak - before <= MemoryMax, $"{peak - before} bytes were in use at once, {MemoryMax} may be.");
        await store.DeleteAsync(stored.Pointer, CancellationToken.None);
    }

    private sealed class Telling(Action look) : IProgress<long>
    {
        private long _told;

        public void Report(long value)
        {
            // Collecting for every piece would be most of the test's time.
            _told += value;
            if (_told < 8 << 20)
                return;

            _told = 0;
            look();
        }
    }

    /// <summary>Many bytes that nobody holds.</summary>
    private sealed class PatternStream(long bytes) : ReadOnlyStream
    {
        private long _left = bytes;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = (int)Math.Min(buffer.Length, _left);
            buffer.Span[..read].Fill(unchecked((byte)_left));
            _left -= read;
            return ValueTask.FromResult(read);
        }
    }
}
