using System.Text.Json;
using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class PolicyTests
{
    private static readonly ClientIdentity s_admin1 = Person("Org1MSP", "admin1", ClientRole.Admin);
    private static readonly ClientIdentity s_admin2 = Person("Org2MSP", "admin2", ClientRole.Admin);
    private static readonly ClientIdentity s_user1 = Person("Org1MSP", "user1", ClientRole.Client);
    private static readonly ClientIdentity s_user2 = Person("Org2MSP", "user2", ClientRole.Client);
    private static readonly ClientIdentity s_north = Person("Org2MSP", "north", ClientRole.Client, ("lab", "north"));

    private readonly ContractBench _bench = Bench.New();

    private static ClientIdentity Person(
        string mspId, string id, ClientRole role, params (string Name, string Value)[] attributes) => new(
        MspId.Of(mspId), id, id, Hash32.Of(BitConverter.GetBytes(id.GetHashCode(StringComparison.Ordinal))), role,
        attributes.ToDictionary(a => a.Name, a => a.Value, StringComparer.Ordinal));

    private static ClientIdentity Of(string who) => who switch
    {
        "admin1" => s_admin1,
        "admin2" => s_admin2,
        "user1" => s_user1,
        "user2" => s_user2,
        _ => s_north,
    };

    private ContractResponse As(ClientIdentity client, string function, params string[] arguments)
    {
        _bench.Client = client;
        return _bench.Call(function, arguments);
    }

    private void Submit(ClientIdentity client, string function, params string[] arguments)
    {
        _bench.Client = client;
        _bench.Submit(function, arguments);
    }

    private void SetPolicy(ClientIdentity client, string scope, string name, string policy) =>
        Submit(client, "setpolicy", scope, name, policy);

    private ContractResponse Write(ClientIdentity client, string key) => As(client, "set", key, "h", "l", "p");

    [Theory]
    [InlineData("Org1MSP", "admin1 user1")]
    [InlineData("Org2MSP", "admin2 user2 north")]
    [InlineData("Org2MSP:member", "admin2 user2 north")]
    [InlineData("Org2MSP:admin", "admin2")]
    [InlineData("*:admin", "admin1 admin2")]
    [InlineData("*", "admin1 admin2 user1 user2 north")]
    [InlineData("Org2MSP:id=user2", "user2")]
    [InlineData("*:id=user2", "user2")]
    [InlineData("Org1MSP:id=user2", "")]
    [InlineData("Org2MSP:lab=north", "north")]
    [InlineData("*:lab=north", "north")]
    [InlineData("*:lab=south", "")]
    [InlineData("Org2MSP:client,lab=north", "north")]
    [InlineData("Org2MSP:admin,lab=north", "")]
    [InlineData("Org1MSP:admin|Org2MSP:id=user2", "admin1 user2")]
    public void A_prefix_lets_in_those_whom_its_policy_names(string writers, string allowed)
    {
        string list = string.Join(',', writers.Split('|').Select(writer => $"\"{writer}\""));
        SetPolicy(s_admin1, "prefix", "lab/", $$"""{"writers":[{{list}}]}""");

        IEnumerable<string> wrote = new[] { "admin1", "admin2", "user1", "user2", "north" }
            .Where(who => Write(Of(who), "lab/x").IsSuccess);

        Assert.Equal(allowed, string.Join(' ', wrote));
        Assert.True(Write(s_user2, "elsewhere").IsSuccess);
        Assert.True(Write(s_user2, "lab").IsSuccess);
    }

    [Fact]
    public void A_refusal_names_key_policy_and_writer()
    {
        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["Org1MSP:admin"]}""");

        ContractResponse response = Write(s_user2, "lab/x");

        Assert.Equal(403, response.Status);
        Assert.Equal(
            "The key 'lab/x' may be written by Org1MSP:admin only (policy of the prefix 'lab/'), "
            + "not by user2 of Org2MSP.", response.Message);
    }

    [Fact]
    public void Owners_alone_write_their_keys_again_and_anybody_writes_a_new_one()
    {
        SetPolicy(s_admin1, "prefix", "own/", """{"writers":["owner"]}""");
        Submit(s_user2, "set", "own/a", "h", "l", "p");

        Assert.Equal(403, Write(s_north, "own/a").Status);
        Assert.Equal(403, Write(s_admin1, "own/a").Status);
        Assert.True(Write(s_user2 with { Fingerprint = Hash32.Of("renewed"u8) }, "own/a").IsSuccess);
        Assert.True(Write(s_north, "own/b").IsSuccess);
    }

    [Fact]
    public void All_policies_that_apply_must_let_a_writer_in()
    {
        SetPolicy(s_admin1, "prefix", "a/", """{"writers":["Org1MSP","Org2MSP:id=user2"]}""");
        SetPolicy(s_admin1, "prefix", "a/b/", """{"writers":["Org2MSP"]}""");
        SetPolicy(s_admin1, "key", "a/b/c", """{"writers":["*"]}""");

        Assert.True(Write(s_user2, "a/b/c").IsSuccess);
        Assert.Equal(403, Write(s_user1, "a/b/c").Status);   // Not let in by a/b/.
        Assert.Equal(403, Write(s_north, "a/b/c").Status);   // Not let in by a/.
        JsonElement answer = _bench.Json("getpolicy", "for", "a/b/c");
        Assert.Equal(["a/b/c", "a/", "a/b/"], answer.GetProperty("policies").Each("name"));
        Assert.False(answer.GetProperty("mayWrite").GetBoolean());
    }

    [Fact]
    public void A_policy_that_is_ordered_first_invalidates_a_write_that_it_forbids()
    {
        ContractResponse write = Write(s_user2, "lab/x");
        InMemoryState simulated = _bench.LastState;
        Assert.True(write.IsSuccess);

        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["Org1MSP"]}""");

        Assert.False(_bench.Committed.IsCurrent(simulated));
    }

    [Theory]
    [InlineData("prefix", "lab/", "key", "lab/x")]
    [InlineData("key", "lab/x", "prefix", "lab/")]
    [InlineData("prefix", "lab/", "prefix", "lab/")]
    [InlineData("key", "lab/x", "key", "lab/x")]
    public void A_changed_or_added_policy_invalidates_what_was_simulated_before(
        string scope, string name, string changedScope, string changedName)
    {
        SetPolicy(s_admin1, scope, name, """{"writers":["*"]}""");
        Assert.True(Write(s_user2, "lab/x").IsSuccess);
        InMemoryState simulated = _bench.LastState;

        SetPolicy(s_admin1, changedScope, changedName, """{"writers":["Org1MSP"]}""");

        Assert.False(_bench.Committed.IsCurrent(simulated));
    }

    [Fact]
    public void A_change_of_another_prefix_leaves_writes_valid()
    {
        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["*"]}""");
        SetPolicy(s_admin1, "prefix", "other/", """{"writers":["*"]}""");
        Assert.True(Write(s_user2, "lab/x").IsSuccess);
        InMemoryState simulated = _bench.LastState;

        SetPolicy(s_admin1, "prefix", "other/", """{"writers":["Org1MSP"]}""");

        Assert.True(_bench.Committed.IsCurrent(simulated));
    }

    [Fact]
    public void A_write_without_policies_costs_two_reads()
    {
        Assert.True(Write(s_user1, "k").IsSuccess);

        Assert.Equal(2, _bench.LastState.Lookups);
        Assert.Equal(["\0policies\0", "\0writers\0k\0"], _bench.LastState.Reads.Keys);
        Assert.Empty(_bench.LastState.Ranges);
    }

    [Theory]
    [InlineData("user1", 403, "administrator")]         // The first policy of a prefix is an administrator's.
    [InlineData("admin2", 403, "'lab/y' was last written by another organisation")]
    [InlineData("admin1", 200, "")]
    public void A_prefix_gets_its_first_policy_from_an_administrator_who_shuts_nobody_out(
        string who, int status, string reason)
    {
        Submit(s_user1, "set", "lab/x", "h", "l", "p");
        Submit(s_user1, "set", "lab/y", "h", "l", "p");
        if (who == "admin2")
            Submit(s_user2, "set", "lab/x", "h", "l", "p");

        ContractResponse response = As(
            Of(who), "setpolicy", "prefix", "lab/", """{"writers":["Org1MSP"],"admins":["*"]}""");

        Assert.Equal(status, response.Status);
        Assert.Contains(reason, response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_of_others_inside_of_a_prefix_are_not_closed_in()
    {
        SetPolicy(s_admin2, "prefix", "lab/two/", """{"writers":["Org2MSP"]}""");
        Submit(s_user2, "set", "desk/x", "h", "l", "p", "", "", """{"writers":["Org2MSP"]}""");

        ContractResponse prefix = As(s_admin1, "setpolicy", "prefix", "lab/", """{"writers":["Org1MSP"]}""");
        ContractResponse key = As(s_admin1, "setpolicy", "prefix", "desk/", """{"writers":["Org1MSP"]}""");

        Assert.Equal((403, 403), (prefix.Status, key.Status));
        Assert.Contains("'lab/two/'", prefix.Message, StringComparison.Ordinal);
        Assert.Contains("'desk/x'", key.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_keeps_a_prefix_sets_policies_in_it_and_nobody_else_does()
    {
        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["*"],"admins":["Org1MSP:admin"]}""");
        string policy = """{"writers":["Org2MSP"]}""";

        Assert.Equal(403, As(s_admin2, "setpolicy", "prefix", "lab/x/", policy).Status);
        Assert.Equal(
            200, As(s_admin1, "setpolicy", "prefix", "lab/x/", """{"writers":["Org2MSP"]}""").Status);

        // A key of one's own may be narrowed by whoever may write it; the keeper of the prefix can undo that.
        SetPolicy(s_user2, "key", "lab/k", policy);
        Assert.Equal(403, Write(s_user1, "lab/k").Status);
        Assert.Equal(403, As(s_user1, "removepolicy", "key", "lab/k").Status);
        Submit(s_admin1, "removepolicy", "key", "lab/k");
        Assert.True(Write(s_user1, "lab/k").IsSuccess);
    }

    [Fact]
    public void A_policy_is_changed_and_removed_by_its_own_admins_only()
    {
        SetPolicy(
            s_admin1, "prefix", "lab/", """{"writers":["Org1MSP"],"admins":["Org1MSP:admin","Org2MSP:id=user2"]}""");

        Assert.Equal(403, As(s_user1, "setpolicy", "prefix", "lab/", """{"writers":["*"]}""").Status);
        Assert.Equal(403, As(s_admin2, "removepolicy", "prefix", "lab/").Status);
        SetPolicy(s_user2, "prefix", "lab/", """{"writers":["*"],"admins":["Org2MSP"]}""");
        Assert.Equal(403, As(s_admin1, "removepolicy", "prefix", "lab/").Status);
        Submit(s_admin2, "removepolicy", "prefix", "lab/");
        Assert.Equal(404, As(s_admin2, "removepolicy", "prefix", "lab/").Status);
        Assert.DoesNotContain(_bench.Committed.Keys, key => key.StartsWith("\0polic", StringComparison.Ordinal));
    }

    [Fact]
    public void Admins_are_the_setters_organisation_where_none_are_named()
    {
        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["*"]}""");

        JsonElement policy = _bench.Json("getpolicy", "prefix", "lab/");

        Assert.Equal(["scope", "name", "writers", "admins", "mspId", "certificate", "txid", "time"], policy.Names());
        Assert.Equal(["Org1MSP:member"], policy.GetProperty("admins").Texts());
        Assert.Equal(("Org1MSP", "admin1"), (policy.Text("mspId"), policy.Text("certificate")));
        Assert.Equal("hyperprov.policy", _bench.LastEvent?.Name ?? "hyperprov.policy");
    }

    [Theory]
    [InlineData("prefix", "lab/", "", "not valid JSON")]
    [InlineData("prefix", "lab/", "[]", "a policy is a JSON object")]
    [InlineData("prefix", "lab/", "{}", "writers names nobody")]
    [InlineData("prefix", "lab/", """{"writers":[]}""", "writers names nobody")]
    [InlineData("prefix", "lab/", """{"writers":"Org1MSP"}""", "writers is an array")]
    [InlineData("prefix", "lab/", """{"writers":["*"],"owner":"me"}""", "unknown member 'owner'")]
    [InlineData("prefix", "lab/", """{"writers":["*"]} x""", "not valid JSON")]
    [InlineData("prefix", "lab/", """{"writers":["Org1MSP:boss"]}""", "'boss' in 'Org1MSP:boss' is neither a role")]
    [InlineData("prefix", "lab/", """{"writers":["Org1MSP:=x"]}""", "neither a role")]
    [InlineData("prefix", "lab/", """{"writers":[""]}""", "does not begin with an organisation")]
    [InlineData("prefix", "lab/", """{"writers":["\ud800"]}""", "not valid JSON")]
    [InlineData("prefix", "lab/", """{"writers":["*"],"admins":["Org2MSP"]}""", "name yourself among them")]
    [InlineData("prefix", "lab/", """{"writers":["*"],"admins":["owner"]}""", "an owner is who wrote a key")]
    [InlineData("prefix", "", """{"writers":["*"]}""", "Expecting a key")]
    [InlineData("channel", "lab/", """{"writers":["*"]}""", "The scope is key or prefix, not 'channel'")]
    public void What_is_no_policy_is_refused(string scope, string name, string policy, string reason)
    {
        ContractResponse response = As(s_admin1, "setpolicy", scope, name, policy);

        Assert.Equal(400, response.Status);
        Assert.Contains(reason, response.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_beyond_the_limits_are_refused()
    {
        string principals = string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"Org{i}\""));
        string policy = """{"writers":["*"]}""";

        Assert.Equal(400, As(s_admin1, "setpolicy", "prefix", "a", $$"""{"writers":[{{principals}}]}""").Status);
        Assert.Equal(413, As(s_admin1, "setpolicy", "prefix", new string('p', 257), policy).Status);
        Assert.Equal(413, As(s_admin1, "setpolicy", "prefix", "a", new string(' ', 200_000)).Status);
        string large = $$"""{"writers":["*:x={{new string('v', 1_100)}}"]}""";
        Assert.Equal(400, As(s_admin1, "setpolicy", "prefix", "a", large).Status);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("é/")]
    [InlineData("\u2028")]
    [InlineData("%s%n../")]
    public void Prefixes_with_any_characters_hold(string prefix)
    {
        SetPolicy(s_admin1, "prefix", prefix, """{"writers":["Org1MSP"]}""");

        Assert.Equal(403, Write(s_user2, prefix + "x").Status);
        Assert.True(Write(s_user1, prefix + "x").IsSuccess);
        Assert.True(Write(s_user2, "x").IsSuccess);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public void All_policies_are_listed_page_by_page(int pageSize)
    {
        foreach (string name in (string[])["b/", "a/", "c/"])
            SetPolicy(s_admin1, "prefix", name, """{"writers":["*"]}""");
        Submit(s_user1, "set", "k1", "h", "l", "p", "", "", """{"writers":["Org1MSP"]}""");
        SetPolicy(s_admin1, "key", "k2", """{"writers":["*"]}""");

        List<string> names = [];
        string bookmark = "";
        do
        {
            JsonElement page = _bench.Json("listpolicies", $"{pageSize}", bookmark);
            names.AddRange(page.GetProperty("records").Each("name"));
            bookmark = page.Text("bookmark");
        }
        while (bookmark.Length > 0);

        Assert.Equal(["a/", "b/", "c/", "k1", "k2"], names);
        Assert.Equal(400, _bench.Call("listpolicies", "1", "x").Status);
    }

    [Fact]
    public void The_option_writers_is_a_policy_of_its_key()
    {
        Submit(s_user1, "set", "k", "h", "l", "p", "", "", """{"writers":["Org1MSP"]}""");

        JsonElement policy = _bench.Json("getpolicy", "key", "k");

        Assert.Equal(["Org1MSP"], policy.GetProperty("writers").Texts());
        Assert.Equal(403, Write(s_user2, "k").Status);
        SetPolicy(s_user1, "key", "k", """{"writers":["Org2MSP:id=user2"]}""");
        Assert.Equal(["Org2MSP:id=user2"], _bench.Json("getwriters", "k").GetProperty("writers").Texts());
        Assert.True(Write(s_user2, "k").IsSuccess);
        Assert.Equal(403, Write(s_user1, "k").Status);
        Submit(s_admin1, "removepolicy", "key", "k");
        Assert.True(Write(s_user1, "k").IsSuccess);
    }

    [Fact]
    public void Batches_are_held_against_policies_entry_by_entry()
    {
        SetPolicy(s_admin1, "prefix", "lab/", """{"writers":["Org1MSP"]}""");

        ContractResponse response = As(
            s_user2, "setbatch", """[{"key":"a","hash":"h"},{"key":"lab/x","hash":"h"}]""");

        Assert.Equal(403, response.Status);
        Assert.StartsWith("Entry 1 of the batch: The key 'lab/x'", response.Message, StringComparison.Ordinal);
    }
}
