using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Node.Client.Tests.Storing;

namespace Node.EndToEnd;

/// <summary>One network for all tests of stores: each uses keys and folders of its own.</summary>
public sealed class StoreNetwork : IAsyncLifetime
{
    private readonly string _work = Directory.CreateTempSubdirectory("hyperprov-stores-").FullName;

    public RunningNetwork Network { get; private set; } = null!;   // Set before the first test.

    public async Task InitializeAsync() => Network = await RunningNetwork.StartAsync();

    public async Task DisposeAsync()
    {
        await Network.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    public string File(string name, string content)
    {
        string path = Path.Combine(_work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    public string PathOf(string name) => Path.Combine(_work, name);
}

/// <summary>Content off the ledger, as a person moves, loses, verifies and repairs it.</summary>
public sealed class StoreTests(StoreNetwork shared, S3Server s3) : IClassFixture<StoreNetwork>, IClassFixture<S3Server>
{
    private readonly RunningNetwork _network = shared.Network;

    [Fact]
    public async Task A_folder_is_recorded_verified_and_restored_and_every_change_is_named()
    {
        for (int index = 0; index < 20; index++)
            shared.File(FormattableString.Invariant($"tree/part{index % 3}/f{index}.csv"), $"content {index}");
        File.CreateSymbolicLink(shared.PathOf("tree/newest"), "part0/f18.csv");
        string folder = shared.PathOf("tree");

        await _network.MustAsync("put", folder, "--key", "tree");

        await _network.MustAsync("verify", folder);
        await _network.MustAsync("verify", Path.Combine(folder, "part1"));
        await _network.MustAsync("get", "tree", "-o", shared.PathOf("restored"));
        await _network.MustAsync("verify", shared.PathOf("restored"), "--key", "tree");
        await _network.MustAsync("tree", "prove", "tree", "part1/f4.csv", "-o", shared.PathOf("f4.proof"));
        await _network.MustAsync(
            "tree", "check", shared.PathOf("f4.proof"), Path.Combine(folder, "part1/f4.csv"), "--key", "tree");
        CliResult other = await _network.RunAsync(
            "tree", "check", shared.PathOf("f4.proof"), Path.Combine(folder, "part1/f7.csv"), "--key", "tree");
        Assert.Equal(1, other.ExitCode);

        string digest = Convert.ToHexStringLower(SHA256.HashData("content 5"u8));
        string stored = Path.Combine(_network.Folder, "store/sha256", digest[..2], digest[2..]);
        await File.WriteAllTextAsync(stored, "content 6");
        CliResult altered = await _network.RunAsync("verify", "tree");
        Assert.Equal(1, altered.ExitCode);
        Assert.Contains(stored, altered.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(stored, "content 5");
        await _network.MustAsync("verify", "tree");

        shared.File("tree/part0/f0.csv", "content X");
        shared.File("tree/part0/f3.csv", "longer than it was");
        shared.File("tree/new.csv", "new");
        File.Delete(Path.Combine(folder, "part1/f1.csv"));
        File.Delete(Path.Combine(folder, "newest"));
        File.CreateSymbolicLink(Path.Combine(folder, "newest"), "part0/f0.csv");

        Assert.Equal(
            [
                ("changed", "newest"), ("changed", "part0/f0.csv"), ("changed", "part0/f3.csv"), ("extra", "new.csv"),
                ("missing", "part1/f1.csv"),
            ],
            await FindingsAsync(folder));
    }

    [Fact]
    public async Task Each_file_has_a_record_of_its_own_and_broken_ancestry_is_named()
    {
        await _network.MustAsync("put", shared.File("source.csv", "the source"), "--key", "each-source");
        for (int index = 0; index < 30; index++)
            shared.File(FormattableString.Invariant($"each/f{index}"), $"derived {index}");
        string folder = shared.PathOf("each");
        await _network.MustAsync("put", folder, "--key", "each", "--each", "--depends", "each-source");
        await _network.MustAsync("verify", folder);
        string source = JsonDocument.Parse(await _network.MustAsync("get", "each-source", "--json"))
            .RootElement.GetProperty("pointer").GetString()!;

        shared.File("each/f7", "somebody's");
        shared.File("each/unknown", "new");
        File.Delete(Path.Combine(folder, "f8"));
        await File.WriteAllTextAsync(Path.Combine(_network.Folder, "store", source), "the sauce");

        Assert.Equal(
            [("brokenAncestry", "each-source"), ("changed", "f7"), ("missing", "f8"), ("unrecorded", "unknown")],
            await FindingsAsync(folder));
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_named_and_nothing_is_recorded()
    {
        shared.File("odd/file", "x");
        using (Process made = Process.Start("mkfifo", [shared.PathOf("odd/pipe")])!)
            await made.WaitForExitAsync();

        CliResult refused = await _network.RunAsync("put", shared.PathOf("odd"), "--key", "odd");

        Assert.Equal(6, refused.ExitCode);
        Assert.Contains("pipe", refused.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await _network.RunAsync("get", "odd")).ExitCode);
    }

    [Theory]
    [InlineData(false)]   // While the content arrives.
    [InlineData(true)]    // Just when the store has it and the ledger does not.
    public async Task A_put_that_is_killed_leaves_a_record_with_content_or_an_orphan_that_the_sweep_removes(bool stored)
    {
        string store = Path.Combine(shared.PathOf($"killed-{stored}"), "store");
        string contents = Path.Combine(store, stored ? "sha256" : "incoming");
        string key = $"killed-{stored}";
        using Process put = StartPut(key, store);
        byte[] half = new byte[1 << 20];
        half.AsSpan().Fill((byte)'h');
        await put.StandardInput.BaseStream.WriteAsync(half);
        await put.StandardInput.BaseStream.FlushAsync();
        if (stored)
            put.StandardInput.Close();
        await _network.UntilAsync(
            () => Task.FromResult(Directory.Exists(contents)
                && Directory.EnumerateFiles(contents, "*", SearchOption.AllDirectories).Any()),
            $"content in {contents}");

        put.Kill();
        await put.WaitForExitAsync();

        // Whatever the ledger knows is whole; a transaction that was under way may still arrive.
        CliResult verified = await _network.RunAsync("verify", key, "--store", store);
        Assert.True(verified.ExitCode is 0 or 4, verified.ToString());
        string swept = await _network.MustAsync("store", "sweep", store, "--older-than", "0", "--delete", "--json");
        int orphans = JsonDocument.Parse(swept).RootElement.GetProperty("orphans").GetArrayLength();
        CliResult again = await _network.RunAsync("verify", key, "--store", store);
        Assert.True(again.ExitCode is 0 or 4, again.ToString());
        if (!stored)
            Assert.Equal((4, 1), (again.ExitCode, orphans));
        Assert.Equal(again.ExitCode == 0 ? 1 : 0, FilesOf(store).Length);
    }

    [Fact]
    public async Task A_full_store_refuses_leaves_nothing_and_takes_what_fits()
    {
        string store = shared.PathOf("small");
        Directory.CreateDirectory(store);
        using SmallDisk disk = SmallDisk.Mount(store, mebibytes: 4);
        string large = shared.File("large", new string('x', 8 << 20));

        CliResult full = await _network.RunAsync("put", large, "--key", "full", "--store", store);

        Assert.Equal(6, full.ExitCode);
        Assert.Contains(store, full.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await _network.RunAsync("get", "full")).ExitCode);
        Assert.Empty(FilesOf(store));
        await _network.MustAsync("put", shared.File("small.txt", "fits"), "--key", "fits", "--store", store);
        await _network.MustAsync("verify", "fits", "--store", store);
    }

    [Fact]
    public async Task Content_goes_to_S3_and_lost_content_is_repaired_from_there()
    {
        string archive = s3.Address("archive");
        string file = shared.File("precious.csv", "precious");
        await _network.MustAsync("put", file, "--key", "precious", "--store", archive);
        string key = shared.PathOf("reader.pem");
        await _network.MustAsync("store", "key", key);
        await _network.MustAsync(
            "put", file, "--key", "secret", "--store", archive, "--encrypt-for", key + ".pub");

        CliResult elsewhere = await _network.RunAsync("get", "precious", "-o", shared.PathOf("out.csv"));
        Assert.Equal(5, elsewhere.ExitCode);
        Assert.Contains("stores.yaml", elsewhere.Error, StringComparison.Ordinal);
        await _network.MustAsync("get", "precious", "-o", shared.PathOf("out.csv"), "--store", archive);
        Assert.Equal("precious", await File.ReadAllTextAsync(shared.PathOf("out.csv")));
        Assert.Equal(1, (await _network.RunAsync("get", "secret", "-o", "-", "--store", archive)).ExitCode);
        Assert.Equal(
            "precious",
            await _network.MustAsync("get", "secret", "-o", "-", "--store", archive, "--decrypt-with", key));

        await _network.MustAsync("put", file, "--key", "precious");
        string pointer = JsonDocument.Parse(await _network.MustAsync("get", "precious", "--json"))
            .RootElement.GetProperty("pointer").GetString()!;
        string local = Path.Combine(_network.Folder, "store", pointer);
        await File.WriteAllTextAsync(local, "worthless");
        Assert.Equal(1, (await _network.RunAsync("verify", "precious")).ExitCode);
        Assert.Equal(1, (await _network.RunAsync("store", "check")).ExitCode);
        Assert.Equal(1, (await _network.RunAsync("store", "compare", "local", archive, "--deep")).ExitCode);

        await _network.RunAsync("store", "repair", "--from", archive);

        Assert.Equal("precious", await File.ReadAllTextAsync(local));
        await _network.MustAsync("verify", "precious");
    }

    private async Task<(string Kind, string Path)[]> FindingsAsync(string folder)
    {
        CliResult verified = await _network.RunAsync("verify", folder, "--json");
        Assert.True(verified.ExitCode == 1, verified.ToString());
        JsonElement findings = JsonDocument.Parse(verified.Output).RootElement.GetProperty("findings");
        Assert.All(findings.EnumerateArray(), finding =>
            Assert.NotEmpty(finding.GetProperty("reason").GetString()!));
        return
        [
            .. findings.EnumerateArray()
                .Where(finding => finding.GetProperty("failure").GetBoolean())
                .Select(finding => (finding.GetProperty("kind").GetString()!, finding.GetProperty("path").GetString()!))
                .OrderBy(finding => finding.Item1, StringComparer.Ordinal)
                .ThenBy(finding => finding.Item2, StringComparer.Ordinal),
        ];
    }

    private static string[] FilesOf(string store) =>
    [
        .. Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(store, path).StartsWith("links", StringComparison.Ordinal)),
    ];

    private Process StartPut(string key, string store)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (string argument in new[]
            { Cli.Program, "put", "-", "--key", key, "--store", store, "--json", "--dir", _network.Folder })
            start.ArgumentList.Add(argument);

        return Process.Start(start) ?? throw new InvalidOperationException(
            string.Create(CultureInfo.InvariantCulture, $"{Cli.Program} did not start"));
    }
}
