using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Grpc.Core.Tests;

/// <summary>What came over the wire, as text.</summary>
internal sealed record RawAnswer(int Http, string[] Headers, byte[] Body, string[] Trailers);

/// <summary>Speaks HTTP/2 to a server without any of our client code.</summary>
internal sealed class RawClient(TestServer server) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(server.MakeHandler());

    public Version Version { get; init; } = HttpVersion.Version20;

    public string ContentType { get; init; } = "application/grpc";

    public static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public static byte[] Frame(byte[] payload, byte flag = 0)
    {
        byte[] frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    public static byte[] Gzip(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(content);

        return compressed.ToArray();
    }

    /// <summary>Posts a body and reads the whole answer. Headers are <c>name: value</c> lines.</summary>
    public async Task<RawAnswer> PostAsync(string path, byte[] body, params string[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        using HttpResponseMessage response = await SendAsync(path, content, headers);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        IEnumerable<string> all = Lines(response.Headers).Concat(Lines(response.Content.Headers));
        return new RawAnswer(
            (int)response.StatusCode, [.. all.Order()], answer, [.. Lines(response.TrailingHeaders).Order()]);
    }

    /// <summary>Sends a request whose answer is read by the test.</summary>
    public Task<HttpResponseMessage> SendAsync(
        string path, HttpContent content, string[] headers, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, path))
        {
            Version = Version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        foreach (string header in headers)
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }

        return _http.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    // The server's clock is not part of any promise.
    private static IEnumerable<string> Lines(HttpHeaders headers) =>
        headers.NonValidated
            .Where(header => header.Key is not "Date")
            .Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}");
}
