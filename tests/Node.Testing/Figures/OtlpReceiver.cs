using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace Node.Testing.Figures;

/// <summary>A span as a collector sees it. Ids are lower-case hex.</summary>
/// <param name="ParentId">Empty for none.</param>
public sealed record ReceivedSpan(
    string Service, string Instance, string Name, string TraceId, string SpanId, string ParentId,
    IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedTraceIds);

/// <summary>A collector of OpenTelemetry: takes traces over HTTP in protobuf, and keeps them.</summary>
public sealed class OtlpReceiver : IDisposable
{
    private const uint Bytes = 2;   // Wire type of everything that is read here.

    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<ReceivedSpan> _spans = [];
    private readonly Task _loop;

    private OtlpReceiver(int port)
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _loop = ServeAsync();
    }

    public string Endpoint { get; }

    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    public static OtlpReceiver Start()
    {
        using var probe = new TcpListener(IPAddress.Loopback, port: 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return new OtlpReceiver(port);
    }

    public void Dispose()
    {
        _listener.Close();
        _loop.GetAwaiter().OnCompleted(static () => { });
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            if (context.Request.Url?.AbsolutePath == "/v1/traces")
                Take(body.ToArray());

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }

    private void Take(byte[] request)
    {
        foreach (ByteString resourceSpans in Messages(request, field: 1))
        {
            Dictionary<string, string> resource = [];
            foreach (ByteString one in Messages(resourceSpans, field: 1))
                resource = TagsIn(one, field: 1);

            foreach (ByteString scope in Messages(resourceSpans, field: 2))
            {
                foreach (ByteString span in Messages(scope, field: 2))
                    _spans.Enqueue(Read(span, resource));
            }
        }
    }

    private static ReceivedSpan Read(ByteString span, Dictionary<string, string> resource) => new(
        resource.GetValueOrDefault("service.name", ""),
        resource.GetValueOrDefault("service.instance.id", ""),
        Messages(span, field: 5).Single().ToStringUtf8(),
        HexOf(span, field: 1),
        HexOf(span, field: 2),
        HexOf(span, field: 4),
        TagsIn(span, field: 9),
        [.. Messages(span, field: 13).Select(link => HexOf(link, field: 1))]);

    private static string HexOf(ByteString message, int field) =>
        string.Concat(Messages(message, field).Select(bytes => Convert.ToHexStringLower(bytes.Span)));

    // KeyValue { key = 1, AnyValue value = 2 { string_value = 1 } }
    private static Dictionary<string, string> TagsIn(ByteString message, int field) =>
        Messages(message, field).ToDictionary(
            pair => Messages(pair, field: 1).Single().ToStringUtf8(),
            pair => string.Concat(Messages(pair, field: 2).SelectMany(value => Messages(value, field: 1))
                .Select(text => text.ToStringUtf8())),
            StringComparer.Ordinal);

    private static List<ByteString> Messages(ByteString message, int field) => Messages(message.ToByteArray(), field);

    private static List<ByteString> Messages(byte[] message, int field)
    {
        var found = new List<ByteString>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == ((uint)field << 3 | Bytes))
                found.Add(input.ReadBytes());
            else
                input.SkipLastField();
        }

        return found;
    }
}
