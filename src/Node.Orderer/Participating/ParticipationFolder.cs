using System.Globalization;
using Node.Ledger.Storage;
using Node.Protocol;

namespace Node.Orderer.Participating;

/// <summary>What an orderer keeps on disk about the channels that it joined and left while it ran.</summary>
/// <remarks>
/// Layout (docs/formats.md, "Orderer's folder"): <c>channels/CHANNEL/</c> the store; <c>participation/CHANNEL.block</c>
/// the block it was joined with; <c>participation/CHANNEL.removed</c> the height it had when it was removed, as decimal
/// digits. A mark of removal outweighs everything else: what it names is deleted, at the latest at the next start, and
/// not served again until it is joined again. Every file is written beside its place, synced, and renamed.
/// </remarks>
internal sealed class ParticipationFolder(string dataFolder)
{
    private const string BlockEnding = ".block";
    private const string RemovedEnding = ".removed";

    private string Root => Path.Combine(dataFolder, "participation");

    public string StoreOf(ChannelId channel) => Path.Combine(dataFolder, "channels", channel.Value);

    public string OnboardingOf(ChannelId channel) => Path.Combine(dataFolder, "onboarding", channel.Value);

    /// <summary>The blocks of the channels joined and not removed since.</summary>
    /// <exception cref="StorageFailedException">The folder cannot be read.</exception>
    public IReadOnlyList<(string File, byte[] Block)> ReadJoined() => OnDisk<IReadOnlyList<(string, byte[])>>(
        "read",
        () => Directory.Exists(Root)
            ? [.. Directory.GetFiles(Root, "*" + BlockEnding)
                .Where(file => !File.Exists(Path.ChangeExtension(file, RemovedEnding)))
                .Order(StringComparer.Ordinal)
                .Select(file => (file, File.ReadAllBytes(file)))]
            : []);

    /// <summary>How many blocks a removed channel had; null when it was not removed.</summary>
    public ulong? HeightWhenRemoved(ChannelId channel) => OnDisk<ulong?>("read", () =>
    {
        string file = FileOf(channel, RemovedEnding);
        if (!File.Exists(file))
            return null;

        return ulong.TryParse(
            File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong height)
            ? height
            : 0;
    });

    /// <summary>Durable when it returns: the channel is served again after a restart.</summary>
    public void KeepJoined(ChannelId channel, ReadOnlyMemory<byte> block) => OnDisk("join", () =>
    {
        WholeFile.Replace(FileOf(channel, BlockEnding), block.Span);

        // Behind the block: cut short in between, the channel counts as removed, and nobody was told otherwise.
        File.Delete(FileOf(channel, RemovedEnding));
    });

    /// <summary>Durable when it returns: what is left of the channel is deleted, now or at the next start.</summary>
    public void MarkRemoved(ChannelId channel, ulong height) => OnDisk("remove", () => WholeFile.Replace(
        FileOf(channel, RemovedEnding), System.Text.Encoding.ASCII.GetBytes(
            height.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Deletes what a removed channel left. May be repeated.</summary>
    public void DeleteData(ChannelId channel) => OnDisk("delete", () =>
    {
        foreach (string folder in (string[])[StoreOf(channel), OnboardingOf(channel)])
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        File.Delete(FileOf(channel, BlockEnding));
    });

    /// <summary>Deletes what a removal that was cut short has left of a channel that is to be joined again.</summary>
    public void DeleteDataIfRemoved(ChannelId channel)
    {
        if (HeightWhenRemoved(channel) is not null)
            DeleteData(channel);
    }

    /// <summary>Finishes removals that were cut short.</summary>
    public void FinishRemovals() => OnDisk("delete", () =>
    {
        if (!Directory.Exists(Root))
            return;

        foreach (string file in Directory.GetFiles(Root, "*" + RemovedEnding))
        {
            if (ChannelId.TryParse(Path.GetFileNameWithoutExtension(file), out ChannelId channel, out _))
                DeleteData(channel);
        }
    });

    private string FileOf(ChannelId channel, string ending) => Path.Combine(Root, channel.Value + ending);

    private void OnDisk(string operation, Action act) => OnDisk<object?>(operation, () =>
    {
        act();
        return null;
    });

    private T OnDisk<T>(string operation, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException(operation, Root, failure.Message, failure);
        }
    }
}
