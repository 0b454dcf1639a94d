using System.Text;
using Node.Membership.Material;
using Node.Orderer.Tests.Building;
using Node.Testing;

namespace Node.Orderer.Tests.Participating;

/// <summary>Calls an orderer's admin port with the requests that osnadmin sends, byte for byte.</summary>
internal sealed class AdminClient : IDisposable
{
    public const string Channels = "/participation/v1/channels";

    // As Go's multipart writer chooses and spells it.
    private const string Boundary = "6a2f1e0d9c8b7a695847362514039f8e7d6c5b4a3928170695f4e3d2c1b0";

    private readonly HttpClient _client;

    /// <param name="client">Whose TLS certificate is presented; null presents none.</param>
    public AdminClient(TestNetwork network, int port, MemberLayout? client) =>
        _client = new HttpClient(TlsTransport.To(network.Orderer.NodeLayout.TlsRootFile, client))
        {
            BaseAddress = new Uri($"https://localhost:{port}"),
        };

    public Task<AdminAnswer> ListAsync() => SendAsync("GET", Channels, body: null);

    public Task<AdminAnswer> ShowAsync(string channel) => SendAsync("GET", $"{Channels}/{channel}", body: null);

    public Task<AdminAnswer> RemoveAsync(string channel) => SendAsync("DELETE", $"{Channels}/{channel}", body: null);

    public Task<AdminAnswer> JoinAsync(byte[] block) =>
        SendAsync("POST", Channels, Form("config-block", "config.block", block));

    public Task<AdminAnswer> UpdateAsync(byte[] envelope) =>
        SendAsync("PUT", Channels, Form("config-update-envelope", "config_update.pb", envelope));

    public async Task<AdminAnswer> SendAsync(string method, string path, byte[]? body, string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation(
                "Content-Type", $"multipart/form-data; boundary={Boundary}");
        }

        using HttpResponseMessage response = await _client.SendAsync(request, Patience.Token);
        return new AdminAnswer(
            (int)response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(Patience.Token),
            response.Headers.Location?.ToString() ?? "",
            string.Join(", ", response.Content.Headers.Allow),
            response.Content.Headers.ContentType?.ToString() ?? "");
    }

    /// <summary>A form with one file.</summary>
    public static byte[] Form(string part, string fileName, byte[] content) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{fileName}\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n"),
        .. content,
        .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
    ];

    public void Dispose() => _client.Dispose();
}

internal sealed record AdminAnswer(int Status, byte[] Body, string Location, string Allow, string ContentType)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public override string ToString() => $"{Status} {Text}";
}
