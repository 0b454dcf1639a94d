using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;
using Node.Hosting.Operating;

namespace Node.Hosting.Logging;

/// <summary>
/// Which loggers write from which level on, in Fabric's language: <c>info:grpc=error:peer,orderer=debug</c>.
/// </summary>
/// <remarks>
/// <para>
/// Fields are parted by colons. A level alone is the default, a missing one is info. A name stands for all loggers
/// below it, parted by full stops; one that ends in a full stop stands for that logger alone. Letter case plays no
/// part.
/// </para>
/// <para>Levels: payload, debug, info, warning (warn), error, fatal (panic, dpanic), and none, which is ours.</para>
/// </remarks>
public sealed class LogSpec
{
    private static readonly Dictionary<string, LogLevel> s_levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["payload"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["warn"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["fatal"] = LogLevel.Critical,
        ["panic"] = LogLevel.Critical,
        ["dpanic"] = LogLevel.Critical,
        ["none"] = LogLevel.None,
    };

    private readonly SortedDictionary<string, LogLevel> _loggers;

    private LogSpec(LogLevel byDefault, SortedDictionary<string, LogLevel> loggers)
    {
        Default = byDefault;
        _loggers = loggers;
    }

    public LogLevel Default { get; }

    /// <summary>Names in lower case, with their full stop at the end where they have one.</summary>
    public IReadOnlyDictionary<string, LogLevel> Loggers => _loggers;

    public static LogSpec Of(LogLevel level) => new(level, new SortedDictionary<string, LogLevel>());

    /// <param name="fault">What is wrong, with the field that is.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out LogSpec? spec, [NotNullWhen(false)] out string? fault)
    {
        spec = null;
        LogLevel byDefault = LogLevel.Information;
        var loggers = new SortedDictionary<string, LogLevel>(StringComparer.Ordinal);
        foreach (string field in text.Split(':'))
        {
            string[] sides = field.Split('=');
            fault = sides.Length switch
            {
                1 => TakeLevel(text, field, field, ref byDefault),
                2 => TakeLoggers(text, field, sides, loggers),
                _ => BadField(text, field),
            };
            if (fault is not null)
                return false;
        }

        fault = null;
        spec = new LogSpec(byDefault, loggers);
        return true;
    }

    /// <summary>Text that means the same: loggers in order, then the default.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string logger, LogLevel level) in _loggers)
            text.Append(logger).Append('=').Append(NameOf(level)).Append(':');

        return text.Append(NameOf(Default)).ToString();
    }

    private static string NameOf(LogLevel level) => s_levels.First(pair => pair.Value == level).Key;

    private static string? TakeLevel(string text, string field, string name, ref LogLevel level)
    {
        if (name.Length == 0)
            return null;

        return s_levels.TryGetValue(name, out level) ? null : BadField(text, field);
    }

    private static string? TakeLoggers(
        string text, string field, string[] sides, SortedDictionary<string, LogLevel> loggers)
    {
        if (sides[0].Length == 0)
            return $"invalid logging specification '{text}': no logger specified in segment '{field}'";

        LogLevel level = LogLevel.Information;
        if (TakeLevel(text, field, sides[1], ref level) is { } fault)
            return fault;

        foreach (string name in sides[0].Split(','))
        {
            if (!IsName(name))
                return $"invalid logging specification '{text}': bad logger name '{name}'";

            loggers[name.ToLowerInvariant()] = level;
            if (loggers.Count > OperationsLimits.LoggersMax)
                return $"invalid logging specification: it names more than {OperationsLimits.LoggersMax} loggers";
        }

        return null;
    }

    private static bool IsName(string name)
    {
        string trimmed = name.EndsWith('.') ? name[..^1] : name;
        return trimmed.Split('.').All(part =>
            part.Length > 0 && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '#' or '-'));
    }

    private static string BadField(string text, string field) =>
        $"invalid logging specification '{text}': bad segment '{field}'";
}
