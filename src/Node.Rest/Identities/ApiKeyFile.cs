using System.Text.Json;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Rest.Identities;

/// <summary>The file that keeps the API keys of one server: <c>DIR/rest/keys.json</c>, readable by its owner.</summary>
/// <remarks>Any number of processes; a change replaces the whole file. A running server sees it within a second.
/// </remarks>
public sealed class ApiKeyFile(string networkFolder, TimeProvider clock)
{
    private readonly string _path = System.IO.Path.Combine(networkFolder, "rest", "keys.json");

    public string Path => _path;

    /// <returns>The key itself, which is shown this once, and what is kept of it.</returns>
    /// <exception cref="StorageFailedException">The file cannot be written: there is no new key.</exception>
    public (string Text, ApiKeyEntry Entry) Create(IdentityName identity, string note)
    {
        (string id, string text) = ApiKey.Create();
        var entry = new ApiKeyEntry(
            id, Convert.ToHexStringLower(ApiKey.HashOf(text)), identity.MspId, identity.User, note,
            clock.GetUtcNow(), Revoked: null);
        Change(keys => keys.Count < RestLimits.ApiKeysMax
            ? [.. keys, entry]
            : throw new StorageFailedException(
                "add an API key", _path, $"it holds {keys.Count} keys, the limit; delete the file to begin anew",
                inner: null));
        return (text, entry);
    }

    /// <summary>In the order of their making, revoked ones among them.</summary>
    /// <exception cref="StorageFailedException">The file is there and cannot be read.</exception>
    public IReadOnlyList<ApiKeyEntry> List()
    {
        try
        {
            ApiKeyDocument? document =
                JsonSerializer.Deserialize(File.ReadAllBytes(_path), ApiKeyJson.Default.ApiKeyDocument);
            return document?.Format == ApiKeyDocument.CurrentFormat
                ? document.Keys
                : throw Unreadable($"format {document?.Format} is not {ApiKeyDocument.CurrentFormat}", inner: null);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e.Message, e);
        }
    }

    /// <summary>Takes effect within a second in running servers.</summary>
    /// <returns>The key as it is now; null when there is none of that id.</returns>
    public ApiKeyEntry? Revoke(string id)
    {
        ApiKeyEntry? revoked = null;
        Change(keys => [.. keys.Select(key =>
            key.Id == id ? revoked = key with { Revoked = key.Revoked ?? clock.GetUtcNow() } : key)]);
        return revoked;
    }

    /// <summary>Changes whenever the file does; the least value when there is none.</summary>
    internal DateTime LastChange()
    {
        try
        {
            return File.GetLastWriteTimeUtc(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DateTime.MinValue;
        }
    }

    private void Change(Func<IReadOnlyList<ApiKeyEntry>, IReadOnlyList<ApiKeyEntry>> change)
    {
        try
        {
            OwnedFile.CreateFolder(System.IO.Path.GetDirectoryName(_path)!);   // Its path has three parts.

            // Two commands at once would lose one key: the second one finds the lock taken and says so.
            using FileStream held = new(
                _path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var document = new ApiKeyDocument(ApiKeyDocument.CurrentFormat, change(List()));
            OwnedFile.Write(
                _path, JsonSerializer.SerializeToUtf8Bytes(document, ApiKeyJson.Default.ApiKeyDocument),
                isPrivate: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("change the API keys", _path, e.Message, e);
        }
    }

    private StorageFailedException Unreadable(string why, Exception? inner) =>
        new("read the API keys", _path, why, inner);
}
