using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Node.Ca.Admitting;
using Node.Ca.Hosting;
using Node.Membership;
using Node.Membership.Issuing;
using Node.Membership.Material;
using Node.Testing.Time;

namespace Node.Ca.Tests.Building;

/// <summary>A real server over TLS, in this process, in a folder of its own; and a caller that trusts it.</summary>
public sealed class TestCa : IAsyncDisposable
{
    public const string RegistrarId = "admin";
    public const string RegistrarSecret = "r3gistrar-of-tests";
    public const string Name = "ca.org1.example.com";
    public const string TlsName = "tlsca.org1.example.com";

    /// <summary>When tests begin; material is made then.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly bool _ownsFolder;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private TestCa(string folder, bool ownsFolder, ManualClock clock)
    {
        Folder = folder;
        Clock = clock;
        _ownsFolder = ownsFolder;
        Http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => IsOwn(shown) },
        });
    }

    public string Folder { get; }

    public ManualClock Clock { get; }

    public HttpClient Http { get; }

    public int Port { get; private set; }

    public Uri Address => new($"https://127.0.0.1:{Port}");

    public OrganizationLayout Material => new MaterialLayout(Folder).PeerOrganization("org1.example.com");

    public static async Task<TestCa> StartAsync(TestCaOptions? options = null)
    {
        options ??= new TestCaOptions();
        string folder = options.Folder ?? Directory.CreateTempSubdirectory("hyperprov-ca-test-").FullName;
        var ca = new TestCa(folder, options.Folder is null, options.Clock ?? new ManualClock(Epoch));
        try
        {
            await ca.RunAsync(options);
            return ca;
        }
        catch
        {
            await ca.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Whether this is the certificate that its server was given; time is not looked at, tests move it.
    /// </summary>
    public bool IsOwn(X509Certificate? shown)
    {
        using var own = X509Certificate2.CreateFromPem(File.ReadAllText(Material.CaServer.TlsCertificateFile));
        return shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(own.RawDataMemory.Span);
    }

    /// <summary>Its options, for whoever starts it otherwise.</summary>
    public static CaOptions OptionsIn(string folder, TestCaOptions options)
    {
        OrganizationLayout layout = new MaterialLayout(folder).PeerOrganization("org1.example.com");
        return new CaOptions
        {
            ListenPort = 0,
            Tls = new CaTlsFiles
            {
                CertificateFile = layout.CaServer.TlsCertificateFile,
                KeyFile = layout.CaServer.TlsKeyFile,
            },
            Authority = FilesOf(layout.Ca, Name),
            TlsAuthority = FilesOf(layout.TlsCa, TlsName),
            DataFolder = Path.Combine(folder, "data"),
            Affiliations = ["org1.department1", "org1.department2", "org2"],
            MaxEnrollments = options.MaxEnrollments,
            AllowsRemoval = options.AllowsRemoval,
            RenewsExpired = options.RenewsExpired,
            TakesOldTokens = options.TakesOldTokens,
            MemberFolders = options.TakesMembers ? [Path.Combine(layout.Root, "users")] : [],
            LogLevel = "None",
        };
    }

    public static void WriteMaterial(string folder, KeyType keyType, TimeProvider clock)
    {
        const string Yaml = """
            PeerOrgs:
              - { Name: Org1, Domain: org1.example.com, EnableNodeOUs: true, Users: { Count: 1 } }
            """;
        if (!CryptoConfig.TryParse("test", Yaml, out CryptoConfig? config, out string? fault))
            throw new InvalidOperationException(fault);

        MaterialGenerator.Generate(config, folder, keyType, clock);
    }

    public async Task<Answer> SendAsync(
        HttpMethod method, string target, string? body, AuthenticationHeaderValue? basic, string? token)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, target));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (basic is not null)
            request.Headers.Authorization = basic;
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token);

        using HttpResponseMessage response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> GetAsync(string target) => SendAsync(HttpMethod.Get, target, null, null, null);

    public static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    public Task<Answer> EnrollAsync(string id, string secret, string body) =>
        SendAsync(HttpMethod.Post, "/api/v1/enroll", body, Basic(id, secret), token: null);

    /// <summary>Enrols and keeps the key.</summary>
    public async Task<Member> EnrollAsync(string id, string secret, KeyType keyType = KeyType.P256)
    {
        EnrollmentKey key = EnrollmentKey.Create(keyType);
        Answer answer = await EnrollAsync(id, secret, Bodies.Enroll(key, id));
        return new Member(this, answer.Certificate(), key);
    }

    public Task<Member> RegistrarAsync() => EnrollAsync(RegistrarId, RegistrarSecret);

    /// <summary>Stops as SIGTERM does; what is stored stays for the next start in the same folder.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Http.Dispose();
        _stop.Dispose();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private async Task RunAsync(TestCaOptions options)
    {
        WriteMaterial(Folder, options.KeyType, Clock);
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var setting = new CaSetting(Clock, SecretIterations: 10, options.Attempts ?? Patient);
        _running = CaHost.RunAsync(
            OptionsIn(Folder, options), setting, () => Credential(options.Registrar), started.SetResult, _stop.Token);
        Task first = await Task.WhenAny(started.Task, _running);
        await first;
        Port = await started.Task;
    }

    private static RegistrarCredential? Credential(string? text)
    {
        if (text is null)
            return null;

        return RegistrarCredential.TryParse(text, out RegistrarCredential? credential, out string? fault)
            ? credential
            : throw new InvalidOperationException(fault);
    }

    // Tests fail on purpose, all from one address.
    private static AttemptPair Patient(TimeProvider clock)
    {
        var rules = new AttemptRules(
            Free: 10_000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return new AttemptPair(new AttemptLimiter(rules, clock), new AttemptLimiter(rules, clock));
    }

    private static CaAuthorityFiles FilesOf(string folder, string name) => new()
    {
        Name = name,
        CertificateFile = Path.Combine(folder, $"{name}-cert.pem"),
        KeyFile = Path.Combine(folder, "priv_sk"),
    };
}

/// <summary>How a test's server differs from a default one.</summary>
public sealed record TestCaOptions
{
    public KeyType KeyType { get; init; } = KeyType.P256;

    public string? Folder { get; init; }

    public ManualClock? Clock { get; init; }

    public string? Registrar { get; init; } = $"{TestCa.RegistrarId}:{TestCa.RegistrarSecret}";

    public int MaxEnrollments { get; init; } = -1;

    public bool AllowsRemoval { get; init; }

    public bool RenewsExpired { get; init; }

    public bool TakesOldTokens { get; init; }

    public bool TakesMembers { get; init; }

    internal Func<TimeProvider, AttemptPair>? Attempts { get; init; }
}

/// <summary>What a server said.</summary>
public sealed record Answer(HttpStatusCode Status, JsonElement Json, HttpResponseHeaders Headers)
{
    public bool Success => Json.GetProperty("success").GetBoolean();

    public JsonElement Result => Json.GetProperty("result");

    public int Code => Json.GetProperty("errors") is { } errors && errors.GetArrayLength() > 0
        ? errors[0].GetProperty("code").GetInt32()
        : 0;

    public string Message => Json.GetProperty("errors")[0].GetProperty("message").GetString()!;

    /// <summary>Status and code: "401 20"; "201" when nothing was refused.</summary>
    public string Brief => Success ? $"{(int)Status}" : $"{(int)Status} {Code}";

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        using JsonDocument document = JsonDocument.Parse(bytes.Length == 0 ? "{}"u8.ToArray() : bytes);
        return new Answer(response.StatusCode, document.RootElement.Clone(), response.Headers);
    }

    public PresentedCertificate Certificate()
    {
        Assert.True(Success, $"{Brief}: {Json}");
        byte[] pem = Result.GetProperty("Cert").GetBytesFromBase64();
        Assert.True(
            PresentedCertificate.TryReadPem(pem, out PresentedCertificate? certificate, out string? fault), fault);
        return certificate;
    }
}

/// <summary>Somebody with a certificate and its key.</summary>
public sealed class Member(TestCa ca, PresentedCertificate certificate, EnrollmentKey key)
{
    public PresentedCertificate Certificate { get; } = certificate;

    public EnrollmentKey Key { get; } = key;

    public string Id => Certificate.CommonName;

    public Task<Answer> PostAsync(string endpoint, string body) => SendAsync(HttpMethod.Post, endpoint, body);

    public Task<Answer> GetAsync(string endpoint) => SendAsync(HttpMethod.Get, endpoint, null);

    public Task<Answer> SendAsync(HttpMethod method, string endpoint, string? body)
    {
        string target = $"/api/v1/{endpoint}";
        return ca.SendAsync(method, target, body, null, TokenOf(method.Method, target, body ?? ""));
    }

    public string TokenOf(string method, string target, string body)
    {
        string pem = Base64(Certificate.ToPem());
        string signed = $"{method}.{Base64(target)}.{Base64(body)}.{pem}";
        return $"{pem}.{Convert.ToBase64String(Key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public string OldTokenOf(string body)
    {
        string pem = Base64(Certificate.ToPem());
        return $"{pem}.{Convert.ToBase64String(Key.Sign(Encoding.ASCII.GetBytes($"{Base64(body)}.{pem}")))}";
    }

    /// <summary>Registers somebody and enrols them.</summary>
    public async Task<Member> NewMemberAsync(string id, string more = "")
    {
        Answer answer = await PostAsync("register", Bodies.Register(id, more));
        Assert.True(answer.Success, $"{answer.Brief}: {answer.Json}");
        return await ca.EnrollAsync(id, answer.Result.GetProperty("secret").GetString()!);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

/// <summary>Bodies of requests.</summary>
public static class Bodies
{
    /// <param name="more">Further members: ", \"profile\": \"tls\"".</param>
    public static string Enroll(EnrollmentKey key, string id, string more = "") =>
        $$"""{"certificate_request": {{JsonSerializer.Serialize(key.WriteRequest(id, []))}}{{more}}}""";

    public static string Register(string id, string more = "") =>
        $$"""{"id": {{JsonSerializer.Serialize(id)}}{{more}}}""";

    public static string Attribute(string name, string value, bool ecert = false) =>
        $$""", "attrs": [{"name": "{{name}}", "value": "{{value}}", "ecert": {{(ecert ? "true" : "false")}}}]""";
}
