using System.Diagnostics;
using System.Globalization;

namespace Node.Protocol.Tracing;

/// <summary>The spans of a transaction, on whatever machine it is worked on.</summary>
/// <remarks>
/// <para>
/// Calls carry W3C's <c>traceparent</c>. Blocks cannot, so a span without one belongs to the trace that the transaction
/// id itself names: its first 16 bytes are the trace's id, the next 8 stand for the span above. Every node comes to the
/// same trace without being told, and who has a transaction id finds its trace. Where a caller brought a trace of its
/// own, the span links to that of the transaction. Every span carries the id as <see cref="TxIdTag"/>.
/// </para>
/// <para>Any thread. Free while nobody listens: one read of a field, no allocation.</para>
/// </remarks>
public static class TransactionTrace
{
    /// <summary>What a listener asks for.</summary>
    public const string SourceName = "Hyperprov";

    /// <summary>Of calls between nodes, as W3C Trace Context names it.</summary>
    public const string Header = "traceparent";

    public const string TxIdTag = "hyperprov.tx_id";
    public const string BlockTag = "hyperprov.block";
    public const string ChannelTag = "hyperprov.channel";
    public const string CodeTag = "hyperprov.validation_code";

    private const int TraceIdChars = 32;
    private const int SpanIdChars = 16;

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>Somebody listens.</summary>
    public static bool IsOn => s_source.HasListeners();

    /// <summary>The header for a call that is made within a span; null when there is none.</summary>
    public static string? HeaderOfCall => IsOn ? Activity.Current?.Id : null;

    /// <summary>Begins a span within the current one, or at the top of the transaction's trace.</summary>
    /// <returns>Null while nobody listens. The caller disposes it at the end of the work.</returns>
    public static Activity? Start(string name, ActivityKind kind, TxId id) =>
        IsOn ? Start(name, kind, id, Activity.Current?.Context ?? ContextOf(id), startTime: default) : null;

    /// <summary>Begins a span for a call that came in.</summary>
    /// <param name="header">What the caller sent as <see cref="Header"/>; null or nonsense for none.</param>
    public static Activity? StartServed(string name, TxId id, string? header) => !IsOn
        ? null
        : ActivityContext.TryParse(header, traceState: null, isRemote: true, out ActivityContext caller)
            ? Start(name, ActivityKind.Server, id, caller, startTime: default)
            : Start(name, ActivityKind.Server, id, ContextOf(id), startTime: default);

    /// <summary>
    /// Begins a span of work that came without a call, and leaves the thread's current span as it is.
    /// </summary>
    /// <param name="startTime">When the work began; the default is now.</param>
    public static Activity? StartApart(string name, TxId id, DateTimeOffset startTime)
    {
        if (!IsOn)
            return null;

        Activity? current = Activity.Current;
        Activity? span = Start(name, ActivityKind.Consumer, id, ContextOf(id), startTime);
        Activity.Current = current;
        return span;
    }

    /// <summary>The top of the trace that a transaction's id names.</summary>
    public static ActivityContext ContextOf(TxId id)
    {
        ReadOnlySpan<char> digits = id.Value;
        return new ActivityContext(
            ActivityTraceId.CreateFromString(digits[..TraceIdChars]),
            ActivitySpanId.CreateFromString(digits.Slice(TraceIdChars, SpanIdChars)),
            ActivityTraceFlags.Recorded,
            traceState: null,
            isRemote: true);
    }

    private static Activity? Start(
        string name, ActivityKind kind, TxId id, in ActivityContext parent, DateTimeOffset startTime)
    {
        if (id.IsNone)
            return null;

        ActivityContext own = ContextOf(id);
        ActivityLink[]? links = parent.TraceId == own.TraceId ? null : [new ActivityLink(own)];
        KeyValuePair<string, object?>[] tags = [new(TxIdTag, id.Value)];
        return s_source.StartActivity(name, kind, parent, tags, links, startTime);
    }

    /// <summary>Ends a span with the transaction's place and verdict.</summary>
    public static void EndCommitted(Activity? span, ChannelId channel, ulong block, string code)
    {
        if (span is null)
            return;

        span.SetTag(ChannelTag, channel.Value);
        span.SetTag(BlockTag, block.ToString(CultureInfo.InvariantCulture));
        span.SetTag(CodeTag, code);
        span.Dispose();
    }
}
