using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Grpc.Core.Framing;
using Grpc.Core.Tests.Protos;

namespace Grpc.Core.Tests;

/// <summary>Bodies nobody would send by accident. A failure names its seed.</summary>
public class FuzzTests
{
    private const int MessageBytesMax = 4000;

    private static readonly string[] s_methods = ["Unary", "Collect", "Repeat", "Chat"];
    private static readonly string[] s_headers =
    [
        "te: trailers", "grpc-encoding: gzip", "grpc-encoding: identity", "grpc-timeout: 10S", "asked-bin: ////",
        "asked: x",
    ];

    [Theory]
    [InlineData(1, 4000)]
    [InlineData(2, 4000)]
    [InlineData(3, 4000)]
    public async Task A_server_answers_every_body_with_a_status_and_goes_on(int seed, int bodies)
    {
        await using TestServer server = await TestServer.StartAsync(
            options: options => options.MaxReceiveMessageSize = MessageBytesMax);
        using var client = new RawClient(server);
        var dice = new Random(seed);
        (string Path, byte[] Body, string[] Headers)[] requests =
            [.. Enumerable.Range(0, bodies).Select(_ => (Path(dice), Body(dice), Headers(dice)))];

        await Parallel.ForAsync(0, bodies, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            RawAnswer answer = await client.PostAsync(requests[i].Path, requests[i].Body, requests[i].Headers);
            Assert.Equal(200, answer.Http);
            string status = answer.Headers.Concat(answer.Trailers).Single(
                line => line.StartsWith("grpc-status: ", StringComparison.Ordinal));

            // OK, RESOURCE_EXHAUSTED or INTERNAL. An UNKNOWN would be an exception nobody expected.
            Assert.True(
                status[13..] is "0" or "8" or "13", $"Seed {seed}, body {i}: {string.Join(", ", answer.Headers)}");
        });

        RawAnswer after = await client.PostAsync("/echo.v1.Echo/Unary", RawClient.Frame(new EchoRequest()));
        Assert.Equal(["grpc-status: 0"], after.Trailers);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    public async Task A_server_goes_on_when_clients_leave_in_the_middle(int seed, int bodies)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server);
        var dice = new Random(seed);
        (string Path, byte[] Body, bool Awaits)[] requests =
            [.. Enumerable.Range(0, bodies).Select(_ => (Path(dice), Body(dice), dice.Next(2) == 0))];

        await Parallel.ForAsync(
            0, bodies, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
        {
            using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var content = new LeavingContent(requests[i].Body, leave, requests[i].Awaits);
            try
            {
                using HttpResponseMessage _ = await client.SendAsync(requests[i].Path, content, [], leave.Token);
            }
            catch (Exception left) when (left is OperationCanceledException or HttpRequestException)
            {
                // As planned.
            }
        });

        // Kestrel closes a connection whose streams are reset faster than it can forget them; the next one is as good.
        using var next = new RawClient(server);
        RawAnswer after = await next.PostAsync("/echo.v1.Echo/Unary", RawClient.Frame(new EchoRequest()));
        Assert.Equal(["grpc-status: 0"], after.Trailers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Frames_are_found_however_their_bytes_are_cut_up(int seed)
    {
        var dice = new Random(seed);
        for (int round = 0; round < 5000; round++)
        {
            byte[] bytes = Body(dice);
            ReadOnlySequence<byte> whole = new(bytes);
            ReadOnlySequence<byte> pieces = CutUp(bytes, dice);
            FrameState expected;
            do
            {
                expected = Frame.TryTake(ref whole, MessageBytesMax, out bool flag, out var payload, out long length);
                FrameState actual = Frame.TryTake(
                    ref pieces, MessageBytesMax, out bool cutFlag, out var cutPayload, out long cutLength);

                Assert.Equal((expected, flag, length), (actual, cutFlag, cutLength));
                Assert.Equal(payload.ToArray(), cutPayload.ToArray());
                Assert.Equal(whole.Length, pieces.Length);
            }
            while (expected == FrameState.Whole);
        }
    }

    private static string Path(Random dice) => $"/echo.v1.Echo/{s_methods[dice.Next(s_methods.Length)]}";

    private static string[] Headers(Random dice) =>
        [.. s_headers.Where(_ => dice.Next(5) == 0).DistinctBy(line => line.Split(':')[0])];

    private static byte[] Body(Random dice)
    {
        var body = new MemoryStream();
        for (int frames = dice.Next(1, 4); frames > 0; frames--)
        {
            byte[] payload = new byte[dice.Next(10) == 0 ? dice.Next(3900, 4100) : dice.Next(40)];
            dice.NextBytes(payload);
            byte[] message = new EchoRequest { Payload = ByteString.CopyFrom(payload) }.ToByteArray();
            body.Write(dice.Next(4) == 0
                ? RawClient.Frame(RawClient.Gzip(message), flag: 1)
                : RawClient.Frame(message));
        }

        return Mutate(body.ToArray(), dice);
    }

    private static byte[] Mutate(byte[] body, Random dice)
    {
        switch (dice.Next(6))
        {
            case 0:
                return body[..dice.Next(body.Length)];
            case 1:
                body[dice.Next(body.Length)] = (byte)dice.Next(256);
                return body;
            case 2:
                BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), dice.Next());
                return body;
            case 3:
                BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), dice.Next(body.Length * 2));
                return body;
            case 4:
                dice.NextBytes(body);
                return body;
            default:
                return body;
        }
    }

    private static ReadOnlySequence<byte> CutUp(byte[] bytes, Random dice)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty, previous: null);
        Segment last = first;
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(dice.Next(0, 8), bytes.Length - at);
            last = new Segment(bytes.AsMemory(at, length), last);
            at += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;

            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }

    /// <summary>Sends half of a body, and then its sender is gone.</summary>
    private sealed class LeavingContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly CancellationTokenSource _leave;
        private readonly bool _flushes;

        public LeavingContent(byte[] body, CancellationTokenSource leave, bool flushes)
        {
            (_body, _leave, _flushes) = (body, leave, flushes);
            Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body.AsMemory(0, _body.Length / 2));
            if (_flushes)
                await stream.FlushAsync();

            await _leave.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _leave.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
