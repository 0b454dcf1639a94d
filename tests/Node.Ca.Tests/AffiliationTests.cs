using System.Text.Json;
using Node.Ca.Tests.Building;

namespace Node.Ca.Tests;

public class AffiliationTests
{
    [Fact]
    public async Task A_new_store_has_the_affiliations_it_was_given_and_their_parents()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Assert.Equal(
            "(org1(org1.department1 org1.department2) org2)", Shape((await registrar.GetAsync("affiliations")).Result));
        Assert.Equal("org2", Shape((await registrar.GetAsync("affiliations/org2")).Result));
    }

    [Fact]
    public async Task Affiliations_grow_with_and_without_force()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();

        Assert.Equal("201", (await registrar.PostAsync("affiliations", """{"name": "org2.lab"}""")).Brief);
        Assert.Equal("400 60", (await registrar.PostAsync("affiliations", """{"name": "org3.a.b"}""")).Brief);
        Answer forced = await registrar.PostAsync("affiliations?force=true", """{"name": "org3.a.b"}""");
        Assert.Equal("201", forced.Brief);
        Assert.Equal("org3(org3.a(org3.a.b))", Shape((await registrar.GetAsync("affiliations/org3")).Result));
    }

    [Fact]
    public async Task Renaming_moves_what_is_below_and_with_force_who_is_there()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        await registrar.NewMemberAsync("u", ", \"affiliation\": \"org1.department1\"");

        Assert.Equal(
            "403 64", (await registrar.SendAsync(HttpMethod.Put, "affiliations/org1", """{"name": "orgx"}""")).Brief);
        Answer renamed = await registrar.SendAsync(
            HttpMethod.Put, "affiliations/org1?force=true", """{"name": "orgx"}""");

        Assert.Equal("200", renamed.Brief);
        Assert.Equal("orgx(orgx.department1[u] orgx.department2)", Shape(renamed.Result));
        Assert.Equal("404 16", (await registrar.GetAsync("affiliations/org1")).Brief);
        Answer moved = await registrar.GetAsync("identities/u");
        Assert.Equal("orgx.department1", moved.Result.GetProperty("affiliation").GetString());
    }

    [Fact]
    public async Task Removal_takes_along_what_is_below_only_with_force()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { AllowsRemoval = true });
        Member registrar = await ca.RegistrarAsync();
        Member member = await registrar.NewMemberAsync("u", ", \"affiliation\": \"org1.department1\"");

        Assert.Equal("403 61", (await registrar.SendAsync(HttpMethod.Delete, "affiliations/org1", null)).Brief);
        Assert.Equal("200", (await registrar.SendAsync(HttpMethod.Delete, "affiliations/org2", null)).Brief);
        Answer removed = await registrar.SendAsync(HttpMethod.Delete, "affiliations/org1?force=true", null);

        Assert.Equal("200", removed.Brief);
        Assert.Equal("", Shape((await registrar.GetAsync("affiliations")).Result));
        Assert.Equal("404 10", (await registrar.GetAsync("identities/u")).Brief);
        Assert.Equal("401 20", (await member.PostAsync("reenroll", "{}")).Brief);
    }

    [Fact]
    public async Task Whoever_looks_after_a_department_sees_that_alone()
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member registrar = await ca.RegistrarAsync();
        Member head = await registrar.NewMemberAsync(
            "head", ", \"affiliation\": \"org1\"" + Bodies.Attribute("hf.AffiliationMgr", "true"));

        Assert.Equal(
            "org1(org1.department1 org1.department2)[head]", Shape((await head.GetAsync("affiliations")).Result));
        Assert.Equal("403 71", (await head.GetAsync("affiliations/org2")).Brief);
        Assert.Equal("403 71", (await head.PostAsync("affiliations", """{"name": "org2.x"}""")).Brief);
        Assert.Equal("201", (await head.PostAsync("affiliations", """{"name": "org1.x"}""")).Brief);
    }

    // org1(org1.a org1.b)[member]
    private static string Shape(JsonElement node)
    {
        string[] below = [.. node.GetProperty("affiliations").EnumerateArray().Select(Shape)];
        string[] members =
        [
            .. node.GetProperty("identities").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)
                .Where(id => id != TestCa.RegistrarId),
        ];
        return node.GetProperty("name").GetString()
            + (below.Length > 0 ? $"({string.Join(' ', below)})" : "")
            + (members.Length > 0 ? $"[{string.Join(' ', members)}]" : "");
    }
}
