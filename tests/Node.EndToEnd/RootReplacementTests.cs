using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Node.Client;

namespace Node.EndToEnd;

/// <summary>An organisation goes over to a new root while its network works (docs/certificates.md).</summary>
public class RootReplacementTests
{
    private const string Domain = "org1.example.com";
    private const string Peer = "peer0.org1.example.com";
    private const string NewRoot = "new-root.pem";

    [Fact]
    public async Task An_organizations_root_is_replaced_without_a_restart_and_the_old_ones_members_are_refused()
    {
        await using RunningNetwork network = await RunningNetwork.StartAsync();
        string home = Path.Combine(network.Folder, "crypto-config", "peerOrganizations", Domain);
        string content = Path.Combine(network.Folder, "content");
        string receipt = Path.Combine(network.Folder, "old.receipt");
        await File.WriteAllTextAsync(content, "measured");
        await network.MustAsync("put", content, "--key", "by the old root");
        await network.MustAsync("receipt", "by the old root", "-o", receipt);
        string next = await GenerateAgainAsync(network);
        Folders.Copy(Path.Combine(next, "users", $"User1@{Domain}"), UserOf(home, "Next"));
        CliResult early = await network.RunAsync("put", content, "--key", "too early", "--user", "Next");

        // Both are trusted, so that everybody may move in his own time.
        AddRoot(home, Path.Combine(next, "msp", "cacerts", $"ca.{Domain}-cert.pem"));
        await SubmitMembershipAsync(network, home);
        await network.MustAsync("put", content, "--key", "by the new root", "--user", "Next");
        await network.MustAsync("put", content, "--key", "by both");
        Folders.Copy(UserOf(home, "User1"), UserOf(home, "Former"));
        foreach (string user in (string[])["User1", "Admin"])
            TakeOver(Path.Combine(UserOf(home, user), "msp"), Path.Combine(next, "users", $"{user}@{Domain}", "msp"));
        string peer = Path.Combine(home, "peers", Peer, "msp");
        TakeOver(peer, Path.Combine(next, "peers", Peer, "msp"));
        string renewed = $"{SerialOf(peer)} from now on";
        await network.UntilAsync(
            () => Task.FromResult(network.LogOf(Peer).Contains(renewed, StringComparison.Ordinal)), $"{Peer} to renew");

        // What was endorsed before the update is submitted behind it.
        using var former = MemberAtPeer.Connect(network, "Former", "org1");
        using var formerAtOther = MemberAtPeer.Connect(network, "Former", "org2");
        Transaction late = await former.EndorseAsync("too late");
        await formerAtOther.EndorseAsync("never");
        RemoveOldRoot(home);
        await SubmitMembershipAsync(network, home);
        await network.SettleAsync();

        Assert.Equal(5, early.ExitCode);
        await Assert.ThrowsAsync<SubmitException>(() => late.SubmitAsync(CancellationToken.None));
        await former.RequireRefusedAsync();
        await formerAtOther.RequireRefusedAsync();
        await network.MustAsync("put", content, "--key", "afterwards");
        await network.MustAsync("get", "by the old root", "--org", "org2");
        await network.MustAsync("verify-receipt", receipt);
        await network.MustAsync("receipt", "by both", "-o", receipt + ".new");
        await network.MustAsync("verify-receipt", receipt + ".new");
        Assert.NotEqual(0, (await network.RunAsync("receipt", "by the old root", "-o", receipt + ".anew")).ExitCode);
        await network.MustAsync("ledger", "verify");
        Assert.Equal(4, (await network.RunAsync("get", "too late")).ExitCode);
        Assert.Equal(
            ["by the old root", "by the new root", "by both", "afterwards"], await WrittenByOrg1Async(network));
    }

    // The same organisation once more, with keys and roots of its own.
    private static async Task<string> GenerateAgainAsync(RunningNetwork network)
    {
        string folder = Path.Combine(network.Folder, "next");
        Directory.CreateDirectory(folder);
        string config = Path.Combine(folder, "crypto-config.yaml");
        await File.WriteAllTextAsync(config, $"""
            PeerOrgs:
              - Name: Org1
                Domain: {Domain}
                EnableNodeOUs: true
                Template:
                  Count: 1
                Users:
                  Count: 1

            """);
        await Cli.MustAsync("crypto", "generate", "--config", config, "--dir", folder);
        return Path.Combine(folder, "crypto-config", "peerOrganizations", Domain);
    }

    private static async Task SubmitMembershipAsync(RunningNetwork network, string home)
    {
        string update = Path.Combine(network.Folder, $"msp-{Path.GetRandomFileName()}.bin");
        await network.MustAsync("channel", "propose", "--msp", $"Org1={Path.Combine(home, "msp")}", "-o", update);
        await network.MustAsync("channel", "submit", update);
    }

    private static void AddRoot(string home, string root)
    {
        foreach (string authorities in AuthoritiesOf(home))
        {
            File.Copy(root, Path.Combine(authorities, NewRoot));
            string config = Path.Combine(Path.GetDirectoryName(authorities)!, "config.yaml");
            File.WriteAllLines(
                config,
                File.ReadAllLines(config).Where(line => !line.Contains("Certificate:", StringComparison.Ordinal)));
        }
    }

    private static void RemoveOldRoot(string home)
    {
        foreach (string file in AuthoritiesOf(home).SelectMany(Directory.GetFiles))
        {
            if (Path.GetFileName(file) != NewRoot)
                File.Delete(file);
        }
    }

    private static string[] AuthoritiesOf(string home) =>
        Directory.GetDirectories(home, "cacerts", SearchOption.AllDirectories);

    // The key first, beside the former one; then the certificate, in one step.
    private static void TakeOver(string msp, string from)
    {
        File.Copy(
            Directory.GetFiles(Path.Combine(from, "keystore")).Single(), Path.Combine(msp, "keystore", "new_sk"));
        string certificate = Directory.GetFiles(Path.Combine(msp, "signcerts")).Single();
        string arriving = Path.Combine(msp, "arriving.pem");
        File.Copy(Directory.GetFiles(Path.Combine(from, "signcerts")).Single(), arriving);
        File.Move(arriving, certificate, overwrite: true);
    }

    private static string SerialOf(string msp)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(
            Directory.GetFiles(Path.Combine(msp, "signcerts")).Single());
        return certificate.SerialNumber.ToLowerInvariant().TrimStart('0');
    }

    private static async Task<string[]> WrittenByOrg1Async(RunningNetwork network) =>
    [
        .. JsonDocument.Parse(await network.MustAsync("written-by", "Org1MSP", "--json")).RootElement
            .EnumerateArray().OrderBy(record => record.GetProperty("block").GetUInt64())
            .Select(record => record.GetProperty("key").ToString()),
    ];

    private static string UserOf(string home, string user) => Path.Combine(home, "users", $"{user}@{Domain}");
}
