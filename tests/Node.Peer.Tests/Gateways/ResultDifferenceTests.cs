using Google.Protobuf;
using Node.Peer.Gateways;
using Node.Protocol.Wire.KeyValues;
using Node.Protocol.Wire.Peer;
using Node.Protocol.Wire.ReadWriteSets;
using Version = Node.Protocol.Wire.KeyValues.Version;

namespace Node.Peer.Tests.Gateways;

public class ResultDifferenceTests
{
    [Theory]
    [InlineData("version of the contract", "ran hyperprov 2.0 where the first peer ran hyperprov 1.0")]
    [InlineData("response", "the contract's response differs from the first peer's")]
    [InlineData("event", "the contract's event differs from the first peer's")]
    [InlineData("version read", "read of hyperprov/r: version 3:1 where the first peer has version 2:0")]
    [InlineData("nothing read", "read of hyperprov/r: no value where the first peer has version 2:0")]
    [InlineData("no read", "read of hyperprov/r: nothing where the first peer has version 2:0")]
    [InlineData(
        "value",
        "write of hyperprov/w: 3 bytes, 3fc4ccfe745870e2 where the first peer has 3 bytes, 7692c3ad3540bb80")]
    [InlineData("delete", "write of hyperprov/w: a delete where the first peer has 3 bytes, 7692c3ad3540bb80")]
    [InlineData("hash of the proposal", "the result's bytes differ from the first peer's")]
    [InlineData("garbage", "the proposal response payload cannot be decoded")]
    public void Says_in_words_what_differs(string what, string expected) =>
        Assert.Equal(expected, ResultDifference.Describe(Answer("nothing"), Answer(what)));

    [Fact]
    public void Names_the_answer_that_the_others_are_compared_with()
    {
        EndorserAnswer first = Answer("nothing");

        Assert.Equal(
            "taken as the result that the others are compared with", ResultDifference.Describe(first, first));
    }

    private static EndorserAnswer Answer(string changed)
    {
        var read = new KVRead { Key = "r", Version = new Version { BlockNum = 2, TxNum = 0 } };
        var write = new KVWrite { Key = "w", Value = ByteString.CopyFromUtf8("one") };
        var set = new KVRWSet { Reads = { read }, Writes = { write } };
        var action = new ChaincodeAction
        {
            ChaincodeId = new ChaincodeID { Name = "hyperprov", Version = "1.0" },
            Response = new Response { Status = 200 },
        };
        var payload = new ProposalResponsePayload();
        switch (changed)
        {
            case "version of the contract":
                action.ChaincodeId.Version = "2.0";
                break;
            case "response":
                action.Response.Payload = ByteString.CopyFromUtf8("other");
                break;
            case "event":
                action.Events = ByteString.CopyFromUtf8("other");
                break;
            case "version read":
                read.Version = new Version { BlockNum = 3, TxNum = 1 };
                break;
            case "nothing read":
                read.Version = null;
                break;
            case "no read":
                set.Reads.Clear();
                break;
            case "value":
                write.Value = ByteString.CopyFromUtf8("two");
                break;
            case "delete":
                write.Value = ByteString.Empty;
                write.IsDelete = true;
                break;
            case "hash of the proposal":
                payload.ProposalHash = ByteString.CopyFromUtf8("other");
                break;
        }

        var sets = new TxReadWriteSet
        {
            NsRwset = { new NsReadWriteSet { Namespace = "hyperprov", Rwset = set.ToByteString() } },
        };
        action.Results = sets.ToByteString();
        payload.Extension = action.ToByteString();
        ByteString bytes = changed == "garbage" ? ByteString.CopyFrom(0xff) : payload.ToByteString();
        return new EndorserAnswer(null!, new ProposalResponse { Payload = bytes }, Fault: null, Retriable: false);
    }
}
