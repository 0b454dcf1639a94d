using System.Globalization;
using Grpc.Core;
using Node.Membership;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Ordering;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Gateways;

public sealed class ChaincodeEventsTests(GatewayBench bench) : IClassFixture<GatewayBench>
{
    [Fact]
    public async Task Starts_with_the_next_block_unless_told_otherwise()
    {
        await bench.CommitAsync(bench.Record("before").ToEnvelope());
        foreach (SeekPosition? start in (SeekPosition?[])[null, new() { NextCommit = new SeekNextCommit() }])
        {
            await using var events = new Events(bench, request => request.StartPosition = start);

            await events.AssertNextAfterAsync("after");
        }
    }

    [Fact]
    public async Task Starts_at_a_block_that_is_there_or_is_still_to_come()
    {
        Tx first = bench.Record("first");
        await bench.CommitAsync(first.ToEnvelope());
        ulong number = bench.Chain.Height - 1;
        await using var past = new Events(bench, request => request.StartPosition = At(number));
        await using var future = new Events(bench, request => request.StartPosition = At(number + 2));

        await bench.CommitAsync(bench.Record("second").ToEnvelope());
        await bench.CommitAsync(bench.Record("third").ToEnvelope());

        Assert.Equal($"{number}: first", await past.NextAsync());
        Assert.Equal($"{number + 1}: second", await past.NextAsync());
        Assert.Equal($"{number + 2}: third", await past.NextAsync());
        Assert.Equal($"{number + 2}: third", await future.NextAsync());
    }

    [Fact]
    public async Task Goes_on_behind_a_transaction_that_was_seen()
    {
        Tx seen = bench.Record("seen");
        await bench.CommitAsync(
            bench.Record("earlier").ToEnvelope(), seen.ToEnvelope(), bench.Record("later").ToEnvelope());
        Tx last = bench.Record("last");
        await bench.CommitAsync(last.ToEnvelope());
        ulong number = bench.Chain.Height - 2;

        // Where the transaction is known, the position is not asked.
        await using var middle = new Events(bench, request =>
        {
            request.AfterTransactionId = seen.Id.Value;
            request.StartPosition = At(0);
        });
        await using var end = new Events(bench, request => request.AfterTransactionId = last.Id.Value);

        Assert.Equal($"{number}: later", await middle.NextAsync());
        Assert.Equal($"{number + 1}: last", await middle.NextAsync());
        await bench.CommitAsync(bench.Record("next").ToEnvelope());
        Assert.Equal($"{number + 2}: next", await end.NextAsync());
    }

    [Fact]
    public async Task A_transaction_that_is_not_known_leaves_the_position_in_force()
    {
        await bench.CommitAsync(bench.Record("known").ToEnvelope());
        ulong number = bench.Chain.Height - 1;
        await using var events = new Events(bench, request =>
        {
            request.AfterTransactionId = bench.Record("unknown").Id.Value;
            request.StartPosition = At(number);
        });

        Assert.Equal($"{number}: known", await events.NextAsync());
    }

    [Fact]
    public async Task A_stream_of_a_client_that_is_revoked_ends_at_the_block_of_its_revocation()
    {
        using SigningIdentity leaver = bench.Channel.Org1.Issue("leaving@org1.example.com", "client");
        ulong number = bench.Chain.Height;
        await using var left = new Events(bench, leaver, request => request.StartPosition = At(number));
        await using var stays = new Events(bench, request => request.StartPosition = At(number));
        await bench.CommitAsync(bench.Record("before").ToEnvelope());
        Assert.Equal($"{number}: before", await left.NextAsync());

        bench.Channel.Org1.Revoke(leaver);
        await bench.CommitBlockAsync(
            bench.Chain.NextMembership(bench.Channel.Org1, bench.Channel.Admin1, bench.Channel.Admin2));
        await bench.CommitAsync(bench.Record("after").ToEnvelope());

        RpcException ended = await Assert.ThrowsAsync<RpcException>(left.NextAsync);
        Assert.Equal(StatusCode.PermissionDenied, ended.StatusCode);
        Assert.Contains("revoked", ended.Status.Detail, StringComparison.Ordinal);
        Assert.Equal($"{number}: before", await stays.NextAsync());
        Assert.Equal($"{number + 2}: after", await stays.NextAsync());
    }

    [Fact]
    public async Task Tells_only_of_valid_transactions_of_the_contract_with_their_payloads_block_by_block()
    {
        Tx invalid = bench.Record("invalid").EndorsedBy(bench.Channel.Peer1);
        Tx silent = Tx.Valid(bench.Channel).Writing("silent", "{}");
        ulong number = bench.Chain.Height;
        await using var events = new Events(bench, request => request.StartPosition = At(number));
        await using var others = new Events(bench, request =>
        {
            request.ChaincodeId = "elsewhere";
            request.StartPosition = At(number);
        });

        await bench.CommitAsync(invalid.ToEnvelope(), silent.ToEnvelope());
        await bench.CommitAsync(
            bench.Record("one").ToEnvelope(), invalid.WithNonceOf(silent).ToEnvelope(),
            bench.Record("two").ToEnvelope());

        Assert.Equal($"{number + 1}: one two", await events.NextAsync());
        Assert.False(others.HasAny);
    }

    [Theory]
    [InlineData("oldest")]
    [InlineData("newest")]
    [InlineData("no contract")]
    public async Task Refuses_positions_that_events_cannot_start_from(string flaw)
    {
        using AsyncServerStreamingCall<ChaincodeEventsResponse> call = bench.Gateway.ChaincodeEvents(
            bench.EventsRequest(request =>
            {
                request.ChaincodeId = flaw == "no contract" ? "" : request.ChaincodeId;
                request.StartPosition = flaw switch
                {
                    "oldest" => new SeekPosition { Oldest = new SeekOldest() },
                    "newest" => new SeekPosition { Newest = new SeekNewest() },
                    _ => null,
                };
            }));

        await GatewayBench.RefusalAsync(
            StatusCode.InvalidArgument, () => call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task The_last_number_there_is_waits_like_any_other()
    {
        DateTime soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300);
        using AsyncServerStreamingCall<ChaincodeEventsResponse> call = bench.Gateway.ChaincodeEvents(
            bench.EventsRequest(request => request.StartPosition = At(ulong.MaxValue)), deadline: soon);

        await GatewayBench.RefusalAsync(
            StatusCode.DeadlineExceeded, () => call.ResponseStream.MoveNext(CancellationToken.None));
    }

    private static SeekPosition At(ulong number) => new() { Specified = new SeekSpecified { Number = number } };

    /// <summary>One event stream. A response reads as "block: payload payload".</summary>
    private sealed class Events(GatewayBench bench, SigningIdentity signer, Action<ChaincodeEventsRequest> change)
        : IAsyncDisposable
    {
        private readonly AsyncServerStreamingCall<ChaincodeEventsResponse> _call =
            bench.Gateway.ChaincodeEvents(bench.EventsRequest(signer, change));

        private Task<bool>? _next;

        public Events(GatewayBench bench, Action<ChaincodeEventsRequest> change)
            : this(bench, bench.Channel.Client1, change)
        {
        }

        public bool HasAny => (_next ??= MoveNextAsync()).IsCompleted;

        public async Task<string> NextAsync()
        {
            Task<bool> next = _next ?? MoveNextAsync();
            _next = null;
            Assert.True(await next);
            ChaincodeEventsResponse response = _call.ResponseStream.Current;
            Assert.All(response.Events, found => Assert.Equal(
                ("hyperprov", "recorded", 64), (found.ChaincodeId, found.EventName, found.TxId.Length)));
            return $"{response.BlockNumber}: "
                + string.Join(' ', response.Events.Select(found => found.Payload.ToStringUtf8()));
        }

        /// <summary>
        /// The stream was opened with no word of when the peer took its start: blocks are made until one arrives.
        /// </summary>
        public async Task AssertNextAfterAsync(string key)
        {
            Task<string> next = NextAsync();
            ulong earliest = bench.Chain.Height;
            while (!next.IsCompleted)
            {
                await bench.CommitAsync(bench.Record(key).ToEnvelope());
                await Task.WhenAny(next, bench.Gateway.EvaluateAsync(new EvaluateRequest
                {
                    ProposedTransaction = bench.Proposal("getwriters", "k").Build(),
                }).ResponseAsync);
            }

            string found = await next;
            Assert.EndsWith($": {key}", found, StringComparison.Ordinal);
            Assert.True(ulong.Parse(found.Split(':')[0], CultureInfo.InvariantCulture) >= earliest);
        }

        public ValueTask DisposeAsync()
        {
            _call.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task<bool> MoveNextAsync() =>
            _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(GatewayBench.Patience);
    }
}
