using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using Node.Client.Storing;
using Node.Protocol;

namespace Node.Client.Enrolling;

/// <summary>An identity out of a wallet.</summary>
/// <remarks>Whoever gets it disposes it after the last signature.</remarks>
public sealed record WalletIdentity(MspId MspId, Enrollment Enrollment) : IDisposable
{
    public ClientIdentity ToClientIdentity() => Enrollment.ToIdentity(MspId);

    public void Dispose() => Enrollment.Dispose();
}

/// <summary>A folder of identities by name: one file NAME.id each, in the format of Fabric's Node SDK.</summary>
/// <remarks>
/// The SDK's file system wallets can be read, and it reads ours. Files are readable by their owner alone; keys lie in
/// them unencrypted.
/// </remarks>
public sealed class Wallet
{
    /// <summary>The name under which <see cref="RegisterAdminAsync"/> keeps the registrar.</summary>
    public const string AdminName = "admin";

    private const string Extension = ".id";
    private const string X509Type = "X.509";
    private const int FileBytesMax = 128 << 10;
    private const int NameCharsMax = 128;

    private static readonly JsonWriterOptions s_writing =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Wallet(string folder) => Folder = folder;

    public string Folder { get; }

    public IReadOnlyList<string> Names =>
    [
        .. Directory.EnumerateFiles(Folder, "*" + Extension).Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Makes the folder where it is missing.</summary>
    public static Wallet Open(string folder)
    {
        OwnedFile.CreateFolder(folder);
        return new Wallet(folder);
    }

    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Replaces what has that name.</summary>
    /// <exception cref="ArgumentException">The name cannot be one of a file.</exception>
    public void Put(string name, MspId mspId, Enrollment enrollment)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, s_writing))
        {
            json.WriteStartObject();
            json.WriteStartObject("credentials");
            json.WriteString("certificate", enrollment.CertificatePem);
            json.WriteString("privateKey", enrollment.KeyToPem());
            json.WriteEndObject();
            json.WriteString("mspId", mspId.Value);
            json.WriteString("type", X509Type);
            json.WriteNumber("version", 1);
            json.WriteEndObject();
        }

        OwnedFile.Write(PathOf(name), System.Text.Encoding.UTF8.GetString(bytes.ToArray()), isPrivate: true);
    }

    /// <param name="fault">Says that it is missing, or what is wrong with its file.</param>
    public bool TryGet(
        string name, [NotNullWhen(true)] out WalletIdentity? identity, [NotNullWhen(false)] out string? fault)
    {
        identity = null;
        string path = PathOf(name);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            fault = $"The wallet {Folder} holds no identity {name}.";
            return false;
        }

        if (file.Length > FileBytesMax)
        {
            fault = $"{path} has {file.Length} bytes, an identity has at most {FileBytesMax}.";
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            JsonElement credentials = root.GetProperty("credentials");
            if (root.GetProperty("type").GetString() != X509Type)
                fault = "it is of another type than X.509";
            else if (MspId.TryParse(root.GetProperty("mspId").GetString() ?? "", out MspId mspId, out fault)
                && Enrollment.TryCreate(
                    credentials.GetProperty("certificate").GetString() ?? "",
                    credentials.GetProperty("privateKey").GetString() ?? "",
                    chainPem: "", out Enrollment? enrollment, out fault))
                identity = new WalletIdentity(mspId, enrollment);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            fault = e.Message;
        }

        if (identity is null)
            fault = $"{path} is no identity: {fault}.";

        return identity is not null;
    }

    /// <summary>Nothing when it is not there.</summary>
    public void Remove(string name) => File.Delete(PathOf(name));

    /// <summary>
    /// Enrols the registrar and keeps it as <see cref="AdminName"/>; one that is there is used again.
    /// </summary>
    /// <returns>False when it was there.</returns>
    public async Task<bool> RegisterAdminAsync(
        CertificateAuthority authority, string id, string secret, MspId mspId,
        CancellationToken cancellation = default)
    {
        if (Has(AdminName))
            return false;

        using Enrollment enrollment = await authority.EnrollAsync(id, secret, wishes: null, cancellation)
            .ConfigureAwait(false);
        Put(AdminName, mspId, enrollment);
        return true;
    }

    /// <summary>Registers a user as <see cref="AdminName"/>, enrols it and keeps it under its name.</summary>
    /// <exception cref="InvalidOperationException">The wallet holds no registrar yet.</exception>
    public async Task RegisterUserAsync(
        CertificateAuthority authority, Registration registration, MspId mspId,
        CancellationToken cancellation = default)
    {
        if (!TryGet(AdminName, out WalletIdentity? admin, out string? fault))
            throw new InvalidOperationException($"{fault} Enrol the registrar first: RegisterAdminAsync.");

        using (admin)
        {
            // Looked at before anything is registered: a name that no file can have would leave a user behind.
            _ = PathOf(registration.Id);
            string secret = await authority.RegisterAsync(admin.Enrollment, registration, cancellation)
                .ConfigureAwait(false);
            using Enrollment enrollment = await authority
                .EnrollAsync(registration.Id, secret, wishes: null, cancellation).ConfigureAwait(false);
            Put(registration.Id, mspId, enrollment);
        }
    }

    private string PathOf(string name)
    {
        if (name.Length is 0 or > NameCharsMax
            || name.StartsWith('.')
            || name.Any(c => char.IsControl(c) || c is '/' or '\\'))
            throw new ArgumentException(
                $"\"{name}\" cannot be the name of a wallet's file: 1 to {NameCharsMax} characters, no slash, no dot " +
                "in front.",
                nameof(name));

        return Path.Combine(Folder, name + Extension);
    }
}
