using System.Text;
using System.Text.Json;

namespace Node.Contracts.Tests;

public class JsonTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("é😀", "é😀")]                                   // Plain UTF-8, whatever the runtime's tables say.
    [InlineData("a\"b\\c", "a\\\"b\\\\c")]
    [InlineData("\n\r\t\b\u001f\0", "\\n\\r\\t\\u0008\\u001f\\u0000")]
    [InlineData("<a&b>", "\\u003ca\\u0026b\\u003e")]
    [InlineData("x\u2028\u2029y", "x\\u2028\\u2029y")]
    [InlineData("\u2027\u202A‰", "\u2027\u202A‰")]              // Same first bytes as the line separators.
    [InlineData("\u007f", "\u007f")]
    public void Escapes_as_the_original_did(string text, string escaped)
    {
        var json = new JsonText(16);
        json.Text(text);

        string written = Encoding.UTF8.GetString(json.Written.Span);
        Assert.Equal($"\"{escaped}\"", written);
        Assert.Equal(text, JsonSerializer.Deserialize<string>(written));
    }

    [Fact]
    public void Puts_commas_between_and_nowhere_else()
    {
        var json = new JsonText(16);
        json.BeginObject();
        json.Name("a"u8);
        json.BeginArray();
        json.EndArray();
        json.Number("b"u8, ulong.MaxValue);
        json.Name("c"u8);
        json.BeginArray();
        json.Text("x");
        json.BeginObject();
        json.EndObject();
        json.Escaped("y"u8);
        json.EndArray();
        json.Flag("d"u8, value: false);
        json.EndObject();

        Assert.Equal(
            """{"a":[],"b":18446744073709551615,"c":["x",{},"y"],"d":false}""",
            Encoding.UTF8.GetString(json.Written.Span));
    }
}
