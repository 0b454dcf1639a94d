using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>The seventh argument of set: one JSON object, every member optional, unknown ones refused.</summary>
internal sealed class SetOptions
{
    /// <summary>Null: Transformation when there are dependencies, else Record.</summary>
    public string? Type { get; private set; }

    /// <summary>Null: guessed from the checksum's shape.</summary>
    public string? ChecksumAlgorithm { get; private set; }

    /// <summary>Refuse a dependency that is not recorded yet.</summary>
    public bool Strict { get; private set; }

    /// <summary>
    /// The key's newest record must be of this transaction; empty: the key must not exist. Null: whatever is there.
    /// </summary>
    public string? ExpectedTxId { get; private set; }

    /// <summary>MSP ids that may write the key from now on; empty: everybody. Null: as it is.</summary>
    public IReadOnlyList<string>? Writers { get; private set; }

    /// <summary>The one type that a caller of set cannot name.</summary>
    public static SetOptions OfInit() => new() { Type = RecordSetting.InitType };

    public static bool TryParse(
        string text, [NotNullWhen(true)] out SetOptions? options, [NotNullWhen(false)] out string? fault)
    {
        options = new SetOptions();
        fault = null;
        if (text.Length == 0)
            return true;

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            fault = options.Read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A lone surrogate in an escape is the second kind.
            fault = "the options are not valid JSON";
        }

        if (fault is not null)
            options = null;
        return options is not null;
    }

    private string? Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return "the options are one JSON object, such as {\"type\":\"Observation\"}";

        string? fault = null;
        while (fault is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString() ?? "";
            reader.Read();
            fault = Set(name, ref reader);
        }

        // Reading on throws when anything follows the object.
        if (fault is null)
            reader.Read();
        return fault;
    }

    /// <summary>Takes one option, whose value the reader stands at. Null, or what is wrong with it.</summary>
    public string? Set(string name, ref Utf8JsonReader reader)
    {
        bool isText = reader.TokenType == JsonTokenType.String;
        switch (name)
        {
            case "type" when isText:
                Type = reader.GetString() ?? "";
                return FaultOfType(Type);
            case "checksumAlgorithm" when isText:
                ChecksumAlgorithm = reader.GetString();
                return null;
            case "expectedTxid" when isText:
                ExpectedTxId = reader.GetString() ?? "";
                return ExpectedTxId.Length == 0 || TxId.TryParse(ExpectedTxId, out _, out string? fault)
                    ? null
                    : $"the option expectedTxid is empty or a transaction id: {fault}";
            case "strict" when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                Strict = reader.GetBoolean();
                return null;
            case "writers" when reader.TokenType == JsonTokenType.StartArray:
                return ReadWriters(ref reader);
            default:
                return $"unknown option {Quoted.Text(name)}, or one of the wrong kind; known are type, "
                    + "checksumAlgorithm and expectedTxid (texts), strict (true or false) and writers (an array)";
        }
    }

    private string? ReadWriters(ref Utf8JsonReader reader)
    {
        List<string> writers = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            string writer = reader.GetString() ?? "";
            if (!MspId.TryParse(writer, out _, out string? fault))
                return $"the option writers holds {Quoted.Text(writer)}: {fault}";
            if (!writers.Contains(writer))
                writers.Add(writer);
        }

        Writers = writers;
        return reader.TokenType == JsonTokenType.EndArray && writers.Count <= ProvenanceLimits.WritersMax
            ? null
            : $"the option writers is an array of at most {ProvenanceLimits.WritersMax} MSP ids";
    }

    private static string? FaultOfType(string type)
    {
        if (type.Length == 0 || Encoding.UTF8.GetByteCount(type) > ProvenanceLimits.TypeBytesMax)
            return $"a type has 1 to {ProvenanceLimits.TypeBytesMax} bytes";
        if (type == RecordSetting.InitType)
            return $"the type {RecordSetting.InitType} is written by the function {RecordSetting.InitType} only";
        foreach (char c in type)
        {
            if (char.IsControl(c))
                return "a type holds no control characters";
        }

        return null;
    }
}
