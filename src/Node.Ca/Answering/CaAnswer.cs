using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Node.Ca.Answering;

/// <summary>What is sent back: a result, or a refusal, in Fabric CA's envelope.</summary>
internal sealed class CaAnswer
{
    private readonly Action<Utf8JsonWriter>? _result;

    private CaAnswer(int status, Action<Utf8JsonWriter>? result, CaRefusal? refusal)
    {
        Status = status;
        _result = result;
        Refusal = refusal;
    }

    public int Status { get; }

    public CaRefusal? Refusal { get; }

    /// <summary>Where what was made can be had; null for nowhere.</summary>
    public string? Location { get; private init; }

    /// <summary>What the log says about a change that was made; null for answers that changed nothing.</summary>
    public string? Deed { get; private init; }

    public static CaAnswer Ok(Action<Utf8JsonWriter> result) => new(200, result, refusal: null);

    public static CaAnswer Created(Action<Utf8JsonWriter> result) => new(201, result, refusal: null);

    public static CaAnswer Of(CaRefusal refusal) => new(refusal.Status, result: null, refusal);

    public static implicit operator CaAnswer(CaRefusal refusal) => Of(refusal);

    public CaAnswer With(string deed) => new(Status, _result, Refusal) { Location = Location, Deed = deed };

    public CaAnswer At(string location) => new(Status, _result, Refusal) { Location = location, Deed = Deed };

    /// <summary>{"result": …, "errors": […], "messages": [], "success": …}</summary>
    public ReadOnlyMemory<byte> Write()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WritePropertyName("result");
            if (_result is null)
                json.WriteStringValue("");
            else
                _result(json);

            json.WriteStartArray("errors");
            if (Refusal is not null)
            {
                json.WriteStartObject();
                json.WriteNumber("code", Refusal.Code);
                json.WriteString("message", Refusal.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("messages");
            json.WriteEndArray();
            json.WriteBoolean("success", Refusal is null);
            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    public string? RetryAfterSeconds => Refusal?.RetryAfter is { } wait
        ? Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture)
        : null;
}
