using Google.Protobuf;
using Node.Client.Following;
using Node.Client.Receipts;
using Node.Client.Tests.Receipts;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Testing.Blocks;
using Node.Testing.Proofs;
using Node.Testing.Transactions;
using WireEvidence = Node.Protocol.Wire.Hyperprov.ForkEvidence;

namespace Node.Client.Tests.Following;

public sealed class LightClientTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ProofBench _bench = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];

    private string StateFile => Path.Combine(_folder.Path, "light.state");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(201)]
    public async Task Catches_up_by_proofs_and_goes_on_where_it_left(int blocks)
    {
        Grow(blocks);
        var source = new ScriptedSource("peer", _bench.Blocks);
        LightClient client = await OpenAsync(source);
        int before = source.Questions;

        LightBlock tip = await client.CatchUpAsync(CancellationToken.None);

        Assert.Equal(((ulong)blocks, _bench.Blocks[^1].Hash), (tip.Number, tip.Hash));
        Assert.InRange(source.Questions - before, 1, 8);
        Grow(5);
        LightClient again = await OpenAsync(new ScriptedSource("peer", _bench.Blocks));
        Assert.Equal(tip.Number, again.Tip.Number);
        Assert.Equal((ulong)blocks + 5, (await again.CatchUpAsync(CancellationToken.None)).Number);
        Assert.InRange(new FileInfo(StateFile).Length, 1, 10 * 1024);
    }

    [Fact]
    public async Task Follows_blocks_as_they_come_and_checks_any_of_them_afterwards()
    {
        Grow(3);
        var source = new ScriptedSource("peer", _bench.Blocks);
        LightClient client = await OpenAsync(source);
        await client.CatchUpAsync(CancellationToken.None);
        await using IAsyncEnumerator<LightBlock> following =
            client.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        foreach (int _ in Enumerable.Range(0, 20))
        {
            Grow(1);
            source.Add(_bench.Blocks[^1]);
            Assert.True(await following.MoveNextAsync().AsTask().WaitAsync(s_patience));
            Assert.Equal(_bench.Blocks[^1].Hash, following.Current.Hash);
        }

        for (ulong number = 0; number <= client.Tip.Number; number++)
        {
            LightBlock block = await client.VerifyBlockAsync(number, CancellationToken.None);
            Assert.Equal(_bench.Blocks[(int)number].Hash, block.Hash);
            await client.VerifyConsistencyAsync(number / 2, number, CancellationToken.None);
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => client.VerifyBlockAsync(client.Height, CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]    // By proofs, over the change.
    [InlineData(false)]   // Block by block.
    public async Task Follows_a_change_of_the_orderer_set(bool jump)
    {
        using SigningIdentity successor = _bench.Channel.OrdererOrg.Issue("orderer2.example.com", "orderer");
        var source = new ScriptedSource("peer", _bench.Blocks);
        LightClient client = await OpenAsync(source);
        Grow(2);
        _bench.Channel.OrdererOrg.Revoke(_bench.Channel.Orderer);
        _bench.Add(_bench.Chain.NextMembership(_bench.Channel.OrdererOrg, _bench.Channel.OrdererAdmin));
        TestChain old = _bench.Chain.Branch();
        _bench.Chain.Orderer = successor;
        Grow(4);

        foreach (BlockBytes block in _bench.Blocks.Skip(1))
        {
            source.Add(block);
            if (!jump)
                await client.CatchUpAsync(CancellationToken.None);
        }

        LightBlock tip = await client.CatchUpAsync(CancellationToken.None);
        Assert.Equal((7UL, "orderer2.example.com of OrdererMSP"), (tip.Number, Assert.Single(tip.Signers)));

        // Who was replaced signs nothing any more, so what it signs is no fork either.
        var stale = new ScriptedSource("stale", _bench.Blocks.Take(4));
        while (old.Height < 9)
            stale.Add(Decode(old.Next([Tx.Valid(_bench.Channel).ToEnvelope()])));

        LightClient deceived = await OpenAsync(stale);
        await Assert.ThrowsAsync<CommitmentRefusedException>(() => deceived.CatchUpAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(10, 10, 4)]    // Both at one height.
    [InlineData(10, 7, 4)]     // The fork is behind.
    [InlineData(7, 10, 4)]     // The fork is ahead.
    [InlineData(5, 5, 4)]      // It has just begun.
    [InlineData(40, 60, 1)]    // It began at the start.
    public async Task A_fork_is_detected_and_a_third_party_is_convinced(int honest, int forked, int parting)
    {
        (ScriptedSource first, ScriptedSource second) = Part(honest, forked, parting);
        LightClient client = await OpenAsync(first, second);

        ForkDetectedException fork = await Assert.ThrowsAsync<ForkDetectedException>(
            () => client.CatchUpAsync(CancellationToken.None));

        byte[] file = await File.ReadAllBytesAsync(fork.EvidenceFile!);
        Assert.True(ForkEvidence.TryParse(file, out ForkEvidence? evidence, out string? fault), fault);
        Assert.All(evidence.Verify(_bench.GenesisHash), step => Assert.Equal(StepOutcome.Passed, step.Outcome));
        Assert.Equal((ulong)parting, evidence.BlockNumber);
        Assert.Equal(
            "genesis",
            evidence.Verify(Hash32.Of("else"u8)).First(step => step.Outcome == StepOutcome.Failed).Name);
    }

    [Fact]
    public async Task A_fork_with_configurations_of_its_own_is_detected_where_it_began()
    {
        Grow(3);
        TestChain branch = _bench.Chain.Branch();
        var second = new ScriptedSource("second", _bench.Blocks);
        Grow(6);
        second.Add(Decode(branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()])));
        second.Add(Decode(branch.NextMembership(
            _bench.Channel.Org1, _bench.Channel.Admin1, _bench.Channel.Admin2)));
        while (branch.Height < 12)
            second.Add(Decode(branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()])));

        LightClient client = await OpenAsync(new ScriptedSource("first", _bench.Blocks), second);
        ForkDetectedException fork = await Assert.ThrowsAsync<ForkDetectedException>(
            () => client.CatchUpAsync(CancellationToken.None));

        Assert.Equal(4UL, fork.Evidence.BlockNumber);
        Assert.All(fork.Evidence.Verify(_bench.GenesisHash), step => Assert.Equal(StepOutcome.Passed, step.Outcome));
    }

    [Fact]
    public async Task A_fork_that_begins_while_one_follows_is_detected()
    {
        Grow(3);
        var first = new ScriptedSource("first", _bench.Blocks);
        var second = new ScriptedSource("second", _bench.Blocks);
        TestChain branch = _bench.Chain.Branch();
        LightClient client = await OpenAsync(first, second);
        await client.CatchUpAsync(CancellationToken.None);
        await using IAsyncEnumerator<LightBlock> following =
            client.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        Grow(1);
        first.Add(_bench.Blocks[^1]);
        Assert.True(await following.MoveNextAsync().AsTask().WaitAsync(s_patience));

        second.Add(Decode(branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()])));

        await Assert.ThrowsAsync<ForkDetectedException>(() => following.MoveNextAsync().AsTask().WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_block_that_commits_to_another_past_is_evidence_by_itself()
    {
        Grow(4);
        byte[] forked = _bench.Chain.Fork(
            block => TestChain.ChangeCommitment(
                block, commitment => commitment.ChainRoot = ByteString.CopyFrom(Hash32.Of("else"u8).AsSpan())),
            _bench.Channel.Orderer,
            [Tx.Valid(_bench.Channel).ToEnvelope()]);
        var source = new ScriptedSource("peer", _bench.Blocks);
        LightClient client = await OpenAsync(source);
        await client.CatchUpAsync(CancellationToken.None);
        source.Add(Decode(forked));

        ForkDetectedException fork = await Assert.ThrowsAsync<ForkDetectedException>(
            () => client.CatchUpAsync(CancellationToken.None));

        Assert.All(fork.Evidence.Verify(_bench.GenesisHash), step => Assert.Equal(StepOutcome.Passed, step.Outcome));
        Assert.False(fork.Evidence.Message.Frontier.IsEmpty);
    }

    [Fact]
    public async Task A_peer_that_lies_without_keys_is_left_and_the_others_are_followed()
    {
        Grow(4);
        var honest = new ScriptedSource("honest", _bench.Blocks);
        var liar = new ScriptedSource("liar", _bench.Blocks)
        {
            Lie = block =>
            {
                if (block.Block.Number > 0)
                    block.Block.DataHash = ByteString.CopyFrom(Hash32.Of("a lie"u8).AsSpan());

                return block;
            },
        };
        LightClient client = await OpenAsync(honest, liar);

        LightBlock tip = await client.CatchUpAsync(CancellationToken.None);

        Assert.Equal(4UL, tip.Number);
        Assert.StartsWith("liar: ", Assert.Single(_notices), StringComparison.Ordinal);
        LightClient alone = await OpenAsync(liar);
        File.Delete(StateFile);
        Assert.Equal(4UL, alone.Tip.Number);   // From the state file: the liar was not asked.
        await Assert.ThrowsAsync<CommitmentRefusedException>(() => alone.CatchUpAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("the end of time")]
    [InlineData("no hashes")]
    public async Task A_peer_that_says_nonsense_is_left(string nonsense)
    {
        Grow(4);
        var honest = new ScriptedSource("honest", _bench.Blocks);
        var source = new ScriptedSource("mad", _bench.Blocks)
        {
            Lie = block =>
            {
                if (nonsense == "nothing")
                    block.Block = null;
                else if (nonsense == "the end of time")
                    block.Block.Number = ulong.MaxValue;
                else
                    block.Block.DataHash = ByteString.CopyFromUtf8("short");

                return block;
            },
        };
        LightClient client = await OpenAsync(honest, source);

        Assert.Equal(4UL, (await client.CatchUpAsync(CancellationToken.None)).Number);

        Assert.StartsWith("mad: ", Assert.Single(_notices), StringComparison.Ordinal);
        File.Delete(StateFile);
        await Assert.ThrowsAsync<CommitmentRefusedException>(() => OpenAsync(source));
    }

    [Fact]
    public async Task A_peer_that_is_down_is_told_and_the_others_are_followed()
    {
        Grow(2);
        LightClient client = await OpenAsync(
            new ScriptedSource("up", _bench.Blocks), new ScriptedSource("down", _bench.Blocks) { IsDown = true });

        Assert.Equal(2UL, (await client.CatchUpAsync(CancellationToken.None)).Number);

        Assert.Contains("down", Assert.Single(_notices), StringComparison.Ordinal);
        LightClient none = await OpenAsync(new ScriptedSource("down", _bench.Blocks) { IsDown = true });
        await Assert.ThrowsAsync<PeerUnreachableException>(() => none.CatchUpAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_state_file_that_was_changed_is_refused()
    {
        Grow(5);
        var source = new ScriptedSource("peer", _bench.Blocks);
        await (await OpenAsync(source)).CatchUpAsync(CancellationToken.None);
        byte[] state = await File.ReadAllBytesAsync(StateFile);
        foreach (int at in Enumerable.Range(0, state.Length).Where(index => index % 97 == 0))
        {
            state[at] ^= 4;
            await File.WriteAllBytesAsync(StateFile, state);
            await Assert.ThrowsAsync<StorageFailedException>(() => OpenAsync(source));
            state[at] ^= 4;
        }

        await File.WriteAllBytesAsync(StateFile, state);
        using var other = new ProofBench();
        await Assert.ThrowsAsync<StorageFailedException>(() => LightClient.OpenAsync(
            Options() with { GenesisHash = other.GenesisHash }, (ICommitmentSource[])[source], CancellationToken.None));
    }

    [Fact]
    public async Task Evidence_that_is_altered_in_any_field_convinces_nobody()
    {
        (ScriptedSource first, ScriptedSource second) = Part(honest: 6, forked: 6, parting: 4);
        LightClient client = await OpenAsync(first, second);
        WireEvidence honest = (await Assert.ThrowsAsync<ForkDetectedException>(
            () => client.CatchUpAsync(CancellationToken.None))).Evidence.Message;

        var accepted = new List<string>();
        foreach (MessageChange change in MessageLeaves.Changes(honest, stride: 61))
        {
            var evidence = (WireEvidence)change.Message;
            if (ForkEvidence.Of(evidence).Verify(_bench.GenesisHash).All(step => step.Outcome == StepOutcome.Passed))
                accepted.Add(change.Path);
        }

        Assert.Equal([], accepted);
        WireEvidence same = honest.Clone();
        same.Second = same.First.Clone();
        Assert.Equal("contradiction", Culprit(same));
        same.Second = ProofBench.SignedBlockOf(_bench.Blocks[5]);
        Assert.Equal("contradiction", Culprit(same));   // It follows the first.
        same.Frontier = ByteString.CopyFrom(FrontierBefore(4).ToBytes());
        Assert.Equal("contradiction", Culprit(same));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _bench.Dispose();
    }

    private string? Culprit(WireEvidence evidence) => ForkEvidence.Of(evidence).Verify(_bench.GenesisHash)
        .FirstOrDefault(step => step.Outcome == StepOutcome.Failed)?.Name;

    private Protocol.Merkle.MerkleFrontier FrontierBefore(int number) => _bench.Blocks.Take(number).Aggregate(
        Protocol.Merkle.MerkleFrontier.Empty,
        (tree, block) => tree.Append(Protocol.Merkle.BlockCommitments.ChainLeaf(
            block.HeaderBytes.Span, block.ComputeTransactionsRoot())));

    // Both chains have the same blocks below the number at which they part.
    private (ScriptedSource First, ScriptedSource Second) Part(int honest, int forked, int parting)
    {
        Grow(parting - 1);
        TestChain branch = _bench.Chain.Branch();
        var second = new ScriptedSource("second", _bench.Blocks);
        Grow(honest - parting + 1);
        while ((int)branch.Height <= forked)
            second.Add(Decode(branch.Next([Tx.Valid(_bench.Channel).ToEnvelope()])));

        return (new ScriptedSource("first", _bench.Blocks), second);
    }

    private void Grow(int blocks)
    {
        for (int block = 0; block < blocks; block++)
            _bench.AddTransactions(Tx.Valid(_bench.Channel));
    }

    private static BlockBytes Decode(byte[] bytes) =>
        BlockBytes.TryDecode(bytes, out BlockBytes? block, out string? fault)
            ? block
            : throw new InvalidOperationException(fault);

    private LightClientOptions Options() => new()
    {
        GenesisHash = _bench.GenesisHash,
        StateFile = StateFile,
        EvidenceFolder = _folder.Path,
        Notice = notice =>
        {
            lock (_notices)
                _notices.Add(notice);
        },
    };

    private Task<LightClient> OpenAsync(params ICommitmentSource[] sources) =>
        LightClient.OpenAsync(Options(), sources, CancellationToken.None);
}
