using Google.Protobuf;
using Node.Membership;
using Node.Peer.Committing;
using Node.Peer.Tests.Validating;
using Node.Peer.Validating;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Peer.Tests.Committing;

public sealed class CommitPipelineTests(TestChannelFixture fixture) : IClassFixture<TestChannelFixture>
{
    private readonly TestChannel _channel = fixture.Channel;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 5)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Verifying_on_all_cores_finds_what_one_thread_finds(int seed)
    {
        var dice = new Random(seed);
        var chain = new TestChain(_channel);
        byte[][] envelopes = [.. Enumerable.Range(0, 200).Select(_ => AnyTransaction(dice).ToEnvelope())];
        Assert.True(BlockBytes.TryDecode(chain.Next(envelopes), out BlockBytes? block, out _));
        var verifier = new TransactionVerifier(_channel.Id, self: null, new OwnSignatures());
        var inFlight = new BlockInFlight(block, owner: null, verifier, fixture.Config, TimeProvider.System);

        inFlight.Start();
        await inFlight.Verified.WaitAsync(TimeSpan.FromSeconds(30));

        for (int index = 0; index < envelopes.Length; index++)
        {
            VerifiedTransaction alone = verifier.Verify(envelopes[index], fixture.Config);
            VerifiedTransaction together = inFlight.Transactions[index];
            Assert.Equal(alone.Code, together.Code);
            Assert.Equal(alone.ReachedDuplicateCheck, together.ReachedDuplicateCheck);
            Assert.Equal(Names(alone), Names(together));
        }

        static IEnumerable<string> Names(VerifiedTransaction of) =>
            of.Endorsers.Select(endorser => endorser.ToString());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Peers_that_get_the_same_blocks_in_another_rhythm_have_the_same_commit_hash(int seed)
    {
        var dice = new Random(seed);
        (TestPeer slow, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = slow;
        await using var fast = new TestPeer(_channel, chain);
        Assert.True(slow.Ledger.TryReadBlock(1, out byte[]? definition));
        byte[][] blocks = [definition, .. Enumerable.Range(0, 12).Select(_ => AnyBlock(chain, dice))];

        for (int index = 1; index < blocks.Length; index++)
        {
            Assert.Null(await slow.AcceptAsync(blocks[index]));
            await slow.HeightAsync((ulong)index + 2);
        }

        foreach (byte[] block in blocks)
            Assert.Null(await fast.AcceptAsync(block));

        await fast.HeightAsync(chain.Height);
        await slow.HeightAsync(chain.Height);
        Assert.Equal(slow.Ledger.Tip.CommitHash, fast.Ledger.Tip.CommitHash);
        Assert.Equal(slow.Ledger.Tip.LastBlockHash, fast.Ledger.Tip.LastBlockHash);
    }

    [Fact]
    public async Task A_refused_block_changes_nothing_and_the_right_one_is_still_taken()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        byte[] envelope = Tx.Valid(_channel).Writing("k", "v").ToEnvelope();
        byte[] forked = chain.Fork(
            block => block.Header.PreviousHash = ByteString.CopyFrom(new byte[32]), _channel.Orderer, envelope);
        byte[] unsigned = chain.Fork(change: null, TestChannelFixture.Impostor, envelope);
        byte[] right = chain.Next(envelope);
        byte[] ahead = chain.Next(Tx.Valid(_channel).ToEnvelope());

        foreach (byte[] wrong in (byte[][])[forked, unsigned, ahead, [], [0xff], right[..^1]])
        {
            BlockRejection? rejection = await peer.AcceptAsync(wrong);
            Assert.Equal((2ul, true), (rejection?.Number, rejection?.SenderAtFault));
        }

        Assert.Equal(2ul, peer.Ledger.Height);
        Assert.Null(await peer.AcceptAsync(right));
        Assert.Null(await peer.AcceptAsync(ahead));
        await peer.HeightAsync(4);
    }

    [Fact]
    public async Task A_block_whose_roots_do_not_fit_its_chain_is_refused_as_a_fork_by_its_sender()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        peer.Pipeline.Sender = "localhost:7050";

        // The orderer itself signed a chain root that is not the chain's.
        byte[] lying = chain.Fork(
            block => TestChain.ChangeCommitment(block, roots => roots.ChainRoot = ByteString.CopyFrom(new byte[32])),
            _channel.Orderer,
            Tx.Valid(_channel).ToEnvelope());

        BlockRejection? rejection = await peer.AcceptAsync(lying);

        Assert.True(rejection is { SenderAtFault: true, IsFork: true, Sender: "localhost:7050", Number: 2 });
        Assert.Contains("forked", rejection.Reason, StringComparison.Ordinal);
        Assert.Null(await peer.AcceptAsync(chain.Next(Tx.Valid(_channel).ToEnvelope())));
        await peer.HeightAsync(3);
    }

    [Fact]
    public async Task A_block_that_names_another_configuration_as_the_newest_is_refused()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;

        byte[] lying = chain.Fork(
            block => TestChain.ChangeValue(block, value => value.LastConfig.Index = 1),
            _channel.Orderer,
            Tx.Valid(_channel).ToEnvelope());

        BlockRejection? rejection = await peer.AcceptAsync(lying);

        Assert.True(rejection is { SenderAtFault: true, IsFork: false });
        Assert.Contains("block 1 as the newest configuration", rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_cannot_be_committed_is_let_go_with_all_behind_it_and_its_sender_named()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        peer.Pipeline.Sender = "localhost:7050";

        // A configuration travels alone; that is found out when its turn comes.
        byte[] config = chain.Branch().NextMembership(_channel.Org1, _channel.Admin1);
        byte[] envelope = Block.Parser.ParseFrom(config).Data.Data[0].ToByteArray();
        TestChain branch = chain.Branch();
        byte[] lying = branch.Next(Tx.Valid(_channel).ToEnvelope(), envelope);
        byte[] behind = branch.Next(Tx.Valid(_channel).ToEnvelope());
        byte[] right = chain.Next(Tx.Valid(_channel).ToEnvelope());
        Task restarting = TestPeer.CancellationOf(peer.Pipeline.Restarting);
        Assert.Null(await peer.AcceptAsync(lying));
        await restarting;

        BlockRejection? rejection = await peer.AcceptAsync(behind);

        Assert.True(rejection is { SenderAtFault: true, Sender: "localhost:7050", Number: 2 });
        Assert.Equal(2ul, peer.Ledger.Height);
        Assert.Equal(2ul, await peer.Pipeline.NextNumberAsync(CancellationToken.None));
        Assert.Null(await peer.AcceptAsync(right));
        await peer.HeightAsync(3);
    }

    [Fact]
    public async Task A_configuration_is_in_force_for_the_very_next_block()
    {
        using var channel = new TestChannel();
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(channel);
        await using TestPeer _ = peer;
        byte[] before = chain.Next(Tx.Valid(channel).Writing("k", "1").ToEnvelope());
        channel.Org1.Revoke(channel.Client1);
        byte[] revocation = Revocation(chain, channel);
        byte[] after = chain.Next(
            Tx.Valid(channel).Writing("k", "2").ToEnvelope(),
            Tx.Valid(channel).CreatedBy(channel.Client2).Writing("k", "3").ToEnvelope());

        // All at once: only waiting for the configuration block makes the codes right.
        Assert.Null(await peer.AcceptAsync(before));
        Assert.Null(await peer.AcceptAsync(revocation));
        Assert.Null(await peer.AcceptAsync(after));
        await peer.HeightAsync(5);

        Assert.Equal([TxValidationCode.Valid], peer.CodesOf(2));
        Assert.Equal([TxValidationCode.Valid], peer.CodesOf(3));
        Assert.Equal([TxValidationCode.BadCreatorSignature, TxValidationCode.Valid], peer.CodesOf(4));
        Assert.Equal(1ul, peer.Channel.Config.Sequence);
        Assert.Equal(3ul, peer.Ledger.Tip.LastConfigBlock);
    }

    [Fact]
    public async Task Those_who_were_revoked_are_refused_from_the_same_block_on_by_every_peer()
    {
        using var channel = new TestChannel();
        var chain = new TestChain(channel);
        List<byte[]> blocks =
        [
            chain.Next(Definitions.Define(channel, "hyperprov", "AND('Org1MSP.peer', 'Org2MSP.peer')").ToEnvelope()),
            chain.Next(Tx.Valid(channel).Writing("before", "1").ToEnvelope()),
        ];
        using SigningIdentity another = channel.Org1.Issue("peer1.org1.example.com", "peer");
        byte[] byClient = Tx.Valid(channel).Writing("k", "2").ToEnvelope();
        byte[] byPeer = Tx.Valid(channel).CreatedBy(channel.Client2).Writing("k", "3").ToEnvelope();
        byte[] byOthers = Tx.Valid(channel).CreatedBy(channel.Client2).Writing("k", "4")
            .EndorsedBy(another, channel.Peer2).ToEnvelope();
        channel.Org1.Revoke(channel.Client1);
        channel.Org1.Revoke(channel.Peer1);
        blocks.Add(Revocation(chain, channel));
        blocks.Add(chain.Next(byClient, byPeer, byOthers));

        // One gets them all at once, the other one by one, as one that catches up and one that follows.
        await using var behind = new TestPeer(channel, chain);
        await using var following = new TestPeer(channel, chain);
        foreach (byte[] block in blocks)
            Assert.Null(await behind.AcceptAsync(block));

        for (int number = 0; number < blocks.Count; number++)
        {
            Assert.Null(await following.AcceptAsync(blocks[number]));
            await following.HeightAsync((ulong)number + 2);
        }

        await behind.HeightAsync(5);
        TxValidationCode[] refused =
            [TxValidationCode.BadCreatorSignature, TxValidationCode.EndorsementPolicyFailure, TxValidationCode.Valid];
        Assert.Equal([TxValidationCode.Valid], behind.CodesOf(2));
        Assert.Equal(refused, behind.CodesOf(4));
        Assert.Equal(refused, following.CodesOf(4));
        Assert.Equal(following.Ledger.Tip.CommitHash, behind.Ledger.Tip.CommitHash);
    }

    [Fact]
    public async Task A_configuration_that_nobody_signed_for_is_never_committed()
    {
        using var channel = new TestChannel();
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(channel);
        await using TestPeer _ = peer;
        channel.Org1.Revoke(channel.Client1);
        byte[] revocation = Revocation(chain, channel, channel.Client2);

        Task restarting = TestPeer.CancellationOf(peer.Pipeline.Restarting);
        Assert.Null(await peer.AcceptAsync(revocation));
        await restarting;
        Assert.NotNull(await peer.AcceptAsync(chain.Next(Tx.Valid(channel).ToEnvelope())));

        Assert.Equal(2ul, peer.Ledger.Height);
        Assert.Equal(0ul, peer.Channel.Config.Sequence);
    }

    [Fact]
    public async Task Definitions_and_key_policies_are_in_force_for_the_very_next_block()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        byte[][] blocks =
        [
            chain.Next(Tx.Valid(_channel).Calling("new").ToEnvelope()),
            chain.Next(Definitions.Define(_channel, "new", "OR('Org1MSP.peer')").ToEnvelope()),
            chain.Next(Tx.Valid(_channel).Calling("new").Writing("k", "1").EndorsedBy(_channel.Peer1).ToEnvelope()),
            chain.Next(Tx.Valid(_channel).Calling("new").SettingKeyPolicy("k", "OR('Org2MSP.peer')").ToEnvelope()),
            chain.Next(Tx.Valid(_channel).Calling("new").Writing("k", "2").EndorsedBy(_channel.Peer1).ToEnvelope()),
            chain.Next(Tx.Valid(_channel).Calling("new").Deleting("k").EndorsedBy(_channel.Peer2).ToEnvelope()),
            chain.Next(Tx.Valid(_channel).Calling("new").Writing("k", "3").EndorsedBy(_channel.Peer1).ToEnvelope()),
        ];

        foreach (byte[] block in blocks)
            Assert.Null(await peer.AcceptAsync(block));

        await peer.HeightAsync(chain.Height);
        Assert.Equal(
            [
                TxValidationCode.InvalidChaincode,
                TxValidationCode.Valid, TxValidationCode.Valid, TxValidationCode.Valid,
                TxValidationCode.EndorsementPolicyFailure, TxValidationCode.Valid, TxValidationCode.Valid,
            ],
            Enumerable.Range(2, blocks.Length).SelectMany(number => peer.CodesOf((ulong)number)));
    }

    [Fact]
    public async Task Committed_blocks_carry_codes_and_commit_hash_and_events_are_at_hand()
    {
        (TestPeer peer, TestChain chain) = await TestPeer.WithContractAsync(_channel);
        await using TestPeer _ = peer;
        Tx tx = Tx.Valid(_channel).Emitting("stored", "payload");

        await peer.CommitAsync(chain, tx.ToEnvelope(), Tx.Valid(_channel).EndorsedBy().ToEnvelope());

        Assert.True(peer.Channel.Commits.TryFindRecent(2, out CommittedBlock? committed));
        Block block = Block.Parser.ParseFrom(committed.Bytes.Span);
        Assert.Equal([(byte)0, (byte)10], block.Metadata.Metadata[2].ToByteArray());
        Assert.Equal(
            peer.Ledger.Tip.CommitHash?.ToArray(),
            Metadata.Parser.ParseFrom(block.Metadata.Metadata[4]).Value.ToByteArray());
        var contractEvent = ChaincodeEvent.Parser.ParseFrom(committed.Transactions[0].Event.Span);
        Assert.Equal(("stored", tx.Id.Value), (contractEvent.EventName, contractEvent.TxId));
        Assert.Equal(tx.Id, committed.Transactions[0].Id);
        Assert.True(committed.Transactions[1].Event.IsEmpty);
    }

    private static byte[] Revocation(TestChain chain, TestChannel channel, params SigningIdentity[] signers) =>
        chain.NextMembership(channel.Org1, signers.Length > 0 ? signers : [channel.Admin1, channel.Admin2]);

    private byte[] AnyBlock(TestChain chain, Random dice)
    {
        if (dice.Next(6) == 0)
        {
            string gate = dice.Next(2) == 0 ? "OR" : "AND";
            return chain.Next(Definitions.Define(
                _channel, "hyperprov", $"{gate}('Org1MSP.peer', 'Org2MSP.peer')").ToEnvelope());
        }

        return chain.Next([.. Enumerable.Range(0, 1 + dice.Next(20)).Select(_ => AnyTransaction(dice).ToEnvelope())]);
    }

    private Tx AnyTransaction(Random dice)
    {
        string key = $"k{dice.Next(10)}";
        Tx tx = Tx.Valid(_channel);
        return dice.Next(12) switch
        {
            0 => tx.Writing(key, "v").EndorsedBy(_channel.Peer1),
            1 => tx.Writing(key, "v").EndorsedBy(_channel.Peer2, _channel.Peer2),
            2 => tx.Reading(key, ((ulong)dice.Next(5), (ulong)dice.Next(3))).Writing(key, "w"),
            3 => tx.Writing(key, "x").SettingKeyPolicy(key, "OR('Org1MSP.peer')"),
            4 => tx.Deleting(key).EndorsedBy(_channel.Peer1),
            5 => tx.ChangingAction(action => action.ChaincodeId.Version = ""),
            6 => tx.ChangingEnvelope(envelope => envelope.Signature = ByteString.CopyFromUtf8("none")),
            7 => tx.ReadingRange("k0", "k9").Writing(key, "r"),
            _ => tx.Writing(key, $"value {dice.Next()}"),
        };
    }
}
