using System.Diagnostics.CodeAnalysis;
using Node.Ca.Registering;

namespace Node.Ca.Hosting;

/// <summary>Id and secret of the first registrar, who may do everything. There is no default one.</summary>
public sealed record RegistrarCredential
{
    /// <summary>Holds <c>id:secret</c> for a server whose store is new.</summary>
    public const string Variable = "HYPERPROV_CA_REGISTRAR";

    /// <summary>Shortest secret, in characters.</summary>
    public const int SecretCharsMin = 12;

    private const int DifferentCharsMin = 5;
    private static readonly string[] s_guessed = ["adminpw", "password", "passw0rd", "secret", "changeme", "hyperprov"];

    private RegistrarCredential(string id, string secret)
    {
        Id = id;
        Secret = secret;
    }

    public string Id { get; }

    internal string Secret { get; }

    /// <param name="text">As the variable holds it: id:secret.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out RegistrarCredential? credential,
        [NotNullWhen(false)] out string? fault)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
            return TryCreate(text[..colon], text[(colon + 1)..], out credential, out fault);

        credential = null;
        fault = $"{Variable} must be id:secret";
        return false;
    }

    /// <param name="fault">Says what a better secret is like, and never the secret.</param>
    public static bool TryCreate(
        string id,
        string secret,
        [NotNullWhen(true)] out RegistrarCredential? credential,
        [NotNullWhen(false)] out string? fault)
    {
        credential = null;
        fault = Registration.FaultOfId(id)?.Message ?? FaultOfSecret(id, secret);
        if (fault is null)
            credential = new RegistrarCredential(id, secret);

        return fault is null;
    }

    public override string ToString() => $"registrar {Id}";

    private static string? FaultOfSecret(string id, string secret)
    {
        if (secret.Length is < SecretCharsMin or > CaLimits.SecretCharsMax)
            return $"the registrar's secret has {secret.Length} characters, it needs {SecretCharsMin} to " +
                $"{CaLimits.SecretCharsMax}; make one with: openssl rand -hex 16";
        if (secret.Distinct().Count() < DifferentCharsMin)
            return $"the registrar's secret has fewer than {DifferentCharsMin} different characters";

        return secret.Contains(id, StringComparison.OrdinalIgnoreCase)
            || s_guessed.Any(word => secret.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            ? "the registrar's secret holds its id, or begins with a word that is tried first"
            : null;
    }
}
