using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Node.Rest.Ledgers;
using Node.Rest.Legacy;
using Node.Rest.Lineages;
using Node.Rest.Observing;
using Node.Rest.Problems;
using Node.Rest.Records;

namespace Node.Rest;

/// <summary>The JSON of the API: small first letters, nothing that is null, nothing unknown or twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = RestLimits.JsonDepthMax)]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(RecordView))]
[JsonSerializable(typeof(RecordPage))]
[JsonSerializable(typeof(RecordRequest))]
[JsonSerializable(typeof(RecordRequest[]))]
[JsonSerializable(typeof(RecordReceipt))]
[JsonSerializable(typeof(VerificationView))]
[JsonSerializable(typeof(LineageView))]
[JsonSerializable(typeof(IntakeView))]
[JsonSerializable(typeof(TransactionView))]
[JsonSerializable(typeof(BlockView))]
[JsonSerializable(typeof(ChannelView))]
[JsonSerializable(typeof(CallerView))]
[JsonSerializable(typeof(HealthView))]
[JsonSerializable(typeof(VersionView))]
[JsonSerializable(typeof(LegacyAnswer))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class RestJson : JsonSerializerContext
{
    /// <summary>Escapes what JSON asks for and no more: the answers are no part of a web page, and say so.</summary>
    public static RestJson Api => Relaxed.Context;

    // A class of its own: static members of one class in two files start in no known order.
    private static class Relaxed
    {
        public static readonly RestJson Context = new(
            new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
