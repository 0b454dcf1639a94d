using Google.Protobuf;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Endorsing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Time;

namespace Node.Peer.Tests.Endorsing;

/// <summary>
/// Two peers of two organisations on one channel, where the contract hyperprov is approved and committed through
/// <c>_lifecycle</c>. Everything is real but the orderer, whose place a <see cref="TestChain"/> takes.
/// </summary>
public sealed class EndorsingNetwork : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hyperprov-endorsing-").FullName;
    private TestChain? _chain;
    private TestPeer? _peer1;
    private TestPeer? _peer2;

    public static DateTimeOffset Now { get; } = TestIssuer.Epoch.AddDays(30);

    public TestChannel Channel { get; } = new();

    internal ManualClock Clock { get; } = new(Now);

    internal TestPeer Peer1 => _peer1!;   // Set before any test runs.

    internal TestPeer Peer2 => _peer2!;

    public async Task InitializeAsync()
    {
        _chain = new TestChain(Channel);
        string genesis = Path.Combine(_folder, "genesis.block");
        await File.WriteAllBytesAsync(genesis, _chain.Genesis);
        _peer1 = new TestPeer(Channel.Peer1, Channel.Org1, Path.Combine(_folder, "peer1"), genesis, Clock);
        _peer2 = new TestPeer(Channel.Peer2, Channel.Org2, Path.Combine(_folder, "peer2"), genesis, Clock);

        var approval = new ApproveChaincodeDefinitionForMyOrgArgs { Name = "hyperprov", Version = "1.0", Sequence = 1 };
        var definition = new CommitChaincodeDefinitionArgs { Name = "hyperprov", Version = "1.0", Sequence = 1 };
        await SubmitAsync(Lifecycle(Channel.Admin1, "ApproveChaincodeDefinitionForMyOrg", approval), Peer1);
        await SubmitAsync(Lifecycle(Channel.Admin2, "ApproveChaincodeDefinitionForMyOrg", approval), Peer2);
        await SubmitAsync(Lifecycle(Channel.Admin1, "CommitChaincodeDefinition", definition), Peer1, Peer2);
    }

    public async Task DisposeAsync()
    {
        await Peer1.DisposeAsync();
        await Peer2.DisposeAsync();
        Channel.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal ProposalBuilder Proposal(string function, params string[] arguments) =>
        new(Channel.Client1, Clock.GetUtcNow(), function, arguments);

    internal ProposalBuilder Lifecycle(SigningIdentity creator, string function, IMessage args) =>
        new(creator, Clock.GetUtcNow(), function) { Contract = "_lifecycle", RawArguments = [args.ToByteArray()] };

    /// <summary>The answer of the first peer, which must be one.</summary>
    internal ProposalResponse Endorse(ProposalBuilder proposal) => Answer(Peer1, proposal.Build());

    /// <summary>The payload of a call that must succeed.</summary>
    internal byte[] Evaluate(ProposalBuilder proposal)
    {
        EndorseOutcome outcome = Peer1.Evaluate(proposal.Build());
        Assert.NotNull(outcome.Response);
        Assert.Equal((200, ""), (outcome.Response.Response.Status, outcome.Response.Response.Message));
        return outcome.Response.Response.Payload.ToByteArray();
    }

    /// <summary>Records a key and returns its transaction, which must become valid.</summary>
    internal async Task<TxId> SetAsync(string key, string hash, params TxId[] parents)
    {
        ProposalBuilder proposal = Proposal("set", key, hash, "file://s", "p", "", string.Join(':', parents));
        await SubmitAsync(proposal, Peer1, Peer2);
        return proposal.TxId;
    }

    /// <summary>Endorses, orders and commits in a block of its own. The transaction must become valid.</summary>
    internal async Task SubmitAsync(ProposalBuilder proposal, params TestPeer[] endorsers)
    {
        SignedProposal signed = proposal.Build();
        await OrderAsync(Envelope(signed, endorsers));
        foreach (TestPeer peer in (TestPeer[])[Peer1, Peer2])
        {
            Assert.True(peer.Channel.Ledger.TryFindTransaction(proposal.TxId, out TransactionPosition position));
            Assert.Equal(TxValidationCode.Valid, position.Code);
        }
    }

    internal async Task OrderAsync(params byte[][] envelopes)
    {
        byte[] block = _chain!.Next(envelopes);   // Set before any test runs.
        await Peer1.CommitAsync(block);
        await Peer2.CommitAsync(block);
    }

    /// <summary>The transaction that a client makes of a proposal and its endorsements.</summary>
    internal byte[] Envelope(SignedProposal signed, params TestPeer[] endorsers)
    {
        ProposalResponse[] answers = [.. endorsers.Select(peer => Answer(peer, signed))];
        Assert.All(answers, answer => Assert.Equal((200, ""), (answer.Response.Status, answer.Response.Message)));
        Assert.All(answers, answer => Assert.Equal(answers[0].Payload, answer.Payload));

        var proposal = Protocol.Wire.Peer.Proposal.Parser.ParseFrom(signed.ProposalBytes);
        var header = Header.Parser.ParseFrom(proposal.Header);
        var payload = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload);
        var action = new ChaincodeActionPayload
        {
            ChaincodeProposalPayload = new ChaincodeProposalPayload { Input = payload.Input }.ToByteString(),
            Action = new ChaincodeEndorsedAction
            {
                ProposalResponsePayload = answers[0].Payload,
                Endorsements = { answers.Select(answer => answer.Endorsement) },
            },
        };
        var transaction = new Transaction
        {
            Actions = { new TransactionAction { Header = header.SignatureHeader, Payload = action.ToByteString() } },
        };
        ByteString bytes = new Payload { Header = header, Data = transaction.ToByteString() }.ToByteString();
        return new Envelope { Payload = bytes, Signature = ByteString.CopyFrom(SignerOf(header).Sign(bytes.Span)) }
            .ToByteArray();
    }

    private static ProposalResponse Answer(TestPeer peer, SignedProposal signed)
    {
        EndorseOutcome outcome = peer.Endorser.Endorse(signed, CancellationToken.None);
        Assert.Null(outcome.Rejection);
        Assert.NotNull(outcome.Response);
        return outcome.Response;
    }

    private SigningIdentity SignerOf(Header header)
    {
        ByteString creator = SignatureHeader.Parser.ParseFrom(header.SignatureHeader).Creator;
        SigningIdentity[] members = [Channel.Client1, Channel.Client2, Channel.Admin1, Channel.Admin2];
        return members.Single(member => member.Serialized.Span.SequenceEqual(creator.Span));
    }
}
