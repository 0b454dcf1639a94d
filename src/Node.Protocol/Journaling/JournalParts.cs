using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Node.Protocol.Journaling;

/// <summary>What one record of a journal says; the members are those of a record on the ledger.</summary>
public sealed record JournaledRecord
{
    public required string Key { get; init; }

    public required string Hash { get; init; }

    /// <summary>As records name it: SHA-256; <see cref="JournaledRecordRules.Unspecified"/> for free text.</summary>
    public string Algorithm { get; init; } = "SHA-256";

    public string Location { get; init; } = "";

    public string Pointer { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>Empty: Transformation when there are parents, else Record.</summary>
    public string Type { get; init; } = "";

    /// <summary>Records on the ledger, or entries of any journal, forwarded already or not.</summary>
    public IReadOnlyList<TxId> Parents { get; init; } = [];
}

/// <summary>A device as its journal introduces it.</summary>
/// <param name="CertificatePem">One certificate; signatures are checked with its key.</param>
/// <param name="Nonce">
/// Makes two journals of one device different: <see cref="NonceBytes"/> bytes in an opening, none in a renewal.
/// </param>
public sealed record JournaledDevice(
    MspId MspId, ReadOnlyMemory<byte> CertificatePem, ReadOnlyMemory<byte> Nonce)
{
    public const int NonceBytes = 16;

    /// <summary>SHA-256 of the certificate's DER as it stands in a PEM text; the digest of nothing else.</summary>
    public static bool TryFingerprint(
        ReadOnlySpan<byte> certificatePem, out Hash32 fingerprint, [NotNullWhen(false)] out string? fault)
    {
        fingerprint = default;
        fault = "the certificate is no PEM text";
        if (certificatePem.Length > Limits.IdentityBytesMax)
            return false;

        if (!PemEncoding.TryFindUtf8(certificatePem, out PemFields fields))
            return false;

        var der = new byte[fields.DecodedDataLength];
        OperationStatus status = Base64.DecodeFromUtf8(certificatePem[fields.Base64Data], der, out _, out int bytes);
        if (status != OperationStatus.Done)
            return false;

        fingerprint = Hash32.Of(der.AsSpan(0, bytes));
        fault = null;
        return true;
    }
}

/// <summary>Where an entry stands in its journal.</summary>
/// <param name="Journal">The hash of entry 0; <see cref="Hash32.Zero"/> in entry 0 itself.</param>
/// <param name="Sequence">From 0, without gaps.</param>
/// <param name="Previous">The hash of the entry before; <see cref="Hash32.Zero"/> in entry 0.</param>
/// <param name="Time">When the device recorded it, in UTC; kept in microseconds.</param>
/// <param name="IsClockBehind">
/// The device's clock was behind its own journal, so <paramref name="Time"/> is that of the entry before.
/// </param>
/// <param name="Signer">Fingerprint of the certificate whose key signs the entry.</param>
public readonly record struct JournalPlace(
    Hash32 Journal, ulong Sequence, Hash32 Previous, DateTimeOffset Time, bool IsClockBehind, Hash32 Signer);
