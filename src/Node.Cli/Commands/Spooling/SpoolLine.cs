using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Node.Cli.Commands.Spooling;

/// <summary>One record to be added: from the command line, or one line of JSON.</summary>
internal sealed class SpoolLine
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public string? Key { get; set; }

    /// <summary>Its content goes to the spool's own store.</summary>
    public string? File { get; set; }

    public string? Hash { get; set; }

    public string? Algorithm { get; set; }

    public string? Location { get; set; }

    public string? Pointer { get; set; }

    public string? Description { get; set; }

    public string? Type { get; set; }

    public List<string> Depends { get; set; } = [];

    public static bool TryParse(
        string json, [NotNullWhen(true)] out SpoolLine? line, [NotNullWhen(false)] out string? fault)
    {
        line = null;
        fault = null;
        try
        {
            line = JsonSerializer.Deserialize<SpoolLine>(json, s_options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A lone surrogate in an escape is the second kind.
            fault = $"it is no JSON object of a record ({e.Message.Split(" Path:")[0].TrimEnd('.')})";
        }

        if (fault is null && line?.Key is null)
            fault = "it has no key";
        else if (line is not null && (line.File is null) == (line.Hash is null))
            fault = "it has a file or a hash, one of the two";
        return fault is null && line is not null;
    }
}
