using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

public sealed class StoreSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data/set", "file://{0}/data/set")]
    [InlineData("/data/set", "file:///data/set")]
    [InlineData("file:///data/set?layout=plain", "file:///data/set")]
    [InlineData("file:///data/a%20b", "file:///data/a%20b")]
    [InlineData("s3://bucket", "s3://bucket")]
    [InlineData("s3://bucket/a/b/", "s3://bucket/a/b")]
    [InlineData("s3://bucket/a?endpoint=http://10.1.1.1:90&profile=lab", "s3://bucket/a?endpoint=http://10.1.1.1:90")]
    [InlineData("https://data.example.org/sets", "https://data.example.org/sets/")]
    public async Task What_a_record_says_of_a_store_holds_no_options_of_this_machine(string text, string location)
    {
        Assert.True(TryParse(text, out StoreSettings? settings, out string? fault), fault);
        await using IContentStore store = settings!.Open(TimeProvider.System);

        Assert.Equal(string.Format(null, location, _folder.Path), store.Location);
    }

    [Theory]
    [InlineData("", "no address")]
    [InlineData("ftp://host/x", "no store")]
    [InlineData("file://host/share", "names a host")]
    [InlineData("s3://", "")]
    [InlineData("https://user:secret@host/", "user or password")]
    [InlineData("s3://key:secret@bucket/", "user or password")]
    [InlineData("s3://bucket?secret-key=abc", "no option \"secret-key\"")]
    [InlineData("s3://bucket?access_key=abc", "no option")]
    [InlineData("s3://bucket?endpoint=localhost:9000", "endpoint")]
    [InlineData("s3://bucket?path-style=yes", "path-style")]
    [InlineData("s3://bucket?timeout=0", "timeout")]
    [InlineData("s3://bucket?timeout=soon", "timeout")]
    [InlineData("s3://bucket?region=a&region=b", "twice")]
    [InlineData("file:///data?layout=flat", "layout")]
    [InlineData("file:///data?endpoint=http://x", "no option")]
    public void A_wrong_description_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(TryParse(text, out _, out string? fault));
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_names_stores_and_the_default_and_the_folders_own_store_is_always_there()
    {
        Write("""
            default: archive
            stores:
              - name: archive
                location: shelf
                layout: plain
              - name: mirror
                location: https://data.example.org/sets
            """);
        await using ContentStores stores = Open(store: null);

        Assert.Equal(["archive", "mirror", "local"], stores.All.Select(stores.NameOf));
        Assert.IsType<PlainStore>(stores.Default);
        Assert.Equal(_folder.File("shelf"), ((PlainStore)stores.Default).Folder);
        await using ContentStores mine = Open("local");
        Assert.Equal(["local", "archive", "mirror"], mine.All.Select(mine.NameOf));
    }

    [Theory]
    [InlineData("default: nowhere", "nowhere")]
    [InlineData("stores:\n  - name: a\n    location: ftp://x", "line 3")]
    [InlineData("stores:\n  - name: a\n    location: x\n    secret: y", "secret")]
    [InlineData("stores:\n  - name: a\n    location: x\n  - name: a\n    location: y", "twice")]
    [InlineData("stores: x", "list")]
    [InlineData("store: x", "store")]
    [InlineData("{", "line")]
    public void A_wrong_file_is_refused_with_file_and_line(string text, string named)
    {
        Write(text);

        StoreConfigException refused = Assert.Throws<StoreConfigException>(() => Open(store: null));

        Assert.Contains("stores.yaml", refused.Message, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_credentials_are_only_missed_when_the_store_is_used()
    {
        string file = _folder.File("not-there");
        await using IContentStore store = ContentStores.Open($"s3://bucket?credentials={file}", TimeProvider.System);

        StoreConfigException missing = await Assert.ThrowsAsync<StoreConfigException>(() => store.AddAsync("hello"));

        Assert.Contains(file, missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://bucket/a", "s3://bucket/a", "x", "x")]
    [InlineData("s3://bucket/a", "s3://bucket/a/b", "x", "b/x")]
    [InlineData("s3://bucket/a", "s3://bucket", "a/x", "x")]
    [InlineData("s3://bucket/a", "s3://bucket", "b/x", null)]
    [InlineData("s3://bucket/a", "s3://bucket/ab", "x", null)]
    [InlineData("s3://bucket/a", "s3://other/a", "x", null)]
    [InlineData("s3://bucket/a", "s3://bucket/a?endpoint=http://evil.example", "x", null)]
    [InlineData("s3://bucket/a?endpoint=http://10.1.1.1:9000", "s3://bucket/a?endpoint=http://10.1.1.1:9000", "x", "x")]
    [InlineData("s3://bucket/a?endpoint=http://127.0.0.1:9000", "s3://bucket/a", "x", "x")]
    [InlineData("s3://bucket/a?endpoint=http://10.1.1.1:9000", "s3://bucket/a?endpoint=http://10.1.1.2", "x", null)]
    [InlineData("s3://bucket/a", "s3://bucket/a", "../x", null)]
    [InlineData("https://host/sets/", "https://host/sets/", "x y", "x y")]
    [InlineData("https://host/sets/", "https://host/sets", "a/b", "a/b")]
    [InlineData("https://host/sets/", "https://host/", "sets/x", "x")]
    [InlineData("https://host/sets/", "https://host/", "other/x", null)]
    [InlineData("https://host/sets/", "http://host/sets/", "x", null)]
    [InlineData("https://host/sets/", "https://host:8443/sets/", "x", null)]
    [InlineData("https://host/sets/", "https://host.evil.example/sets/", "x", null)]
    [InlineData("https://host/sets/", "https://user@host/sets/", "x", null)]
    [InlineData("https://host/sets/", "https://host/sets/?a=b", "x", null)]
    [InlineData("https://host/sets/", "https://host/sets/../", "etc/x", null)]
    [InlineData("/data/set", "file:///data/set", "x", "x")]
    [InlineData("/data/set", "file:///data", "set/x", "x")]
    [InlineData("/data/set", "file:///data/set/sub", "x", "sub/x")]
    [InlineData("/data/set", "file:///data/settings", "x", null)]
    [InlineData("/data/set", "file:///etc", "shadow", null)]
    [InlineData("/data/set", "file:///data/set/../..", "etc/shadow", null)]
    [InlineData("/data/set", "file:///data/set/%2e%2e/%2e%2e", "etc/shadow", null)]
    [InlineData("/data/set", "file://host/data/set", "x", null)]
    [InlineData("/data/set", "/data/set", "x", "x")]
    [InlineData("/data/set", "", "x", null)]
    [InlineData("/data/set", "file:///data/set", "a\\..\\..\\x", null)]
    public async Task A_record_reaches_only_what_a_person_named(
        string store, string location, string pointer, string? own)
    {
        await using IContentStore named = ContentStores.Open(store, TimeProvider.System);

        Assert.Equal(own is not null, named.Covers(location, pointer, out string found));
        Assert.Equal(own ?? "", found);
    }

    [Fact]
    public async Task A_location_that_nobody_named_is_refused_and_told()
    {
        await using ContentStores stores = Open(store: null);

        LocationRefusedException refused = await Assert.ThrowsAsync<LocationRefusedException>(() => stores.OpenAsync(
            "file:///etc", "shadow", Checksum.Of(Hash32.Of("x"u8)), CancellationToken.None));

        Assert.Contains("file:///etc", refused.Message, StringComparison.Ordinal);
        Assert.Contains("stores.yaml", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_inside_the_folder_does_not_lead_out_of_it()
    {
        await File.WriteAllTextAsync(_folder.File("secret"), "not for everybody");
        Directory.CreateDirectory(_folder.File("set"));
        File.CreateSymbolicLink(_folder.File("set/out"), _folder.File("secret"));
        File.CreateSymbolicLink(_folder.File("set/up"), "..");
        await File.WriteAllTextAsync(_folder.File("set/file"), "inside");
        File.CreateSymbolicLink(_folder.File("set/in"), "file");
        await using var store = new PlainStore(_folder.File("set"), isReadOnly: true);

        await Assert.ThrowsAsync<LocationRefusedException>(() => store.ReadAsync("out"));
        await Assert.ThrowsAsync<LocationRefusedException>(() => store.ReadAsync("up/secret"));
        Assert.Equal("inside"u8.ToArray(), await store.ReadAsync("in"));
        await Assert.ThrowsAsync<StorageFailedException>(() => store.AddAsync("more"));
    }

    private bool TryParse(string text, out StoreSettings? settings, out string? fault) => StoreSettings.TryParse(
        text, _folder.Path, new Dictionary<string, string>(), out settings, out fault);

    private ContentStores Open(string? store) =>
        ContentStores.FromNetworkFolder(_folder.Path, store, TimeProvider.System);

    private void Write(string text) => File.WriteAllText(_folder.File("stores.yaml"), text);
}
