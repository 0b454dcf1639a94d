using System.Xml.Linq;

namespace Node.Tidy;

/// <summary>The arrows between the rooms: who may reference whom. ARCHITECTURE.md says why.</summary>
public class ArrowTests
{
    // Bindings know nobody. A project that is missing here may not exist.
    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["Grpc.Core"] = [],
        ["RocksDbSharp"] = [],
        ["NSec.Cryptography"] = [],
        ["Node.Protocol"] = [],
        ["Node.Membership"] = ["Node.Protocol", "NSec.Cryptography"],
        ["Node.Contracts"] = ["Node.Protocol"],
        ["Node.Ledger"] = ["Node.Protocol", "RocksDbSharp"],
        ["Node.Hosting"] = ["Node.Protocol", "Node.Membership", "Grpc.Core"],
        ["Node.Orderer"] = ["Node.Protocol", "Node.Membership", "Node.Ledger", "Node.Hosting", "Grpc.Core"],
        ["Node.Peer"] =
            ["Node.Protocol", "Node.Membership", "Node.Contracts", "Node.Ledger", "Node.Hosting", "Grpc.Core"],
        ["Node.Ca"] = ["Node.Protocol", "Node.Membership", "Node.Hosting", "RocksDbSharp"],
        ["Node.Client"] = ["Node.Protocol", "Node.Membership", "Grpc.Core"],
        ["Node.Rest"] = ["Node.Client"],
        ["Node.Simulation"] =
        [
            "Node.Protocol", "Node.Membership", "Node.Contracts", "Node.Ledger", "Node.Orderer", "Node.Peer",
        ],
        ["Node.Cli"] =
        [
            "Node.Protocol", "Node.Membership", "Node.Contracts", "Node.Ledger", "Node.Hosting", "Node.Orderer",
            "Node.Peer", "Node.Ca", "Node.Client", "Node.Rest", "Node.Simulation", "Grpc.Core",
        ],
    };

    public static TheoryData<string> Projects() => [.. Repository.Files("src", "*.csproj").Select(Repository.Relative)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_stands_above_it(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Assert.True(s_allowed.TryGetValue(name, out string[]? allowed), $"{name} is not a room of this house.");

        IEnumerable<string> references = XDocument.Load(Path.Combine(Repository.Root, project))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string?)reference.Attribute("Include") ?? ""));

        Findings.None(references.Except(allowed));
    }

    [Fact]
    public void A_sample_knows_the_client_and_nothing_else()
    {
        IEnumerable<string> references = Repository.Files("samples", "*.csproj")
            .SelectMany(project => XDocument.Load(project).Descendants("ProjectReference"))
            .Select(reference => Path.GetFileNameWithoutExtension((string?)reference.Attribute("Include") ?? ""));

        Assert.NotEmpty(references);
        Findings.None(references.Where(name => name != "Node.Client"));
    }

    [Fact]
    public void Node_Cli_is_the_only_program_under_src()
    {
        IEnumerable<string> programs = Repository.Files("src", "*.csproj")
            .Where(path => File.ReadAllText(path).Contains("<OutputType>Exe", StringComparison.Ordinal))
            .Select(path => Path.GetFileNameWithoutExtension(path));

        Assert.Equal(["Node.Cli"], programs);
    }

    [Fact]
    public void Every_project_under_src_has_a_test_project()
    {
        string[] tests =
            [.. Repository.Files("tests", "*.csproj").Select(path => Path.GetFileNameWithoutExtension(path))];
        IEnumerable<string> untested = Repository.Files("src", "*.csproj")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => !tests.Contains(name + ".Tests"));

        Findings.None(untested);
    }

    [Fact]
    public void Versions_stand_in_one_place_and_are_locked()
    {
        string[] projects = [.. Repository.Files("", "*.csproj")];
        IEnumerable<string> pinnedLocally = projects.Where(path => XDocument.Load(path).Descendants("PackageReference")
            .Any(package => package.Attribute("Version") is not null));
        IEnumerable<string> unlocked = projects.Where(path =>
            !File.Exists(Path.Combine(Path.GetDirectoryName(path) ?? "", "packages.lock.json")));

        Findings.None(pinnedLocally.Select(Repository.Relative));
        Findings.None(unlocked.Select(Repository.Relative));
    }
}
