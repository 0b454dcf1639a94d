namespace Node.Hosting.Operating;

/// <summary>How figures of blocks are sorted, alike on peers and orderers.</summary>
public static class BlockSizes
{
    /// <summary>Upper bounds of buckets.</summary>
    public static readonly long[] Transactions = [1, 2, 5, 10, 25, 50, 100, 200, 300, 400, 500, 750, 1000];

    /// <summary>Upper bounds of buckets.</summary>
    public static readonly long[] Bytes =
        [4 << 10, 16 << 10, 64 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20, 8 << 20, 16 << 20];
}
