using Node.Protocol;
using Node.Testing.Contracts;

namespace Node.Contracts.Tests.Provenance;

public class KeyWritersTests
{
    private static readonly ClientIdentity s_user2 = ContractCall.User1 with { MspId = MspId.Of("Org2MSP") };
    private readonly ContractBench _bench = Bench.New();

    private ContractResponse Write(ClientIdentity client, string writers) => Call(client, commit: false, writers);

    private void Commit(ClientIdentity client, string writers)
    {
        ContractResponse response = Call(client, commit: true, writers);
        Assert.Equal((200, ""), (response.Status, response.Message));
    }

    private ContractResponse Call(ClientIdentity client, bool commit, string writers)
    {
        _bench.Client = client;
        TxId id = _bench.NextId;
        string options = writers.Length > 0 ? $$"""{"writers":{{writers}}}""" : "";
        ContractResponse response = _bench.Call("set", "k", "h", "l", "p", "", "", options);
        if (commit)
            _bench.Committed.Commit((id, ContractCall.Noon, _bench.LastState));
        return response;
    }

    [Fact]
    public void A_key_is_open_until_somebody_restricts_it()
    {
        Commit(ContractCall.User1, writers: "");

        Assert.Equal("""{"key":"k","writers":[]}""", _bench.Ask("getwriters", "k"));
        Assert.True(Write(s_user2, writers: "").IsSuccess);
    }

    [Fact]
    public void Only_the_organisations_named_write_a_restricted_key()
    {
        Commit(ContractCall.User1, writers: """["Org1MSP","Org3MSP"]""");

        ContractResponse refused = Write(s_user2, writers: "");
        Assert.Equal(403, refused.Status);
        Assert.Contains("may be written by Org1MSP, Org3MSP only", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.LastState.Writes);
        Assert.True(Write(ContractCall.User1, writers: "").IsSuccess);
        Assert.Equal("""{"key":"k","writers":["Org1MSP","Org3MSP"]}""", _bench.Ask("getwriters", "k"));

        _bench.Client = s_user2;
        Assert.Equal(403, _bench.Call("Init", "k", "h", "l", "p").Status);
        Assert.True(_bench.Call("set", "another", "h", "l", "p").IsSuccess);
    }

    [Fact]
    public void Nobody_shuts_out_the_organisation_that_wrote_last()
    {
        Commit(ContractCall.User1, writers: "");

        Assert.Equal(403, Write(s_user2, writers: """["Org2MSP"]""").Status);
        Assert.True(Write(ContractCall.User1, writers: """["Org1MSP"]""").IsSuccess);
    }

    [Fact]
    public void A_restriction_is_widened_and_lifted_by_those_within_it()
    {
        Commit(ContractCall.User1, writers: """["Org1MSP"]""");
        Assert.Equal(403, Write(s_user2, writers: "[]").Status);

        Commit(ContractCall.User1, writers: """["Org1MSP","Org2MSP"]""");
        Commit(s_user2, writers: "[]");

        Assert.Equal("""{"key":"k","writers":[]}""", _bench.Ask("getwriters", "k"));
    }

    [Fact]
    public void What_was_endorsed_before_a_restriction_conflicts_with_it()
    {
        Commit(ContractCall.User1, writers: "");
        Write(s_user2, writers: "");
        InMemoryState simulated = _bench.LastState;

        Commit(ContractCall.User1, writers: """["Org1MSP"]""");

        Assert.False(_bench.Committed.IsCurrent(simulated));
    }
}
