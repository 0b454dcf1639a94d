using System.Globalization;
using System.Text;
using Google.Protobuf;
using Node.Ledger;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Tests.Endorsing;

public class SystemContractTests(EndorsingNetwork network) : IClassFixture<EndorsingNetwork>
{
    private ChannelLedger Ledger => network.Peer1.Channel.Ledger;

    private static ProposalBuilder Calling(
        SigningIdentity creator, string contract, string function, params byte[][] arguments) =>
        new(creator, EndorsingNetwork.Now, function) { Contract = contract, RawArguments = arguments };

    private byte[] Ask(string contract, string function, params byte[][] arguments)
    {
        ProposalResponse response = network.Endorse(Calling(network.Channel.Client1, contract, function, arguments));
        Assert.Equal((200, ""), (response.Response.Status, response.Response.Message));
        return response.Response.Payload.ToByteArray();
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Chain_state_is_the_ledgers()
    {
        var result = BlockchainInfo.Parser.ParseFrom(Ask("qscc", "GetChainInfo", Utf8("mychannel")));

        Assert.Equal(Ledger.Height, result.Height);
        Assert.Equal(Ledger.Tip.LastBlockHash.ToArray(), result.CurrentBlockHash.ToByteArray());
        Assert.True(Ledger.TryReadBlock(Ledger.Height - 1, out byte[]? last));
        Assert.Equal(Block.Parser.ParseFrom(last).Header.PreviousHash, result.PreviousBlockHash);
    }

    [Fact]
    public async Task A_block_is_found_by_number_hash_and_transaction()
    {
        TxId id = await network.SetAsync("block-finding", "h");
        Ledger.TryFindTransaction(id, out TransactionPosition position);
        Ledger.TryReadBlock(position.Block, out byte[]? expected);
        byte[] channel = Utf8("mychannel");
        byte[] hash = Ledger.Tip.LastBlockHash.ToArray();

        string number = position.Block.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(expected, Ask("qscc", "GetBlockByNumber", channel, Utf8(number)));
        Assert.Equal(expected, Ask("qscc", "GetBlockByHash", channel, hash));
        Assert.Equal(expected, Ask("qscc", "GetBlockByTxID", channel, Utf8(id.Value)));
    }

    [Fact]
    public async Task A_transaction_is_found_with_its_validation_code()
    {
        TxId first = await network.SetAsync("conflicting", "h1");
        string options = $$"""{"expectedTxid":"{{first}}"}""";
        ProposalBuilder one = network.Proposal("set", "conflicting", "h2", "l", "p", "", "", options);
        ProposalBuilder two = network.Proposal("set", "conflicting", "h3", "l", "p", "", "", options);
        byte[] second = network.Envelope(two.Build(), network.Peer1, network.Peer2);
        await network.OrderAsync(network.Envelope(one.Build(), network.Peer1, network.Peer2), second);

        var valid = ProcessedTransaction.Parser.ParseFrom(
            Ask("qscc", "GetTransactionByID", Utf8("mychannel"), Utf8(first.Value)));
        var invalid = ProcessedTransaction.Parser.ParseFrom(
            Ask("qscc", "GetTransactionByID", Utf8("mychannel"), Utf8(two.TxId.Value)));
        Assert.Equal((int)TxValidationCode.Valid, valid.ValidationCode);
        Assert.Equal((int)TxValidationCode.MvccReadConflict, invalid.ValidationCode);
        Assert.Equal(second, invalid.TransactionEnvelope.ToByteArray());
    }

    [Fact]
    public void Configuration_is_the_channels()
    {
        Ledger.TryReadBlock(0, out byte[]? genesis);

        Assert.Equal(genesis, Ask("cscc", "GetConfigBlock", Utf8("mychannel")));
        Assert.Equal(
            network.Channel.Id, ChannelOf(Block.Parser.ParseFrom(Ask("cscc", "GetConfigBlock", Utf8("mychannel")))));
        var config = Config.Parser.ParseFrom(Ask("cscc", "GetChannelConfig", Utf8("mychannel")));
        Assert.Equal(network.Peer1.Channel.Config.Config, config);
    }

    [Fact]
    public void On_a_channel_they_are_endorsed_without_results()
    {
        ProposalResponse response =
            network.Endorse(Calling(network.Channel.Client1, "qscc", "GetChainInfo", Utf8("mychannel")));

        Assert.NotNull(response.Endorsement);
        var payload = ProposalResponsePayload.Parser.ParseFrom(response.Payload);
        var action = ChaincodeAction.Parser.ParseFrom(payload.Extension);
        Assert.True(action.Results.IsEmpty);
        Assert.Equal(("qscc", "syscc"), (action.ChaincodeId.Name, action.ChaincodeId.Version));
    }

    [Theory]
    [InlineData("qscc", "GetChainInfo", "Invalid chain ID, nowhere", "nowhere")]
    [InlineData("qscc", "GetChainInfo", "takes a channel")]
    [InlineData("qscc", "GetBlockByNumber", "and what to look for", "mychannel")]
    [InlineData("qscc", "GetBlockByNumber", "decimal digits", "mychannel", "-1")]
    [InlineData("qscc", "GetBlockByNumber", "the ledger has height", "mychannel", "18446744073709551615")]
    [InlineData("qscc", "GetBlockByHash", "no block of this peer has that hash", "mychannel", "short")]
    [InlineData("qscc", "GetBlockByTxID", "no such transaction", "mychannel", "zzzz")]
    [InlineData("qscc", "GetTransactionByID", "no such transaction", "mychannel", "")]
    [InlineData("qscc", "DropEverything", "access denied", "mychannel", "1")]
    [InlineData("cscc", "GetConfigBlock", "unknown channel ID, nowhere", "nowhere")]
    [InlineData("cscc", "GetConfigBlock", "unknown channel ID, ")]
    [InlineData("cscc", "JoinChain", "not offered", "genesis")]
    [InlineData("cscc", "Fly", "not found")]
    public void What_cannot_be_answered_is_a_failure(
        string contract, string function, string because, params string[] arguments)
    {
        byte[][] bytes = [.. arguments.Select(Utf8)];
        ProposalResponse response = network.Endorse(Calling(network.Channel.Client1, contract, function, bytes));

        Assert.Equal(500, response.Response.Status);
        Assert.Contains(because, response.Response.Message, StringComparison.Ordinal);
        Assert.Null(response.Endorsement);
    }

    [Fact]
    public void Readers_of_the_channel_may_ask_and_others_may_not()
    {
        using SigningIdentity orderer = network.Channel.Org1.Issue("orderer.org1.example.com", "orderer");

        ProposalResponse response = network.Endorse(Calling(orderer, "qscc", "GetChainInfo", Utf8("mychannel")));
        Assert.Equal(500, response.Response.Status);
        Assert.Contains(
            "access denied for [GetChainInfo][mychannel]", response.Response.Message, StringComparison.Ordinal);

        response = network.Endorse(Calling(network.Channel.Peer2, "qscc", "GetChainInfo", Utf8("mychannel")));
        Assert.Equal(200, response.Response.Status);
    }

    private static ChannelId ChannelOf(Block block)
    {
        var envelope = Envelope.Parser.ParseFrom(block.Data.Data[0]);
        var payload = Payload.Parser.ParseFrom(envelope.Payload);
        return ChannelId.Of(ChannelHeader.Parser.ParseFrom(payload.Header.ChannelHeader).ChannelId);
    }
}
