using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Merkle;
using Node.Protocol.Wire.Hyperprov;

namespace Node.Client.Following;

/// <summary>
/// Follows the signed commitments of a channel without its blocks: checks every header, configuration and root,
/// compares several peers, and detects when orderers sign two chains.
/// </summary>
/// <remarks>
/// One owner, one call at a time. What it keeps does not grow with the height. Catching up and checking any block, or
/// any two heights, takes as many hashes as the height has digits in base two.
/// </remarks>
public sealed class LightClient
{
    // So often the state is kept while blocks come; a crash in between costs one catching up.
    private const ulong BlocksBetweenSaves = 256;

    private const int AnnouncementsMax = 256;

    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    private readonly LightClientOptions _options;
    private readonly List<ICommitmentSource> _sources;
    private readonly RecentBlocks _recent = new();
    private readonly LightChain _chain;
    private readonly SourceComparison _comparison;

    private LightClient(LightClientOptions options, IEnumerable<ICommitmentSource> sources, LightChain chain)
    {
        _options = options;
        _sources = [.. sources];
        _chain = chain;
        _comparison = new SourceComparison(chain);
        _recent.Add(new ConfigurationBlock { Block = chain.TipMessage });
    }

    public ChannelId Channel => _chain.Channel;

    /// <summary>The newest block that was verified.</summary>
    public LightBlock Tip => LightBlock.Of(_chain.Tip);

    /// <summary>Count of blocks up to the tip.</summary>
    public ulong Height => _chain.Tip.Number + 1;

    /// <summary>Goes on where the state file ends, or begins at the genesis block.</summary>
    /// <param name="peers">The same channel at peers of several organisations; the more, the harder to deceive.</param>
    /// <exception cref="StorageFailedException">The state file cannot be read, or is of another channel.</exception>
    /// <exception cref="CommitmentRefusedException">The peers' genesis block is another one.</exception>
    /// <exception cref="PeerUnreachableException">There is no state file and nobody answers.</exception>
    public static Task<LightClient> OpenAsync(
        LightClientOptions options, IReadOnlyList<Network> peers, CancellationToken cancellation) =>
        OpenAsync(options, [.. peers.Select(peer => peer.Commitments)], cancellation);

    internal static async Task<LightClient> OpenAsync(
        LightClientOptions options, IReadOnlyList<ICommitmentSource> sources, CancellationToken cancellation)
    {
        Invariant.Require(sources.Count > 0, "a light client has somebody to listen to");
        LightChain chain = options.StateFile is { } file && File.Exists(file)
            ? await ReadStateAsync(file, options.GenesisHash, cancellation).ConfigureAwait(false)
            : await StartAsync(sources[0], options.GenesisHash, cancellation).ConfigureAwait(false);
        return new LightClient(options, sources, chain);
    }

    /// <summary>Goes to the newest block that any peer has, and compares all of them.</summary>
    /// <exception cref="ForkDetectedException">Orderers signed two chains; the evidence is written.</exception>
    /// <exception cref="CommitmentRefusedException">No peer is left that tells what orderers signed.</exception>
    /// <exception cref="PeerUnreachableException">No peer answers.</exception>
    /// <exception cref="StorageFailedException">The state or the evidence cannot be written.</exception>
    public async Task<LightBlock> CatchUpAsync(CancellationToken cancellation)
    {
        Exception? last = null;
        int reached = 0;
        foreach (ICommitmentSource source in (ICommitmentSource[])[.. _sources])
        {
            try
            {
                await GuardAsync(
                    source, () => _comparison.AdvanceAsync(source, _sources, cancellation)).ConfigureAwait(false);
                reached++;
            }
            catch (Exception e) when (e is PeerUnreachableException or GatewayException or CommitmentRefusedException)
            {
                last = e;
                Leave(source, e);
                if (e is CommitmentRefusedException)
                    _sources.Remove(source);
            }
        }

        if (reached == 0 && last is not null)
            throw last;

        _recent.Add(new ConfigurationBlock { Block = _chain.TipMessage });
        await SaveAsync(cancellation).ConfigureAwait(false);
        return Tip;
    }

    /// <summary>
    /// Each block after the tip as soon as any peer has it, verified; every other peer must then say the same.
    /// </summary>
    /// <remarks>Catch up first: peers are compared from the tip on, and all blocks after it are gone through.</remarks>
    /// <inheritdoc cref="CatchUpAsync"/>
    public async IAsyncEnumerable<LightBlock> FollowAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var announced = System.Threading.Channels.Channel.CreateBounded<Announcement>(AnnouncementsMax);
        Task[] readers =
            [.. _sources.Select(source => ReadAsync(source, Height, announced.Writer, stop.Token))];
        try
        {
            while (true)
            {
                Announcement next = await announced.Reader.ReadAsync(cancellation).ConfigureAwait(false);
                if (!await TakeAsync(next, cancellation).ConfigureAwait(false))
                    continue;
                if (Height % BlocksBetweenSaves == 0)
                    await SaveAsync(cancellation).ConfigureAwait(false);

                yield return Tip;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(readers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Checks that a block is in the chain that the tip commits to, and tells what it commits to itself.
    /// </summary>
    /// <param name="number">At most the tip's.</param>
    /// <exception cref="CommitmentRefusedException">No peer can show it.</exception>
    /// <exception cref="PeerUnreachableException">No peer answers.</exception>
    public async Task<LightBlock> VerifyBlockAsync(ulong number, CancellationToken cancellation)
    {
        if (number > _chain.Tip.Number)
            throw new ArgumentOutOfRangeException(
                nameof(number), number, $"The light client is at block {_chain.Tip.Number}: catch up first.");

        return LightBlock.Of(await AnyAsync(
            source => _comparison.VerifyAsync(source, number, cancellation)).ConfigureAwait(false));
    }

    /// <summary>Checks that the chain of one height is the beginning of that of another.</summary>
    /// <param name="first">At most <paramref name="second"/>, which is at most the tip's number.</param>
    /// <inheritdoc cref="VerifyBlockAsync"/>
    public async Task VerifyConsistencyAsync(ulong first, ulong second, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        LightBlock one = await VerifyBlockAsync(first, cancellation).ConfigureAwait(false);
        LightBlock other = await VerifyBlockAsync(second, cancellation).ConfigureAwait(false);
        await AnyAsync(async source =>
        {
            Hash32[] path = await source.ConsistencyAsync(first, second, cancellation).ConfigureAwait(false);
            return MerkleProofs.VerifyConsistency(first, one.ChainRoot, second, other.ChainRoot, path)
                ? true
                : throw new CommitmentRefusedException(
                    source.Name, $"the chain of height {second} is not shown to go on from height {first}");
        }).ConfigureAwait(false);
    }

    private static async Task<LightChain> ReadStateAsync(
        string file, Hash32 genesisHash, CancellationToken cancellation)
    {
        try
        {
            byte[] bytes = await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
            return LightChain.TryRead(bytes, genesisHash, out LightChain? chain, out string? fault)
                ? chain
                : throw new StorageFailedException(
                    "read the light client's state", file, $"{fault}; delete it to begin anew at the genesis " +
                    "block", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageFailedException("read the light client's state", file, e.Message, e);
        }
    }

    private static async Task<LightChain> StartAsync(
        ICommitmentSource source, Hash32 genesisHash, CancellationToken cancellation)
    {
        ConfigurationBlock genesis = await source.BlockAsync(number: 0, cancellation).ConfigureAwait(false);
        return LightChain.TryStart(genesis, genesisHash, out LightChain? chain, out string? fault)
            ? chain
            : throw new CommitmentRefusedException(source.Name, fault);
    }

    /// <returns>True when the tip moved.</returns>
    private async Task<bool> TakeAsync(Announcement next, CancellationToken cancellation)
    {
        if (!_sources.Contains(next.Source))
            return false;

        try
        {
            return await GuardAsync(next.Source, async () =>
            {
                bool isNew = next.Block.Block?.Number > _chain.Tip.Number;
                if (isNew)
                    await _comparison.AppendAsync(next.Source, next.Block, cancellation).ConfigureAwait(false);
                else
                    _comparison.Compare(next.Source, next.Block, _recent.Find(next.Block.Block?.Number ?? 0));

                if (isNew)
                    _recent.Add(next.Block);

                return isNew;
            }).ConfigureAwait(false);
        }
        catch (CommitmentRefusedException e)
        {
            Leave(next.Source, e);
            _sources.Remove(next.Source);
            if (_sources.Count == 0)
                throw;

            return false;
        }
    }

    // A source that cannot be reached is tried again for ever: others go on meanwhile.
    private async Task ReadAsync(
        ICommitmentSource source, ulong from, ChannelWriter<Announcement> announced, CancellationToken cancellation)
    {
        ulong next = from;
        bool told = false;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (ConfigurationBlock block in source.FollowAsync(next, cancellation).ConfigureAwait(false))
                {
                    await announced.WriteAsync(new Announcement(source, block), cancellation).ConfigureAwait(false);
                    next++;
                    told = false;
                }
            }
            catch (Exception e) when (e is PeerUnreachableException or GatewayException)
            {
                if (!told)
                    Leave(source, e);

                told = true;
            }

            await Task.Delay(s_retryDelay, _options.Clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<T> GuardAsync<T>(ICommitmentSource source, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (ForkFoundException fork)
        {
            string? file = null;
            if (_options.EvidenceFolder is { } folder)
            {
                FileSync.CreateFolder(folder);
                file = Path.Combine(
                    folder, $"{Channel}-fork-{fork.Evidence.BlockNumber}{ForkEvidence.FileExtension}");
                await DurableFile.ReplaceAsync(file, fork.Evidence.ToBytes(), CancellationToken.None)
                    .ConfigureAwait(false);
            }

            throw new ForkDetectedException(fork.Evidence, file, $"one of them from {source.Name}");
        }
    }

    private async Task<T> AnyAsync<T>(Func<ICommitmentSource, Task<T>> ask)
    {
        Exception? last = null;
        foreach (ICommitmentSource source in _sources)
        {
            try
            {
                return await ask(source).ConfigureAwait(false);
            }
            catch (Exception e) when (e is PeerUnreachableException or GatewayException or CommitmentRefusedException)
            {
                last = e;
            }
        }

        throw last ?? new CommitmentRefusedException("nobody", "no peer is left to ask");
    }

    private void Leave(ICommitmentSource source, Exception why) =>
        _options.Notice?.Invoke($"{source.Name}: {why.Message}");

    private async Task SaveAsync(CancellationToken cancellation)
    {
        if (_options.StateFile is not { } file)
            return;

        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder)
            FileSync.CreateFolder(folder);

        await DurableFile.ReplaceAsync(file, _chain.ToBytes(), cancellation).ConfigureAwait(false);
    }

    private readonly record struct Announcement(ICommitmentSource Source, ConfigurationBlock Block);
}
