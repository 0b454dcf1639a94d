using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Tests.Storing;

/// <summary>A web server that answers every request with the same bytes, and remembers what was asked.</summary>
internal sealed class FixedAnswerServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly byte[] _answer;
    private readonly bool _closes;

    /// <param name="closes">Close the connection after the answer, complete or not; else keep it open.</param>
    public FixedAnswerServer(string answer, bool closes)
    {
        _answer = Encoding.Latin1.GetBytes(answer.Replace("\n", "\r\n", StringComparison.Ordinal));
        _closes = closes;
        _listener.Start();
        _serving = ServeAsync();
    }

    public List<string> Asked { get; } = [];

    public string Address => string.Create(
        CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/sets/");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1, false, 1024, leaveOpen: true);
                Asked.Add(await reader.ReadLineAsync(_stop.Token) ?? "");
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                    continue;

                await client.GetStream().WriteAsync(_answer, _stop.Token);
                if (!_closes)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // The test is over.
        }
    }
}

public class HttpStoreTests
{
    private static readonly Checksum s_hello = Checksum.Of(Hash32.Of("hello"u8));

    [Fact]
    public async Task Content_is_fetched_from_below_the_address_and_verified()
    {
        await using var server = new FixedAnswerServer("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", closes: true);

        Assert.Equal("hello", await ReadAsync(server.Address, "a b/c?d#e"));
        Assert.Equal("GET /sets/a%20b/c%3Fd%23e HTTP/1.1", server.Asked[0]);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\nhullo", typeof(ContentMismatchException))]
    [InlineData("HTTP/1.1 404 Not Found\nContent-Length: 0\n\n", typeof(ContentMismatchException))]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 500\n\nhello", typeof(StoreUnreachableException))]      // Cut off.
    [InlineData("HTTP/1.1 503 Busy\nContent-Length: 0\n\n", typeof(StoreUnreachableException))]
    [InlineData("HTTP/1.1 403 No\nContent-Length: 0\n\n", typeof(StorageFailedException))]
    [InlineData("HTTP/1.1 302 Found\nLocation: http://10.1.2.3/\n\n", typeof(LocationRefusedException))]
    [InlineData("this is no web server\n", typeof(StoreUnreachableException))]
    public async Task Every_other_answer_has_its_own_refusal(string answer, Type refusal)
    {
        await using var server = new FixedAnswerServer(answer, closes: true);

        Exception? refused = await Record.ExceptionAsync(() => ReadAsync(server.Address, "x"));

        Assert.IsType(refusal, refused);
        Assert.All(server.Asked, line => Assert.Contains("GET /sets/", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_is_given_up()
    {
        await using var server = new FixedAnswerServer("HTTP/1.1 200 OK\nContent-Length: 500\n\nhello", closes: false);

        await Assert.ThrowsAsync<StoreUnreachableException>(() => ReadAsync(server.Address, "x"));
    }

    [Fact]
    public async Task Nothing_can_be_added()
    {
        await using IContentStore store = ContentStores.Open("https://data.example.org/", TimeProvider.System);

        Assert.True(store.IsReadOnly);
        await Assert.ThrowsAsync<StorageFailedException>(() => store.AddAsync("hello"));
    }

    private static async Task<string> ReadAsync(string address, string pointer)
    {
        await using var stores = new ContentStores(ContentStores.Open(address + "?timeout=1", TimeProvider.System));
        await using Stream content = await stores.OpenAsync(address, pointer, s_hello, CancellationToken.None);
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }
}
