using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>One call on its HTTP request. This half answers the method's questions, each on first asking.</summary>
/// <remarks>
/// Owned by the method's task. The deadline's timer is the one other thread; <c>_gate</c> lies between the two.
/// </remarks>
internal sealed partial class HttpServerCallContext(HttpContext http, MethodSettings settings) : ServerCallContext
{
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private Dictionary<object, object>? _userState;
    private Status _status = Status.DefaultSuccess;

    public HttpContext Http => http;

    protected override string MethodCore => settings.FullName;

    protected override string HostCore => http.Request.Host.Value ?? "";

    protected override string PeerCore
    {
        get
        {
            ConnectionInfo connection = http.Connection;
            IPAddress? address = connection.RemoteIpAddress;
            if (address is null)
                return "unix:";

            if (address.IsIPv4MappedToIPv6)
                address = address.MapToIPv4();

            return address.AddressFamily == AddressFamily.InterNetwork
                ? $"ipv4:{address}:{connection.RemotePort}"
                : $"ipv6:[{address}]:{connection.RemotePort}";
        }
    }

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= CallMetadata.Read(http.Request.Headers);

    protected override CancellationToken CancellationTokenCore =>
        _deadlineTimer is null ? http.RequestAborted : DeadlineToken();

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => _authContext ??= MakeAuthContext();

    protected override IDictionary<object, object> UserStateCore => _userState ??= [];

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        await EnterWritingAsync(CancellationToken.None);
        try
        {
            if (_headersWritten || http.Response.HasStarted)
                throw new InvalidOperationException("Response headers can be sent once, before the first message.");

            _headersWritten = true;
            CallMetadata.Write(responseHeaders, http.Response.Headers, settings.Logger);
            await http.Response.StartAsync(CancellationToken.None);
            await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        finally
        {
            LeaveWriting();
        }
    }

    private AuthContext MakeAuthContext()
    {
        X509Certificate2? certificate = http.Connection.ClientCertificate;
        if (certificate is null)
            return new AuthContext(peerIdentityPropertyName: null, []);

        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal);
        string? identity = null;
        void Add(string name, string value)
        {
            identity ??= name;
            if (!properties.TryGetValue(name, out List<AuthProperty>? list))
                properties[name] = list = [];

            list.Add(AuthProperty.Create(name, Encoding.UTF8.GetBytes(value)));
        }

        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension names)
                continue;

            foreach (string name in names.EnumerateDnsNames())
                Add("x509_subject_alternative_name", name);
        }

        string commonName = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (commonName.Length > 0)
            Add("x509_common_name", commonName);

        return new AuthContext(identity, properties);
    }
}
