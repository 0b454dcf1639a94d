using Node.Ca.Registering;
using Node.Ca.Storing;
using Node.Ca.Tests.Building;

namespace Node.Ca.Tests;

/// <summary>Who may give what to whom, without a server.</summary>
public class RegistrarRightsTests
{
    // The caller's attributes; what it wants to give; whether it may.
    [Theory]
    [InlineData("", "color=red", false)]                                              // No list of attributes at all.
    [InlineData("hf.Registrar.Attributes=*", "color=red", true)]
    [InlineData("hf.Registrar.Attributes=color", "color=red", true)]
    [InlineData("hf.Registrar.Attributes=color", "shape=round", false)]
    [InlineData("hf.Registrar.Attributes=a.*, color", "a.b=1", true)]
    [InlineData("hf.Registrar.Attributes=a.*", "ab=1", false)]
    [InlineData("hf.Registrar.Attributes=*", "hf.EnrollmentID=x", false)]             // Derived, given by nobody.
    [InlineData("hf.Registrar.Attributes=*", "hf.Type=admin", false)]
    [InlineData("hf.Registrar.Attributes=*", "hf.Affiliation=org2", false)]
    [InlineData("hf.Registrar.Attributes=*", "hf.Something=1", false)]                // Reserved.
    [InlineData("hf.Registrar.Attributes=*", "hf.Revoker=true", false)]               // Has it not itself.
    [InlineData("hf.Registrar.Attributes=*;hf.Revoker=true", "hf.Revoker=true", true)]
    [InlineData("hf.Registrar.Attributes=*;hf.Revoker=false", "hf.Revoker=true", false)]
    [InlineData("hf.Registrar.Attributes=*;hf.Revoker=false", "hf.Revoker=false", true)]
    [InlineData("hf.Registrar.Attributes=*;hf.Revoker=true", "hf.Revoker=maybe", false)]
    [InlineData("hf.Registrar.Attributes=*;hf.Revoker=false", "hf.Revoker=", true)]   // Takes it away.
    [InlineData("hf.Registrar.Attributes=color;hf.Revoker=true", "hf.Revoker=true", false)]
    [InlineData("hf.Registrar.Attributes=*;hf.GenCRL=true", "hf.GenCRL=1", true)]
    [InlineData("hf.Registrar.Attributes=*;hf.IntermediateCA=true", "hf.IntermediateCA=true", true)]
    [InlineData("hf.Registrar.Attributes=*;hf.AffiliationMgr=true", "hf.AffiliationMgr=true", true)]
    [InlineData("hf.Registrar.Attributes=*", "hf.Registrar.Roles=client", false)]
    [InlineData("hf.Registrar.Attributes=*;hf.Registrar.Roles=*", "hf.Registrar.Roles=client", false)]
    [InlineData(
        "hf.Registrar.Attributes=*;hf.Registrar.Roles=*;hf.Registrar.DelegateRoles=client,peer",
        "hf.Registrar.Roles=client", true)]
    [InlineData(
        "hf.Registrar.Attributes=*;hf.Registrar.Roles=*;hf.Registrar.DelegateRoles=client,peer",
        "hf.Registrar.Roles=client,admin", false)]
    [InlineData(
        "hf.Registrar.Attributes=*;hf.Registrar.Roles=*;hf.Registrar.DelegateRoles=client",
        "hf.Registrar.Roles=*", false)]
    [InlineData(
        "hf.Registrar.Attributes=*;hf.Registrar.DelegateRoles=client", "hf.Registrar.DelegateRoles=client", true)]
    [InlineData(
        "hf.Registrar.Attributes=*;hf.Registrar.DelegateRoles=client", "hf.Registrar.DelegateRoles=peer", false)]
    [InlineData("hf.Registrar.Attributes=*", "hf.Registrar.Attributes=*", true)]
    [InlineData("hf.Registrar.Attributes=a.*,hf.*", "hf.Registrar.Attributes=a.b", true)]
    [InlineData("hf.Registrar.Attributes=a.*,hf.*", "hf.Registrar.Attributes=a.*", true)]
    [InlineData("hf.Registrar.Attributes=a.*,hf.*", "hf.Registrar.Attributes=*", false)]
    [InlineData("hf.Registrar.Attributes=a.*,hf.*", "hf.Registrar.Attributes=a*", false)]
    public void An_attribute_may_be_given(string has, string gives, bool allowed)
    {
        string[] gift = gives.Split('=');
        var rights = new RegistrarRights(Identity("", [.. has.Split(';', StringSplitOptions.RemoveEmptyEntries)]));

        Assert.Equal(allowed, rights.RefusalToGive(new AttributeRecord(gift[0], gift[1], Ecert: false)) is null);
    }

    [Theory]
    [InlineData("", "client", false)]
    [InlineData("*", "anything", true)]
    [InlineData("client, peer", "peer", true)]
    [InlineData("client,peer", "admin", false)]
    [InlineData("client", "Client", false)]
    public void A_type_may_be_registered(string roles, string type, bool allowed)
    {
        var rights = new RegistrarRights(Identity("", [$"hf.Registrar.Roles={roles}"]));
        Assert.Equal(allowed, rights.RefusalOfType(type) is null);
        Assert.Equal(roles.Length > 0, rights.IsRegistrar);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "org1", true)]
    [InlineData("org1", "org1", true)]
    [InlineData("org1", "org1.department1", true)]
    [InlineData("org1", "org10", false)]
    [InlineData("org1", "", false)]
    [InlineData("org1.department1", "org1", false)]
    [InlineData("org1.department1", "org1.department2", false)]
    public void An_affiliation_may_be_acted_on(string own, string other, bool allowed) =>
        Assert.Equal(allowed, new RegistrarRights(Identity(own, [])).RefusalOfAffiliation(other) is null);

    [Theory]
    [InlineData("org1", null)]
    [InlineData("org1.department-1.x_2", null)]
    [InlineData("", "1 to 255")]
    [InlineData("a..b", "joined by dots")]
    [InlineData(".a", "joined by dots")]
    [InlineData("a b", "joined by dots")]
    [InlineData("ö", "joined by dots")]
    [InlineData("org1.admin", "name of a role")]
    [InlineData("Peer", "name of a role")]
    [InlineData("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", "at most 16")]
    public void An_affiliation_is_named(string path, string? fault)
    {
        string? found = AffiliationPath.FaultOf(path);
        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    // A registrar of org1.department1 who may register clients, as the server sees it.
    [Theory]
    [InlineData("""{"id": "x1"}""", "201")]                                             // Its own affiliation.
    [InlineData("""{"id": "x2", "affiliation": "org1.department1"}""", "201")]
    [InlineData("""{"id": "x3", "affiliation": "org1"}""", "403 71")]
    [InlineData("""{"id": "x4", "affiliation": "org1.department2"}""", "403 71")]
    [InlineData("""{"id": "x5", "affiliation": "."}""", "403 71")]
    [InlineData("""{"id": "x6", "type": "peer"}""", "403 71")]
    [InlineData("""{"id": "x7", "type": ""}""", "201")]                                 // Empty means client.
    [InlineData("""{"id": "x8", "attrs": [{"name": "room", "value": "1"}]}""", "201")]
    [InlineData("""{"id": "x9", "attrs": [{"name": "rack", "value": "1"}]}""", "403 71")]
    public async Task A_registrar_of_a_department_stays_within_it(string body, string expected)
    {
        await using TestCa ca = await TestCa.StartAsync();
        Member clerk = await (await ca.RegistrarAsync()).NewMemberAsync("clerk", Clerk);

        Assert.Equal(expected, (await clerk.PostAsync("register", body)).Brief);
    }

    [Fact]
    public async Task A_registrar_sees_and_touches_only_whom_it_may_act_on()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { AllowsRemoval = true });
        Member registrar = await ca.RegistrarAsync();
        Member clerk = await registrar.NewMemberAsync("clerk", Clerk);
        await registrar.NewMemberAsync("other", ", \"affiliation\": \"org1.department2\"");
        await registrar.NewMemberAsync("peer", ", \"affiliation\": \"org1.department1\", \"type\": \"peer\"");
        Member own = await clerk.NewMemberAsync("own");

        Answer list = await clerk.GetAsync("identities");
        Assert.Equal(
            ["clerk", "own"],
            list.Result.GetProperty("identities").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        foreach (string id in (string[])["other", "peer", "admin"])
        {
            Assert.Equal("403 71", (await clerk.GetAsync($"identities/{id}")).Brief);
            Assert.Equal("403 71", (await clerk.SendAsync(HttpMethod.Put, $"identities/{id}", "{}")).Brief);
            Assert.Equal("403 71", (await clerk.SendAsync(HttpMethod.Delete, $"identities/{id}", null)).Brief);
        }

        Assert.Equal("403 71", (await clerk.SendAsync(
            HttpMethod.Put, "identities/own", """{"affiliation": "org1"}""")).Brief);
        Assert.Equal("403 71", (await clerk.SendAsync(HttpMethod.Put, "identities/own", """{"type": "peer"}""")).Brief);
        Assert.Equal("200", (await clerk.SendAsync(HttpMethod.Delete, "identities/own", null)).Brief);

        // Who was removed is gone, and so is what it could do.
        Assert.Equal("401 20", (await own.PostAsync("reenroll", "{}")).Brief);
        Assert.Equal("404 10", (await clerk.GetAsync("identities/own")).Brief);
    }

    // Who may set a secret may be whoever it belongs to.
    [Fact]
    public async Task Nobody_changes_or_removes_one_who_has_more_rights()
    {
        await using TestCa ca = await TestCa.StartAsync(new TestCaOptions { AllowsRemoval = true });
        Member registrar = await ca.RegistrarAsync();
        Member clerk = await registrar.NewMemberAsync("clerk", Bodies.Attribute("hf.Registrar.Roles", "*"));
        await registrar.NewMemberAsync("revoker", Bodies.Attribute("hf.Revoker", "true"));
        await registrar.NewMemberAsync("plain");

        const string Secret = """{"secret": "a secret of the clerk's"}""";
        foreach (string id in (string[])[TestCa.RegistrarId, "revoker"])
        {
            Assert.Equal("403 71", (await clerk.SendAsync(HttpMethod.Put, $"identities/{id}", Secret)).Brief);
            Assert.Equal("403 71", (await clerk.SendAsync(HttpMethod.Delete, $"identities/{id}", null)).Brief);
        }

        Assert.Equal("200", (await clerk.SendAsync(HttpMethod.Put, "identities/plain", Secret)).Brief);
        Assert.Equal("200", (await registrar.SendAsync(HttpMethod.Put, "identities/revoker", Secret)).Brief);
        Assert.Equal("200", (await registrar.SendAsync(
            HttpMethod.Put, "identities/revoker", """{"attrs": [{"name": "hf.Revoker", "value": ""}]}""")).Brief);
        Assert.Equal("200", (await clerk.SendAsync(HttpMethod.Put, "identities/revoker", Secret)).Brief);
    }

    private const string Clerk =
        """
        , "affiliation": "org1.department1", "attrs": [
            {"name": "hf.Registrar.Roles", "value": "client"},
            {"name": "hf.Registrar.Attributes", "value": "room"}]
        """;

    private static IdentityRecord Identity(string affiliation, string[] attributes) => new()
    {
        Id = "caller",
        Type = "client",
        Affiliation = affiliation,
        Attributes =
        [
            .. attributes.Select(one => one.Split('=', 2)).Select(one => new AttributeRecord(one[0], one[1], false)),
        ],
        MaxEnrollments = -1,
        Enrollments = 0,
        Secret = SecretHash.Nobody(1),
        Registered = TestCa.Epoch,
        Registrar = "",
    };
}
