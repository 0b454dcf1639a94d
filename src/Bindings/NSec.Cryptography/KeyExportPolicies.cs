namespace NSec.Cryptography;

/// <summary>Whether a private key may be exported in the clear.</summary>
[Flags]
public enum KeyExportPolicies
{
    None = 0,

    /// <summary>Any number of times.</summary>
    AllowPlaintextExport = 1,

    /// <summary>Once, for keeping: right after the key was made.</summary>
    AllowPlaintextArchiving = 2,
}
