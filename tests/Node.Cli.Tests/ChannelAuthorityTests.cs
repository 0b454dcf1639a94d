using Google.Protobuf;
using Node.Peer.Auditing;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Testing.Blocks;
using Node.Testing.Channels;
using Node.Testing.Transactions;

namespace Node.Cli.Tests;

public sealed class ChannelAuthorityTests : IDisposable
{
    private readonly TestChannel _channel = new();
    private readonly TestChain _chain;
    private readonly ChannelAuthority _authority = new(genesisHash: null);

    public ChannelAuthorityTests()
    {
        _chain = new TestChain(_channel);
        Assert.Null(Check(_chain.Genesis));
    }

    public void Dispose() => _channel.Dispose();

    [Fact]
    public void Blocks_of_the_channels_orderer_with_members_transactions_pass()
    {
        Assert.Null(Check(_chain.Next(
            Judged(TxValidationCode.Valid), Tx.Valid(_channel).Writing("k", "v").ToEnvelope())));
        Assert.Null(Check(_chain.Next(
            Judged(TxValidationCode.Valid), Tx.Valid(_channel).Writing("k", "w").ToEnvelope())));
    }

    [Fact]
    public void Another_genesis_block_than_the_networks_is_told()
    {
        var authority = new ChannelAuthority(Hash32.Of("another"u8));

        Assert.False(authority.TryCheck(Decode(_chain.Genesis), out string? fault));
        Assert.Contains("genesis", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_signed_by_a_peer_instead_of_an_orderer_is_told()
    {
        byte[] block = _chain.Fork(
            Judged(TxValidationCode.Valid), _channel.Peer1, Tx.Valid(_channel).Writing("k", "v").ToEnvelope());

        Assert.Contains("/Channel/Orderer/BlockValidation", Check(block), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_signature_of_a_valid_transactions_creator_is_told()
    {
        Tx forged = Tx.Valid(_channel).Writing("k", "v")
            .ChangingEnvelope(envelope => envelope.Signature = Flipped(envelope.Signature));

        Assert.StartsWith(
            "transaction 0: the signature of its creator",
            Check(_chain.Next(Judged(TxValidationCode.Valid), forged.ToEnvelope())),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_valid_transaction_without_one_right_endorsement_is_told()
    {
        Tx unendorsed = Tx.Valid(_channel).Writing("k", "v").ChangingEndorsements(action =>
        {
            foreach (Endorsement endorsement in action.Endorsements)
                endorsement.Signature = Flipped(endorsement.Signature);
        });

        Assert.Contains(
            "none of its endorsements", Check(_chain.Next(Judged(TxValidationCode.Valid), unendorsed.ToEnvelope())),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_stored_as_invalid_may_carry_any_signature()
    {
        Tx forged = Tx.Valid(_channel).Writing("k", "v")
            .ChangingEnvelope(envelope => envelope.Signature = Flipped(envelope.Signature));

        Assert.Null(Check(_chain.Next(Judged(TxValidationCode.BadCreatorSignature), forged.ToEnvelope())));
    }

    private static Action<Block> Judged(TxValidationCode code) => block =>
        block.Metadata.Metadata[(int)BlockMetadataIndex.TransactionsFilter] = ByteString.CopyFrom((byte)code);

    private static ByteString Flipped(ByteString signature)
    {
        byte[] bytes = signature.ToByteArray();
        bytes[^1] ^= 1;
        return ByteString.CopyFrom(bytes);
    }

    private static BlockBytes Decode(byte[] block)
    {
        Assert.True(BlockBytes.TryDecode(block, out BlockBytes? decoded, out string? fault), fault);
        return decoded;
    }

    private string? Check(byte[] block) => _authority.TryCheck(Decode(block), out string? fault) ? null : fault;
}
