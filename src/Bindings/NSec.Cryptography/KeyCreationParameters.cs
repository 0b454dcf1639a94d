namespace NSec.Cryptography;

/// <summary>What may be done with a key beyond signing.</summary>
public struct KeyCreationParameters : IEquatable<KeyCreationParameters>
{
    /// <summary>Whether the private key may leave; by default it may not.</summary>
    public KeyExportPolicies ExportPolicy { get; set; }

    public static bool operator ==(KeyCreationParameters left, KeyCreationParameters right) => left.Equals(right);

    public static bool operator !=(KeyCreationParameters left, KeyCreationParameters right) => !left.Equals(right);

    public readonly bool Equals(KeyCreationParameters other) => ExportPolicy == other.ExportPolicy;

    public override readonly bool Equals(object? obj) => obj is KeyCreationParameters other && Equals(other);

    public override readonly int GetHashCode() => (int)ExportPolicy;
}
