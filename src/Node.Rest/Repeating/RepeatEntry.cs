using System.Text.Json.Serialization;
using Node.Rest.Records;

namespace Node.Rest.Repeating;

/// <summary>One line of the journal: what is known of a request with an Idempotency-Key.</summary>
/// <param name="Scope">SHA-256 of identity and Idempotency-Key, in hex.</param>
/// <param name="Print">SHA-256 of what was asked for, in hex.</param>
/// <param name="Receipt">The answer as it will be, but for the block.</param>
/// <param name="Transaction">
/// The endorsed transaction, for as long as its outcome is not known: sent again, it is still the same one.
/// </param>
/// <param name="Status">0 until the outcome is known.</param>
/// <param name="Problem">The answer's body, when the outcome was a problem.</param>
internal sealed record RepeatEntry(
    string Scope,
    string Print,
    DateTimeOffset At,
    RecordReceipt Receipt,
    byte[]? Transaction,
    int Status,
    byte[]? Problem)
{
    [JsonIgnore]
    public bool IsAnswered => Status != 0;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RepeatEntry))]
internal sealed partial class RepeatJson : JsonSerializerContext;
