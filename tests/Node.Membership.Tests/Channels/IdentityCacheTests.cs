using Node.Membership.Channels;

namespace Node.Membership.Tests.Channels;

public sealed class IdentityCacheTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.Root("ca");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void It_never_keeps_more_than_its_limit_and_forgets_what_is_not_used()
    {
        const int Limit = 8;
        var cache = new IdentityCache(Limit);
        Identity[] identities = Identities(3 * Limit);

        foreach (Identity identity in identities)
        {
            cache.Keep(identity);
            Assert.True(cache.TryFind(identity.Serialized.Span, out Identity? found));
            Assert.Same(identity, found);
            Assert.True(cache.TryFind(identities[0].Serialized.Span, out _));   // Used, hence kept.
            Assert.InRange(cache.Count, 1, Limit);
        }

        Assert.False(cache.TryFind(identities[1].Serialized.Span, out _));
    }

    [Fact]
    public void Bytes_that_differ_are_different_entries()
    {
        var cache = new IdentityCache(8);
        Identity identity = Identities(1)[0];
        cache.Keep(identity);
        byte[] longer = [.. identity.Serialized.Span, 0];

        Assert.False(cache.TryFind(longer, out _));
        Assert.False(cache.TryFind([], out _));
    }

    // One certificate under many spellings: text around the PEM makes the bytes differ.
    private Identity[] Identities(int count)
    {
        bool created = Msp.TryCreate(_root.ToConfig("Org1MSP"), MspRules.Fabric143, out Msp? msp, out string? fault);
        Assert.True(created, fault);
        Assert.NotNull(msp);
        using TestMember member = _root.Issue("somebody", "client");
        string pem = member.Pem.ToStringUtf8();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            byte[] text = System.Text.Encoding.UTF8.GetBytes($"{i}\n{pem}");
            Assert.True(msp.TryResolve(text, out Identity? identity, out string? reason), reason);
            return identity;
        })];
    }
}
