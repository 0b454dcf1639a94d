using Node.Protocol.Canonical;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// Finds where the chains of two sources part, in as many questions as the height has digits in base two.
/// </summary>
internal static class ForkSearch
{
    /// <summary>
    /// The first block on which both differ: before it they share their configurations, so both can be judged by the
    /// same rules.
    /// </summary>
    /// <param name="differing">A number at which both sources differ.</param>
    public static async Task<(ConfigurationBlock First, ConfigurationBlock Second)> FirstDifferenceAsync(
        ICommitmentSource one, ICommitmentSource other, ulong differing, CancellationToken cancellation)
    {
        ulong same = 0;
        while (differing - same > 1)
        {
            ulong middle = same + ((differing - same) / 2);
            (ConfigurationBlock first, ConfigurationBlock second) =
                await PairAsync(one, other, middle, cancellation).ConfigureAwait(false);
            if (IsSame(first, second))
                same = middle;
            else
                differing = middle;
        }

        return await PairAsync(one, other, differing, cancellation).ConfigureAwait(false);
    }

    /// <summary>Equal headers name equal blocks before them; equal values commit to equal roots.</summary>
    public static bool IsSame(ConfigurationBlock first, ConfigurationBlock second) =>
        first.Block is not null
        && second.Block is not null
        && BlockHashOf(first.Block).SequenceEqual(BlockHashOf(second.Block))
        && first.Block.Value.Equals(second.Block.Value);

    private static byte[] BlockHashOf(SignedBlock header)
    {
        bool readable = header.PreviousHash.Length <= Protocol.Hash32.Bytes
            && header.DataHash.Length <= Protocol.Hash32.Bytes;
        return readable
            ? BlockHash.Of(header.Number, header.PreviousHash.Span, header.DataHash.Span).ToArray()
            : [];
    }

    private static async Task<(ConfigurationBlock First, ConfigurationBlock Second)> PairAsync(
        ICommitmentSource one, ICommitmentSource other, ulong number, CancellationToken cancellation)
    {
        Task<ConfigurationBlock> first = one.BlockAsync(number, cancellation);
        Task<ConfigurationBlock> second = other.BlockAsync(number, cancellation);
        return (await first.ConfigureAwait(false), await second.ConfigureAwait(false));
    }
}
