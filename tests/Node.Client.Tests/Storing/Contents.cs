using System.Security.Cryptography;
using System.Text;
using Node.Client.Storing;

namespace Node.Client.Tests.Storing;

/// <summary>Bytes to store, and what came back.</summary>
internal static class Contents
{
    /// <summary>The same bytes for the same seed, and no two pieces alike.</summary>
    public static byte[] Of(int bytes, byte seed)
    {
        byte[] content = new byte[bytes];
        byte[] block = SHA256.HashData([seed]);
        for (int at = 0; at < bytes; at += block.Length)
        {
            block.AsSpan(0, Math.Min(block.Length, bytes - at)).CopyTo(content.AsSpan(at));
            block = SHA256.HashData(block);
        }

        return content;
    }

    public static Task<StoredContent> AddAsync(this IContentStore store, byte[] content) =>
        store.AddAsync(new MemoryStream(content), AddOptions.None, CancellationToken.None);

    public static Task<StoredContent> AddAsync(this IContentStore store, string text) =>
        store.AddAsync(Encoding.UTF8.GetBytes(text));

    public static async Task<byte[]> ReadAsync(this IContentStore store, string pointer)
    {
        await using Stream stored = await store.OpenAsync(pointer, CancellationToken.None);
        using var copy = new MemoryStream();
        await stored.CopyToAsync(copy);
        return copy.ToArray();
    }

    public static async Task<List<StoredObject>> AllAsync(this IContentStore store)
    {
        var found = new List<StoredObject>();
        await foreach (StoredObject one in store.ListAsync(CancellationToken.None))
            found.Add(one);

        return found;
    }
}
