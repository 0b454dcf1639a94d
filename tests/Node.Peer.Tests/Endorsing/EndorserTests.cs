using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Endorsing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Lifecycle;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;

namespace Node.Peer.Tests.Endorsing;

public class EndorserTests(EndorsingNetwork network) : IClassFixture<EndorsingNetwork>
{
    private static ChaincodeAction ActionOf(ProposalResponse response) => ChaincodeAction.Parser.ParseFrom(
        ProposalResponsePayload.Parser.ParseFrom(response.Payload).Extension);

    private string? Rejection(ProposalBuilder proposal)
    {
        EndorseOutcome outcome = network.Peer1.Endorser.Endorse(proposal.Build(), CancellationToken.None);
        Assert.Null(outcome.Response);
        return outcome.Rejection;
    }

    private static void AssertFailed(string because, ProposalResponse response)
    {
        Assert.Equal(500, response.Response.Status);
        Assert.Contains(because, response.Response.Message, StringComparison.Ordinal);
        Assert.True(response.Payload.IsEmpty);
        Assert.Null(response.Endorsement);
    }

    [Fact]
    public void An_endorsement_signs_the_payload_followed_by_the_endorser()
    {
        ProposalResponse response = network.Endorse(network.Proposal("set", "k", "h", "l", "p"));

        Assert.Equal(1, response.Version);
        Assert.Equal(network.Channel.Peer1.Serialized.ToArray(), response.Endorsement.Endorser.ToByteArray());
        ChannelConfig config = network.Channel.Config();
        Assert.True(config.TryResolve(response.Endorsement.Endorser.Span, out Identity? peer, out _));
        byte[] signed = [.. response.Payload.Span, .. response.Endorsement.Endorser.Span];
        Assert.True(peer.Verify(signed, response.Endorsement.Signature.Span));
        Assert.True(network.Peer1.Node.OwnSignatures.Contains(signed, response.Endorsement.Signature.Span));
    }

    [Fact]
    public void The_payload_is_canonical_and_names_proposal_contract_version_and_event()
    {
        ProposalBuilder builder = network.Proposal("set", "k", "h", "l", "p");
        SignedProposal signed = builder.Build();
        ProposalResponse response =
            network.Peer1.Endorser.Endorse(signed, CancellationToken.None).Response ?? new ProposalResponse();

        var payload = ProposalResponsePayload.Parser.ParseFrom(response.Payload);
        Assert.Equal(payload.ToByteString(), response.Payload);
        ChaincodeAction action = ActionOf(response);
        Assert.Equal(action.ToByteString(), payload.Extension);
        Assert.Equal(new ChaincodeID { Name = "hyperprov", Version = "1.0" }, action.ChaincodeId);
        Assert.Equal(response.Response, action.Response);
        Assert.Equal(builder.TxId.Value, action.Response.Payload.ToStringUtf8());

        var proposal = Proposal.Parser.ParseFrom(signed.ProposalBytes);
        var header = Header.Parser.ParseFrom(proposal.Header);
        byte[] hashed = [.. header.ChannelHeader.Span, .. header.SignatureHeader.Span, .. proposal.Payload.Span];
        Assert.Equal(SHA256.HashData(hashed), payload.ProposalHash.ToByteArray());

        var emitted = ChaincodeEvent.Parser.ParseFrom(action.Events);
        Assert.Equal(
            ("hyperprov", builder.TxId.Value, "hyperprov.recorded"),
            (emitted.ChaincodeId, emitted.TxId, emitted.EventName));
    }

    [Fact]
    public void The_transient_map_reaches_neither_hash_nor_transaction()
    {
        var builder = new ProposalBuilder(network.Channel.Client1, EndorsingNetwork.Now, "set", "k", "h", "l", "p")
        {
            ChangePayload = payload => payload.TransientMap.Add("secret", ByteString.CopyFromUtf8("hidden")),
        };
        SignedProposal signed = builder.Build();
        ProposalResponse response =
            network.Peer1.Endorser.Endorse(signed, CancellationToken.None).Response ?? new ProposalResponse();

        var proposal = Proposal.Parser.ParseFrom(signed.ProposalBytes);
        var header = Header.Parser.ParseFrom(proposal.Header);
        var stripped = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload);
        stripped.TransientMap.Clear();
        byte[] hashed = [.. header.ChannelHeader.Span, .. header.SignatureHeader.Span, .. stripped.ToByteArray()];
        var payload = ProposalResponsePayload.Parser.ParseFrom(response.Payload);
        Assert.Equal(SHA256.HashData(hashed), payload.ProposalHash.ToByteArray());
        Assert.False(response.ToByteString().ToStringUtf8().Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public void The_read_write_set_holds_what_the_contract_would_write()
    {
        ProposalBuilder builder = network.Proposal("set", "a-key", "h", "l", "p");

        var results = TxReadWriteSet.Parser.ParseFrom(ActionOf(network.Endorse(builder)).Results);

        Assert.Equal(["hyperprov"], results.NsRwset.Select(set => set.Namespace));
        var set = KVRWSet.Parser.ParseFrom(results.NsRwset[0].Rwset);
        Assert.Equal(["\0policies\0", "\0writers\0a-key\0"], set.Reads.Select(read => read.Key));
        string[] written = [.. set.Writes.Select(write => write.Key)];
        Assert.Equal([$"\0txID~key\0{builder.TxId}\0", "a-key"], [written[0], written[^1]]);
        Assert.Equal(3, written.Length);
        Assert.StartsWith(
            "\0writer~record\0Org1MSP\0User1@org1.example.com\0", written[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_both_peers_endorse_commits_and_is_then_read()
    {
        TxId id = await network.SetAsync("committed", "h1");

        string record = Encoding.UTF8.GetString(network.Evaluate(network.Proposal("get", "committed")));
        string start = $$"""{"hash":"h1","location":"file://s","pointer":"p","txid":"{{id}}",""";
        const string Writer = "\"certificate\":\"User1@org1.example.com\",\"mspId\":\"Org1MSP\"";
        Assert.StartsWith(start, record, StringComparison.Ordinal);
        Assert.Contains(Writer, record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_compare_and_sets_the_second_has_read_a_stale_version()
    {
        TxId first = await network.SetAsync("contended", "h1");
        string options = $$"""{"expectedTxid":"{{first}}"}""";
        ProposalBuilder one = network.Proposal("set", "contended", "h2", "l", "p", "", "", options);
        ProposalBuilder two = network.Proposal("set", "contended", "h3", "l", "p", "", "", options);

        await network.OrderAsync(
            network.Envelope(one.Build(), network.Peer1, network.Peer2),
            network.Envelope(two.Build(), network.Peer1, network.Peer2));

        network.Peer1.Channel.Ledger.TryFindTransaction(one.TxId, out TransactionPosition winner);
        network.Peer1.Channel.Ledger.TryFindTransaction(two.TxId, out TransactionPosition loser);
        Assert.Equal((TxValidationCode.Valid, TxValidationCode.MvccReadConflict), (winner.Code, loser.Code));
    }

    [Fact]
    public async Task A_transaction_id_on_the_ledger_is_not_endorsed_again()
    {
        ProposalBuilder builder = network.Proposal("set", "replayed", "h", "l", "p");
        SignedProposal signed = builder.Build();
        await network.OrderAsync(network.Envelope(signed, network.Peer1, network.Peer2));

        EndorseOutcome outcome = network.Peer1.Endorser.Endorse(signed, CancellationToken.None);
        Assert.Contains($"duplicate transaction found [{builder.TxId}]", outcome.Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public void A_contracts_refusal_is_answered_without_payload_and_endorsement()
    {
        ProposalResponse response = network.Endorse(network.Proposal("get", "nowhere"));

        Assert.Equal((404, "Asset not found: nowhere"), (response.Response.Status, response.Response.Message));
        Assert.True(response.Payload.IsEmpty);
        Assert.Null(response.Endorsement);
    }

    [Fact]
    public void A_contracts_failure_shows_its_payload_and_is_not_endorsed()
    {
        var args = new CommitChaincodeDefinitionArgs { Name = "unapproved", Version = "1", Sequence = 1 };
        ProposalResponse response =
            network.Endorse(network.Lifecycle(network.Channel.Client1, "CommitChaincodeDefinition", args));

        Assert.Equal(500, response.Response.Status);
        Assert.Contains("not agreed to by this org (Org1MSP)", response.Response.Message, StringComparison.Ordinal);
        Assert.Equal("syscc", ActionOf(response).ChaincodeId.Version);
        Assert.Null(response.Endorsement);
    }

    [Fact]
    public void A_contracts_failure_is_told_from_a_peers_in_an_evaluation_too()
    {
        var args = new CommitChaincodeDefinitionArgs { Name = "unapproved", Version = "1", Sequence = 1 };
        SignedProposal signed =
            network.Lifecycle(network.Channel.Client1, "CommitChaincodeDefinition", args).Build();

        EndorseOutcome outcome = network.Peer1.Evaluate(signed);
        Assert.Equal(500, outcome.Response?.Response.Status);
        Assert.False(outcome.Response?.Payload.IsEmpty);
        Assert.Null(outcome.Response?.Endorsement);
    }

    [Fact]
    public void An_evaluation_is_the_response_alone()
    {
        EndorseOutcome outcome = network.Peer1.Evaluate(network.Proposal("getkeyhistory", "nothing").Build());

        Assert.Equal("[]", outcome.Response?.Response.Payload.ToStringUtf8());
        Assert.True(outcome.Response?.Payload.IsEmpty);
        Assert.Null(outcome.Response?.Endorsement);
    }

    [Fact]
    public void An_unknown_channel_or_contract_is_this_peers_failure()
    {
        ProposalResponse Calling(string channel, string contract, bool isInit) => network.Endorse(
            new ProposalBuilder(network.Channel.Client1, EndorsingNetwork.Now, "get", "k")
            {
                Channel = channel,
                Contract = contract,
                IsInit = isInit,
            });

        AssertFailed("channel 'elsewhere' not found", Calling("elsewhere", "hyperprov", isInit: false));
        AssertFailed("chaincode none not found", Calling("mychannel", "none", isInit: false));
        AssertFailed("does not require initialization", Calling("mychannel", "hyperprov", isInit: true));
    }

    [Fact]
    public void Outside_of_any_channel_only_system_contracts_answer_and_only_members_of_the_own_organisation()
    {
        ProposalBuilder Calling(SigningIdentity creator, string contract) =>
            new(creator, EndorsingNetwork.Now, "GetChannels") { Channel = "", Contract = contract };

        ProposalResponse answer = network.Endorse(Calling(network.Channel.Client1, "cscc"));
        Assert.Equal(200, answer.Response.Status);
        var channels = ChannelQueryResponse.Parser.ParseFrom(answer.Response.Payload);
        Assert.Equal("mychannel", channels.Channels.Single().ChannelId);
        Assert.True(answer.Payload.IsEmpty);
        Assert.Null(answer.Endorsement);

        Assert.Contains("knows members of Org1MSP only", Rejection(Calling(network.Channel.Client2, "cscc")));
        Assert.Contains("is called on a channel", Rejection(Calling(network.Channel.Client1, "hyperprov")));
    }

    [Fact]
    public void Approving_for_an_organisation_is_its_administrators_business()
    {
        var args = new ApproveChaincodeDefinitionForMyOrgArgs { Name = "another", Version = "1", Sequence = 1 };
        const string Approve = "ApproveChaincodeDefinitionForMyOrg";

        AssertFailed("is no administrator", network.Endorse(network.Lifecycle(network.Channel.Client1, Approve, args)));
        AssertFailed("is no administrator", network.Endorse(network.Lifecycle(network.Channel.Admin2, Approve, args)));
        ProposalResponse response = network.Endorse(network.Lifecycle(network.Channel.Admin1, Approve, args));
        Assert.NotNull(response.Endorsement);
        Assert.Equal(["_implicit_org_Org1MSP"], response.Interest.Chaincodes.Single().CollectionNames);
    }

    [Fact]
    public void A_stopped_channel_is_read_but_nothing_is_endorsed_on_it()
    {
        SignedProposal signed = network.Proposal("getkeyhistory", "nothing").Build();
        network.Peer2.Channel.Fault = "the disk is full";
        try
        {
            EndorseOutcome endorsed = network.Peer2.Endorser.Endorse(signed, CancellationToken.None);
            EndorseOutcome evaluated = network.Peer2.Evaluate(signed);

            AssertFailed("is stopped on this peer: the disk is full", endorsed.Response ?? new ProposalResponse());
            Assert.Equal(200, evaluated.Response?.Response.Status);
        }
        finally
        {
            network.Peer2.Channel.Fault = null;
        }
    }

    [Fact]
    public void A_full_house_is_said_at_once_and_places_are_given_back()
    {
        SignedProposal signed = network.Proposal("get", "nowhere").Build();
        AdmissionGate gate = network.Peer2.Simulations;
        using (gate.EnterOrThrow())
        using (gate.EnterOrThrow())
        using (gate.EnterOrThrow())
        using (gate.EnterOrThrow())
        {
            var thrown = Assert.Throws<OverloadedException>(() =>
                network.Peer2.Endorser.Endorse(signed, CancellationToken.None));
            Assert.Equal(("simulations", 4), (thrown.What, thrown.Limit));
        }

        Assert.Equal(404, network.Peer2.Endorser.Endorse(signed, CancellationToken.None).Response?.Response.Status);
        Assert.Equal(0, gate.Taken);
    }

    [Fact]
    public void A_caller_who_gave_up_gets_no_answer()
    {
        SignedProposal signed = network.Proposal("get", "nowhere").Build();

        Assert.Throws<OperationCanceledException>(() =>
            network.Peer1.Endorser.Endorse(signed, new CancellationToken(canceled: true)));
    }
}
