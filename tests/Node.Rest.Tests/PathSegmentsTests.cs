using Node.Rest.Calls;

namespace Node.Rest.Tests;

public class PathSegmentsTests
{
    [Theory]
    [InlineData("/api/v1/records/a", "a")]
    [InlineData("/api/v1/records/a%2Fb/content", "a/b")]             // A slash within the key...
    [InlineData("/api/v1/records/a%252Fb/content", "a%2Fb")]         // ...and a key that looks like one encoded.
    [InlineData("/api/v1/records/a%2fb", "a/b")]
    [InlineData("/api/v1/records/100%25?x=/y/z", "100%")]
    [InlineData("/api/v1/records/a+b", "a+b")]                       // A plus is a plus in a path.
    [InlineData("/api/v1/records/%C3%A5%F0%9F%8C%A7", "å🌧")]
    [InlineData("/api/v1/records/a%2F..%2Fb", "a/../b")]             // Dots within a segment are no dot segment.
    [InlineData("/api/v1/records/...", "...")]
    [InlineData("http://host:1/api/v1/records/a", "a")]              // As a proxy sends it.
    public void Reads_the_key_exactly(string target, string expected)
    {
        bool read = PathSegments.TryKey(target, 3, out string key, out string? fault);

        Assert.True(read, fault);
        Assert.Equal(expected, key);
    }

    [Theory]
    [InlineData("/api/v1/records/")]
    [InlineData("/api/v1/records/..")]
    [InlineData("/api/v1/records/%2E%2e/content")]
    [InlineData("/api/v1/x/../records/a")]                           // The route was chosen without these two.
    [InlineData("/api/v1/records/%")]
    [InlineData("/api/v1/records/%zz")]
    [InlineData("/api/v1/records/%2")]
    [InlineData("/api/v1/records/%+1")]
    [InlineData("/api/v1/records/%ff")]                              // No UTF-8.
    [InlineData("/api/v1/records/%C0%AF")]                           // A slash in too many bytes.
    [InlineData("/api/v1/records/%ED%A0%80")]                        // A lone surrogate.
    [InlineData("/api/v1/records/å")]                                // Not encoded.
    public void Refuses_what_no_key_was_encoded_as(string target)
    {
        bool read = PathSegments.TryKey(target, 3, out _, out string? fault);

        Assert.False(read);
        Assert.NotNull(fault);
    }
}
