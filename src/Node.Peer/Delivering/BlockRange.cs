using System.Diagnostics.CodeAnalysis;
using Node.Protocol.Wire.Ordering;

namespace Node.Peer.Delivering;

/// <summary>The blocks that a seek asks for, both ends included.</summary>
internal readonly record struct BlockRange(ulong First, ulong Last)
{
    /// <summary>Reads start and stop against the height at the time of the request.</summary>
    /// <param name="beyond">True when the range is well formed but starts above the next block.</param>
    public static bool TryFrom(
        SeekInfo seek, ulong height, out BlockRange range, out bool beyond, [NotNullWhen(false)] out string? fault)
    {
        range = default;
        beyond = false;
        fault = null;
        ulong newest = height == 0 ? 0 : height - 1;
        ulong? start = seek.Start?.TypeCase switch
        {
            SeekPosition.TypeOneofCase.Oldest => 0,
            SeekPosition.TypeOneofCase.Newest => newest,
            SeekPosition.TypeOneofCase.Specified => seek.Start.Specified.Number,
            SeekPosition.TypeOneofCase.NextCommit => height,
            _ => null,
        };
        if (start is not { } first)
        {
            fault = "the seek has no start position";
            return false;
        }

        ulong? stop = seek.Stop?.TypeCase switch
        {
            SeekPosition.TypeOneofCase.Oldest => first,
            SeekPosition.TypeOneofCase.Newest => newest,
            SeekPosition.TypeOneofCase.Specified => seek.Stop.Specified.Number,
            SeekPosition.TypeOneofCase.NextCommit => 0,
            _ => null,
        };
        if (stop is not { } last)
        {
            fault = "the seek has no stop position";
            return false;
        }

        beyond = first > height;
        range = new BlockRange(first, last);
        if (last < first)
            fault = $"the seek's stop {last} lies before its start {first}";

        return fault is null;
    }
}
