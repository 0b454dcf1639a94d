using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Ordering;

namespace Node.Protocol.Seeking;

/// <summary>
/// Which blocks a follower asked for, both ends inclusive. A stop far beyond the height means for ever.
/// </summary>
public readonly record struct SeekRange(ulong Start, ulong Stop)
{
    /// <summary>Resolves the two positions against the height of this moment (fabric-wire B13).</summary>
    /// <param name="height">At least 1: a channel has its genesis block.</param>
    /// <param name="why">For logs.</param>
    /// <returns>Null when the range is good, else what to answer.</returns>
    public static Status? Resolve(SeekInfo seek, ulong height, out SeekRange range, out string why)
    {
        range = default;
        if (!TryStart(seek.Start, height, out ulong start) || !TryStop(seek.Stop, start, height, out ulong stop))
        {
            why = "a seek needs a start and a stop";
            return Status.BadRequest;
        }

        why = $"from {start} to {stop} at height {height}";
        if (start > height)
            return Status.NotFound;
        if (stop < start)
            return Status.BadRequest;

        range = new SeekRange(start, stop);
        return null;
    }

    private static bool TryStart([NotNullWhen(true)] SeekPosition? position, ulong height, out ulong number)
    {
        number = position?.TypeCase switch
        {
            SeekPosition.TypeOneofCase.Newest => height - 1,
            SeekPosition.TypeOneofCase.Specified => position.Specified.Number,
            SeekPosition.TypeOneofCase.NextCommit => height,
            _ => 0,
        };
        return position is not null && position.TypeCase != SeekPosition.TypeOneofCase.None;
    }

    private static bool TryStop([NotNullWhen(true)] SeekPosition? position, ulong start, ulong height, out ulong number)
    {
        number = position?.TypeCase switch
        {
            SeekPosition.TypeOneofCase.Newest => Math.Max(height - 1, start),
            SeekPosition.TypeOneofCase.Oldest => start,
            SeekPosition.TypeOneofCase.Specified => position.Specified.Number,
            _ => 0,   // A stop at the next commit has no meaning in Fabric either.
        };
        return position is not null && position.TypeCase != SeekPosition.TypeOneofCase.None;
    }
}
