using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Node.Rest.Calls;

internal enum ParameterPlace
{
    Path,
    Query,
    Header,
}

/// <summary>One input of an operation beside its body: how it is documented and how it is read. Immutable.</summary>
internal abstract class Parameter(string name, ParameterPlace place, string description)
{
    public string Name { get; } = name;

    public ParameterPlace Place { get; } = place;

    public string Description { get; } = description;

    public virtual bool IsRequired => Place == ParameterPlace.Path;

    /// <summary>May be given several times.</summary>
    public virtual bool IsRepeatable => false;

    /// <summary>JSON Schema of the value.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A parameter with one value.</summary>
internal abstract class Parameter<T>(string name, ParameterPlace place, string description, T absent)
    : Parameter(name, place, description)
{
    /// <summary>The value when there is none.</summary>
    public T Absent { get; } = absent;

    /// <param name="fault">What the value may be: "a whole number from 1 to 1000".</param>
    public abstract bool TryParse(string text, out T value, [NotNullWhen(false)] out string? fault);
}

internal sealed class TextParameter(string name, ParameterPlace place, string description)
    : Parameter<string>(name, place, description, "")
{
    public override JsonObject Schema() => new() { ["type"] = "string" };

    public override bool TryParse(string text, out string value, [NotNullWhen(false)] out string? fault)
    {
        value = text;
        fault = null;
        return true;
    }
}

/// <summary>A text that may be given any number of times.</summary>
internal sealed class TextsParameter(string name, string description)
    : Parameter(name, ParameterPlace.Query, description)
{
    public override bool IsRepeatable => true;

    public override JsonObject Schema() =>
        new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } };
}

internal sealed class NumberParameter(
    string name, ParameterPlace place, string description, (long Min, long Max) bounds, long absent)
    : Parameter<long>(name, place, description, absent)
{
    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = bounds.Min, ["maximum"] = bounds.Max };
        if (Place != ParameterPlace.Path)
            schema["default"] = Absent;

        return schema;
    }

    public override bool TryParse(string text, out long value, [NotNullWhen(false)] out string? fault)
    {
        bool valid = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= bounds.Min && value <= bounds.Max;
        fault = valid ? null : FormattableString.Invariant($"a whole number from {bounds.Min} to {bounds.Max}");
        return valid;
    }
}

internal sealed class SwitchParameter(string name, string description, bool absent)
    : Parameter<bool>(name, ParameterPlace.Query, description, absent)
{
    public override JsonObject Schema() => new() { ["type"] = "boolean", ["default"] = Absent };

    public override bool TryParse(string text, out bool value, [NotNullWhen(false)] out string? fault)
    {
        value = text is "true" or "1";
        bool valid = value || text is "false" or "0";
        fault = valid ? null : "true or false";
        return valid;
    }
}

internal sealed class ChoiceParameter(string name, string description, IReadOnlyList<string> choices, string absent)
    : Parameter<string>(name, ParameterPlace.Query, description, absent)
{
    public override JsonObject Schema()
    {
        var schema = new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. choices.Select(choice => JsonValue.Create(choice))]),
        };
        if (Absent.Length > 0)
            schema["default"] = Absent;

        return schema;
    }

    public override bool TryParse(string text, out string value, [NotNullWhen(false)] out string? fault)
    {
        value = text;
        bool valid = choices.Contains(text, StringComparer.Ordinal);
        fault = valid ? null : "one of " + string.Join(", ", choices);
        return valid;
    }
}

/// <summary>An instant; null when there is none.</summary>
internal sealed class TimeParameter(string name, string description)
    : Parameter<DateTimeOffset?>(name, ParameterPlace.Query, description, absent: null)
{
    public override JsonObject Schema() => new() { ["type"] = "string", ["format"] = "date-time" };

    public override bool TryParse(string text, out DateTimeOffset? value, [NotNullWhen(false)] out string? fault)
    {
        bool valid = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset read);
        value = valid ? read : null;
        fault = valid ? null : "an instant such as 2026-01-31T12:00:00Z";
        return valid;
    }
}
