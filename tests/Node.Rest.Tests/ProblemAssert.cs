using System.Net;
using System.Text.Json;
using Node.Rest.Problems;

namespace Node.Rest.Tests;

/// <summary>Holds answers against the shape that every problem has.</summary>
internal static class ProblemAssert
{
    /// <returns>The problem's members.</returns>
    public static async Task<JsonElement> IsAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"expected {(int)status}, got {(int)response.StatusCode}: {text}");
        Assert.Equal(Problem.MediaType, response.Content.Headers.ContentType?.MediaType);

        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement problem = document.RootElement.Clone();
        Assert.Equal($"urn:hyperprov:problem:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        foreach (string member in (string[])["title", "detail", "instance", "next"])
            Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty(member).GetString()), member);

        return problem;
    }
}
