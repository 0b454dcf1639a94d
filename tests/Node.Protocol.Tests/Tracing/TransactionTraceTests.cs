using System.Diagnostics;
using Node.Protocol.Tracing;

namespace Node.Protocol.Tests.Tracing;

public sealed class TransactionTraceTests
{
    private static readonly TxId s_id = TxId.Compute([1, 2, 3], [4, 5, 6]);

    [Fact]
    public void Without_a_listener_nothing_is_made_and_nothing_allocated()
    {
        Assert.Null(Ask());

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
            _ = Ask();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static object? Ask() =>
            TransactionTrace.Start("client.submit", ActivityKind.Client, s_id)
            ?? TransactionTrace.StartServed("gateway.submit", s_id, header: null)
            ?? TransactionTrace.StartApart("orderer.order", s_id, startTime: default)
            ?? (object?)TransactionTrace.HeaderOfCall;
    }

    [Fact]
    public void A_span_without_a_caller_belongs_to_the_trace_that_the_id_names()
    {
        using ActivityListener _ = Listen();

        using Activity? span = TransactionTrace.StartApart("peer.commit", s_id, startTime: default);

        Assert.NotNull(span);
        Assert.Equal(s_id.Value[..32], span.TraceId.ToHexString());
        Assert.Equal(s_id.Value[32..48], span.ParentSpanId.ToHexString());
        Assert.Equal(s_id.Value, span.GetTagItem(TransactionTrace.TxIdTag));
        Assert.Empty(span.Links);
        Assert.NotSame(span, Activity.Current);
    }

    [Fact]
    public void A_callers_own_trace_is_kept_and_links_to_the_transactions()
    {
        using ActivityListener _ = Listen();
        const string Header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        using Activity? span = TransactionTrace.StartServed("gateway.endorse", s_id, Header);

        Assert.NotNull(span);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString());
        Assert.Equal(s_id.Value[..32], span.Links.Single().Context.TraceId.ToHexString());
        Assert.Equal(span.Id, TransactionTrace.HeaderOfCall);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-zz")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01-what")]
    public void Nonsense_in_the_header_is_no_caller(string? header)
    {
        using ActivityListener _ = Listen();

        using Activity? span = TransactionTrace.StartServed("gateway.endorse", s_id, header);

        Assert.Equal(s_id.Value[..32], span?.TraceId.ToHexString());
    }

    private static ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TransactionTrace.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
