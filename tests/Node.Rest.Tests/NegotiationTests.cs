using Node.Rest.Calls;

namespace Node.Rest.Tests;

public class NegotiationTests
{
    private static readonly (string, string)[] s_forms =
        [("json", "application/json"), ("svg", "image/svg+xml"), ("dot", "text/vnd.graphviz")];

    [Theory]
    [InlineData("", "json")]
    [InlineData("*/*", "json")]
    [InlineData("image/*", "svg")]
    [InlineData("image/svg+xml, application/json;q=0.5", "svg")]
    [InlineData("image/svg+xml;q=0.2, */*;q=0.5", "json")]
    [InlineData("application/json;q=0, */*", "svg")]          // The more specific range counts.
    [InlineData("TEXT/VND.graphviz", "dot")]
    [InlineData("image/png", null)]
    [InlineData("nonsense", "json")]                           // A header that cannot be read is none.
    public void Chooses(string accept, string? expected) =>
        Assert.Equal(expected, Negotiation.Choose(accept.Length == 0 ? default : accept, s_forms));
}
