using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Node.Hosting.Logging;

namespace Node.Hosting.Tests;

public sealed class LogSpecTests
{
    [Theory]
    [InlineData("", "info")]
    [InlineData("debug", "debug")]
    [InlineData("WARN", "warning")]
    [InlineData("info:grpc=error", "grpc=error:info")]
    [InlineData("peer,orderer=debug:error", "orderer=debug:peer=debug:error")]
    [InlineData("grpc=panic:grpc.server.=payload", "grpc=fatal:grpc.server.=payload:info")]
    [InlineData("gossip=:none", "gossip=info:none")]                      // An empty level is info.
    [InlineData("debug:error", "error")]                                  // The last one counts.
    public void A_specification_is_told_back_in_order(string text, string canonical)
    {
        Assert.True(LogSpec.TryParse(text, out LogSpec? spec, out _));
        Assert.Equal(canonical, spec.ToString());
        Assert.True(LogSpec.TryParse(canonical, out LogSpec? again, out _));
        Assert.Equal(canonical, again.ToString());
    }

    [Theory]
    [InlineData("loud", "bad segment 'loud'")]
    [InlineData("info:grpc=loud", "bad segment 'grpc=loud'")]
    [InlineData("a=b=c", "bad segment 'a=b=c'")]
    [InlineData("=debug", "no logger specified in segment '=debug'")]
    [InlineData("a b=debug", "bad logger name 'a b'")]
    [InlineData(".a=debug", "bad logger name '.a'")]
    [InlineData("a..=debug", "bad logger name 'a..'")]
    [InlineData("a,,b=debug", "bad logger name ''")]
    public void What_is_none_is_refused_and_named(string text, string why)
    {
        Assert.False(LogSpec.TryParse(text, out _, out string? fault));
        Assert.StartsWith($"invalid logging specification '{text}': ", fault, StringComparison.Ordinal);
        Assert.EndsWith(why, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void More_loggers_than_the_limit_are_refused()
    {
        string names = string.Join(',', Enumerable.Range(0, 257).Select(number => $"l{number}"));

        Assert.False(LogSpec.TryParse($"{names}=debug", out _, out string? fault));
        Assert.Contains("256", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("info", "Hyperprov.Peer", LogLevel.Information)]
    [InlineData("info:peer=debug", "Hyperprov.Peer", LogLevel.Debug)]
    [InlineData("info:peer=debug", "Node.Peer.Hosting.FaultInterceptor", LogLevel.Debug)]
    [InlineData("info:peer=debug", "Hyperprov.Orderer", LogLevel.Information)]
    [InlineData("error:grpc=info", "Grpc.AspNetCore.Server", LogLevel.Information)]
    [InlineData("debug:grpc.=error", "Grpc.AspNetCore.Server", LogLevel.Debug)]   // That logger alone.
    [InlineData("debug", "Microsoft.AspNetCore.Routing", LogLevel.Warning)]   // Asked for by name only.
    [InlineData("info:microsoft=debug", "Microsoft.AspNetCore.Routing", LogLevel.Debug)]
    [InlineData("debug:microsoft=debug", "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)]
    [InlineData("none", "Hyperprov.Peer", LogLevel.None)]
    public void Levels_switch_while_loggers_are_in_use(string text, string category, LogLevel least)
    {
        var levels = new LogLevels(LogSpec.Of(LogLevel.Critical));
        using ServiceProvider services = new ServiceCollection()
            .AddLogging(logging =>
            {
                logging.AddNode(levels, LogFormat.Text);
            }).BuildServiceProvider();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        Assert.True(LogSpec.TryParse(text, out LogSpec? spec, out _));

        levels.Switch(spec);

        Assert.Equal(least, Enum.GetValues<LogLevel>().FirstOrDefault(logger.IsEnabled, LogLevel.None));
    }
}
