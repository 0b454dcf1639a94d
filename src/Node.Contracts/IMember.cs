namespace Node.Contracts;

/// <summary>A member of the channel whose certificate travelled in an argument.</summary>
/// <remarks>Lives for one simulation, on its thread. Equal certificates answer alike on every peer.</remarks>
public interface IMember
{
    ClientIdentity Identity { get; }

    DateTimeOffset NotBefore { get; }

    DateTimeOffset NotAfter { get; }

    /// <summary>Checks a signature by the certificate's key over a message, as those of transactions are.</summary>
    bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
