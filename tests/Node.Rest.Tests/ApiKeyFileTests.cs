using Node.Protocol;
using Node.Rest.Identities;

namespace Node.Rest.Tests;

public sealed class ApiKeyFileTests : IDisposable
{
    private static readonly IdentityName s_user = new("Org1MSP", "User1");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hyperprov-test-");
    private readonly ApiKeyFile _keys;

    public ApiKeyFileTests() => _keys = new ApiKeyFile(_folder.FullName, TimeProvider.System);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_file_holds_the_hash_and_never_the_key()
    {
        (string text, ApiKeyEntry entry) = _keys.Create(s_user, "for sensors");

        string file = File.ReadAllText(_keys.Path);
        Assert.Contains(Convert.ToHexStringLower(ApiKey.HashOf(text)), file, StringComparison.Ordinal);
        Assert.DoesNotContain(text[^20..], file, StringComparison.Ordinal);
        Assert.Equal(entry, Assert.Single(_keys.List()));
    }

    [Fact]
    public void The_file_is_readable_by_its_owner_alone()
    {
        if (OperatingSystem.IsWindows())
            return;   // Files have no mode there.

        _keys.Create(s_user, "");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_keys.Path));
    }

    [Fact]
    public void Keys_differ_and_are_listed_in_the_order_of_their_making()
    {
        string[] ids = [.. Enumerable.Range(0, 5).Select(_ => _keys.Create(s_user, "").Entry.Id)];

        Assert.Equal(ids, _keys.List().Select(key => key.Id));
        Assert.Equal(5, ids.Distinct().Count());
    }

    [Fact]
    public void Revoking_keeps_the_entry_and_the_first_time()
    {
        (_, ApiKeyEntry entry) = _keys.Create(s_user, "");

        ApiKeyEntry? first = _keys.Revoke(entry.Id);
        ApiKeyEntry? again = _keys.Revoke(entry.Id);

        Assert.NotNull(first?.Revoked);
        Assert.Equal(first, again);
        Assert.Null(_keys.Revoke("000000000000"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"format\":2,\"keys\":[]}")]
    [InlineData("{\"format\":1,\"keys\":[],\"more\":1}")]
    public void A_file_that_cannot_be_read_is_never_taken_for_an_empty_one(string content)
    {
        _keys.Create(s_user, "");
        File.WriteAllText(_keys.Path, content);

        Assert.Throws<StorageFailedException>(() => _keys.List());
        Assert.Throws<StorageFailedException>(() => _keys.Create(s_user, ""));
        Assert.Equal(content, File.ReadAllText(_keys.Path));
    }
}
