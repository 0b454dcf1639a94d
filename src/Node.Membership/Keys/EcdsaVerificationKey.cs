using System.Security.Cryptography;
using Node.Membership.Certificates;
using Node.Membership.Keys.Tables;

namespace Node.Membership.Keys;

/// <inheritdoc cref="VerificationKey"/>
/// <remarks>
/// A key that is used often gets a <see cref="KeyTable"/>. What that finds right is right; what it does not is looked
/// at by the framework too, so that it can never refuse what another peer takes.
/// </remarks>
internal sealed class EcdsaVerificationKey : VerificationKey, IThreadPoolWorkItem
{
    /// <summary>Good signatures after which a table pays.</summary>
    internal const int ChecksBeforeTable = 512;

    private readonly EcCurve _curve;
    private readonly ReadyPool<ECDsa> _keys;
    private int _checks;
    private volatile KeyTable? _table;

    private EcdsaVerificationKey(EcCurve curve, byte[] subjectPublicKeyInfo)
    {
        _curve = curve;
        _keys = new ReadyPool<ECDsa>(() => Import(subjectPublicKeyInfo));
    }

    public override EcCurve? Curve => _curve;

    public override bool IsForIdentities => true;

    internal bool HasTable => _table is not null;

    /// <summary>Null when the key is no point of its curve.</summary>
    public static EcdsaVerificationKey? TryImport(SubjectKey key)
    {
        if (key.Curve is not { } curve)
            return null;

        var imported = new EcdsaVerificationKey(curve, key.SubjectPublicKeyInfo.ToArray());
        try
        {
            imported._keys.Return(imported._keys.Rent());
            return imported;
        }
        catch (CryptographicException)
        {
            // The engine alone knows whether the point is on the curve, and says so in this way.
            return null;
        }
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedSize = stackalloc byte[EcCurve.FixedBytesMax];
        int bytes = EcdsaSignature.ReadLowS(signature, _curve, fixedSize);
        if (bytes == 0)
            return false;

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        if (_table is { } table && table.IsSignature(digest, fixedSize[..bytes]))
            return true;

        bool isValid = VerifyDigest(digest, fixedSize[..bytes]);
        if (isValid)
            CountCheck();

        return isValid;
    }

    /// <summary>Makes the table, beside those who go on without.</summary>
    public void Execute()
    {
        try
        {
            ECDsa key = _keys.Rent();
            if (KeyTable.TryMake(key.ExportParameters(includePrivateParameters: false), out KeyTable? table))
                _table = table;

            _keys.Return(key);
        }
        catch (CryptographicException)
        {
            // It costs time that there is no table, nothing else.
        }
    }

    public override bool VerifyIssued(
        SignatureScheme scheme, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        Span<byte> fixedSize = stackalloc byte[EcCurve.FixedBytesMax];
        int bytes = EcdsaSignature.ReadAnyS(signature, _curve, fixedSize);
        bool isEcdsa = scheme
            is SignatureScheme.EcdsaSha256 or SignatureScheme.EcdsaSha384 or SignatureScheme.EcdsaSha512;
        if (bytes == 0 || !isEcdsa)
            return false;

        byte[] digest = CryptographicOperations.HashData(SignatureSchemes.DigestOf(scheme), signed);
        return VerifyDigest(digest, fixedSize[..bytes]);
    }

    private void CountCheck()
    {
        if (_curve == EcCurve.P256 && Interlocked.Increment(ref _checks) == ChecksBeforeTable && KeyTable.HasRoom)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> fixedSize)
    {
        ECDsa key = _keys.Rent();
        bool valid = key.VerifyHash(digest, fixedSize, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _keys.Return(key);
        return valid;
    }

    private static ECDsa Import(byte[] subjectPublicKeyInfo)
    {
        ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key;
    }
}
