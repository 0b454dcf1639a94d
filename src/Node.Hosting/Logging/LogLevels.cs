using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Node.Hosting.Logging;

/// <summary>The log levels of one node, which may change while it runs.</summary>
/// <remarks>
/// Any thread. Loggers are told of a change and look their level up anew, so that asking for it costs nothing
/// otherwise.
/// </remarks>
public sealed class LogLevels(LogSpec initial)
    : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private const string Framework = "Microsoft";

    // Listening to this category makes the framework start an activity for every call.
    private const string FrameworkCalls = "Microsoft.AspNetCore.Hosting";

    private volatile LogSpec _spec = initial;
    private ConfigurationReloadToken _changed = new();

    public LogSpec Spec => _spec;

    string? IOptionsChangeTokenSource<LoggerFilterOptions>.Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    /// <summary>In force when it returns.</summary>
    public void Switch(LogSpec spec)
    {
        _spec = spec;
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }

    public void Configure(LoggerFilterOptions options)
    {
        LogSpec spec = _spec;
        options.MinLevel = spec.Default;
        options.Rules.Clear();
        Rule(options, Framework, (LogLevel)Math.Max((int)spec.Default, (int)LogLevel.Warning));
        foreach ((string name, LogLevel level) in spec.Loggers)
        {
            foreach (string category in CategoriesOf(name.TrimEnd('.')))
            {
                if (name.EndsWith('.'))
                    RuleForOne(options, category, level, spec.Default);
                else
                    Rule(options, category, level);
            }
        }

        Rule(options, FrameworkCalls, LogLevel.None);
    }

    // "peer" is what the peer's rooms log under the program's name and under the names of their types.
    private static string[] CategoriesOf(string name) => [$"Hyperprov.{name}", $"Node.{name}", name];

    private static void Rule(LoggerFilterOptions options, string category, LogLevel level) =>
        options.Rules.Add(new LoggerFilterRule(providerName: null, category, level, filter: null));

    private static void RuleForOne(LoggerFilterOptions options, string category, LogLevel level, LogLevel others) =>
        options.Rules.Add(new LoggerFilterRule(
            providerName: null, category, logLevel: null, (_, of, asked) =>
                asked >= (string.Equals(of, category, StringComparison.OrdinalIgnoreCase) ? level : others)));
}
