using System.Net;
using System.Runtime.CompilerServices;
using Node.Protocol;

namespace Node.Client.Storing.Remote;

/// <summary>Content below a web address, to read from.</summary>
/// <remarks>
/// Only this host is asked: redirects are refused, since they would let the far side choose what this machine touches.
/// </remarks>
public sealed class HttpStore : IContentStore
{
    private readonly HttpClient _http;
    private readonly Uri _root;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _timeout;

    /// <param name="root">http or https, without user and query.</param>
    /// <param name="timeout">For the answer to begin, and for each further piece of it.</param>
    public HttpStore(Uri root, TimeSpan timeout, TimeProvider clock)
    {
        _root = new Uri(root.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        _timeout = timeout;
        _clock = clock;
        _http = new HttpClient(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = timeout },
            disposeHandler: true)
        {
            Timeout = Timeout.InfiniteTimeSpan,   // Every step has its own.
        };
    }

    public string Location => _root.AbsoluteUri;

    public bool IsReadOnly => true;

    public Task<StoredContent> AddAsync(Stream content, AddOptions options, CancellationToken cancellation) =>
        throw ReadOnly("add content");

    public async Task<Stream> OpenAsync(string pointer, CancellationToken cancellation)
    {
        if (!RemotePath.IsPlain(pointer))
            throw new LocationRefusedException(Location, pointer, RemotePath.Fault);

        var place = new Uri(_root, RemotePath.Escape(pointer));
        using var limit = new StepLimit(_timeout, _clock, cancellation);
        HttpResponseMessage? answer = null;
        try
        {
            answer = await _http.GetAsync(place, HttpCompletionOption.ResponseHeadersRead, limit.Token)
                .ConfigureAwait(false);
            RequireOk(answer, pointer);
            Stream body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            return new RemoteContent(body, answer, Location, _timeout, _clock);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || limit.IsReached(e))
        {
            answer?.Dispose();
            throw new StoreUnreachableException(
                Location, limit.IsReached(e) ? $"no answer within {_timeout.TotalSeconds:0} s" : e.Message, e);
        }
    }

    public bool Covers(string location, string pointer, out string own)
    {
        own = "";
        if (!Uri.TryCreate(location, UriKind.Absolute, out Uri? uri) || uri.Scheme != _root.Scheme
            || uri.Authority != _root.Authority || uri.UserInfo.Length > 0 || uri.Query.Length > 0
            || !RemotePath.IsPlain(pointer))
            return false;

        string folder = uri.AbsolutePath.EndsWith('/') ? uri.AbsolutePath : uri.AbsolutePath + "/";
        return RemotePath.TryBelow(_root.AbsolutePath, folder, pointer, out own);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;   // The web has no listing; nothing here was added by this program.
    }

    public Task DeleteAsync(string pointer, CancellationToken cancellation) => throw ReadOnly("delete content");

    public Task LinkAsync(string pointer, TxId record, CancellationToken cancellation) =>
        throw ReadOnly("note a record");

    public Task<IReadOnlyList<TxId>> LinksAsync(string pointer, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<TxId>>([]);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private void RequireOk(HttpResponseMessage answer, string pointer)
    {
        int status = (int)answer.StatusCode;
        if (answer.StatusCode == HttpStatusCode.OK)
            return;

        answer.Dispose();
        throw status switch
        {
            404 or 410 => new ContentMissingException(Location, pointer),
            >= 300 and < 400 => new LocationRefusedException(
                Location, pointer, $"the server redirects to {answer.Headers.Location}, which nobody allowed"),
            >= 500 or 429 => new StoreUnreachableException(Location, $"the server answered {status}", inner: null),
            _ => new StorageFailedException("open content", Location, $"the server answered {status}", inner: null),
        };
    }

    private StorageFailedException ReadOnly(string operation) =>
        new(operation, Location, "stores on the web are read-only", inner: null);
}
