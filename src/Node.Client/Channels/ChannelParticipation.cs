using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Node.Membership.Material;
using Node.Protocol;

namespace Node.Client.Channels;

/// <summary>One channel at one orderer, in the words of Fabric's channel participation API.</summary>
/// <param name="ConsensusRelation">"consenter" or "follower".</param>
/// <param name="Status">"active", "onboarding", "inactive" or "failed".</param>
public sealed record ServedChannel(string Name, string ConsensusRelation, string Status, ulong Height);

/// <summary>Calls the channel participation API at an orderer's admin port, as osnadmin does. Any thread.</summary>
public sealed class ChannelParticipation : IDisposable
{
    private const string Channels = "participation/v1/channels";
    private const string BlockPart = "config-block";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly OrdererAddress _address;
    private readonly HttpClient _http;

    /// <param name="administrator">Whose TLS certificate is presented.</param>
    public ChannelParticipation(OrdererAddress address, MemberLayout administrator)
    {
        _address = address;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, SslOptions = address.TlsFor(administrator),
        })
        {
            BaseAddress = new Uri($"https://{address}/"),
        };
    }

    /// <summary>Every channel that the orderer serves.</summary>
    /// <exception cref="PeerUnreachableException">The orderer does not answer, or not to this certificate.</exception>
    public async Task<IReadOnlyList<ServedChannel>> ListAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, Channels, null, cancellation)
            .ConfigureAwait(false);
        ListAnswer? list = await response.Content.ReadFromJsonAsync<ListAnswer>(s_json, cancellation)
            .ConfigureAwait(false);
        var channels = new List<ServedChannel>();
        foreach (Entry entry in list?.Channels ?? [])
        {
            using HttpResponseMessage one = await SendAsync(
                HttpMethod.Get, $"{Channels}/{entry.Name}", null, cancellation).ConfigureAwait(false);
            if (await one.Content.ReadFromJsonAsync<ServedChannel>(s_json, cancellation).ConfigureAwait(false)
                is { } channel)
                channels.Add(channel);
        }

        return channels;
    }

    /// <summary>Has the orderer serve a channel.</summary>
    /// <param name="block">The channel's first block, or its newest configuration block.</param>
    /// <returns>The channel, or null and why it is refused.</returns>
    public async Task<(ServedChannel? Channel, string Refusal)> JoinAsync(
        byte[] block, CancellationToken cancellation)
    {
        var file = new ByteArrayContent(block);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent { { file, BlockPart, "config.block" } };
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, Channels, form, cancellation)
            .ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<ServedChannel>(s_json, cancellation).ConfigureAwait(false), "")
            : (null, await RefusalOfAsync(response, cancellation).ConfigureAwait(false));
    }

    /// <summary>Has the orderer end a channel and delete its data.</summary>
    /// <returns>Why it is refused; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(ChannelId channel, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync(
            HttpMethod.Delete, $"{Channels}/{channel}", null, cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? null
            : await RefusalOfAsync(response, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            return await _http.SendAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            string reason = failure.InnerException?.Message ?? failure.Message;
            throw new PeerUnreachableException(_address.ToString(), reason.TrimEnd('.'), failure);
        }
    }

    private static async Task<string> RefusalOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize<ErrorAnswer>(text, s_json)?.Error ?? text;
        }
        catch (JsonException)
        {
            return $"{(int)response.StatusCode} {text}";
        }
    }

    private sealed record Entry(string Name);

    private sealed record ListAnswer(IReadOnlyList<Entry>? Channels);

    private sealed record ErrorAnswer(string Error);
}
