using System.Diagnostics;
using System.Security.Cryptography;

namespace Node.LoadGen;

/// <summary>What signatures alone would allow on this machine, measured in this run, before load starts.</summary>
/// <param name="SignsPerSecond">ECDSA P-256 over a 32-byte hash, one core, key object kept.</param>
/// <param name="VerifiesPerSecond">The same, for verification.</param>
internal sealed record CryptoLimit(double SignsPerSecond, double VerifiesPerSecond)
{
    private static readonly TimeSpan s_span = TimeSpan.FromMilliseconds(700);

    public static CryptoLimit Measure()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] hash = SHA256.HashData("measure"u8);
        byte[] signature = key.SignHash(hash);
        return new CryptoLimit(
            Rate(() => key.SignHash(hash)),
            Rate(() => key.VerifyHash(hash, signature)));
    }

    /// <summary>Transactions per second if every core did nothing but their signatures.</summary>
    public double TransactionsPerSecond(int verifications, int signatures)
    {
        double seconds = verifications / VerifiesPerSecond + signatures / SignsPerSecond;
        return Environment.ProcessorCount / seconds;
    }

    private static double Rate(Action operation)
    {
        for (int i = 0; i < 200; i++)
            operation();

        int done = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_span)
        {
            for (int i = 0; i < 50; i++)
                operation();

            done += 50;
        }

        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
