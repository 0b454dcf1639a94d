namespace NSec.Cryptography;

/// <summary>An algorithm with its sizes. Stateless; any thread.</summary>
public abstract class Algorithm
{
    private protected Algorithm()
    {
    }
}
