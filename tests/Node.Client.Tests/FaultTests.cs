using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Protocol;
using Node.Protocol.Wire.Gateway;

namespace Node.Client.Tests;

public class FaultTests
{
    [Theory]
    [InlineData("chaincode response 404, Asset not found: a, b", 404, "Asset not found: a, b")]
    [InlineData("chaincode response 500, ", 500, "")]
    [InlineData("access denied", null, "access denied")]
    [InlineData("chaincode response many, x", null, "chaincode response many, x")]
    public void What_the_contract_said_is_told_from_what_the_peer_said(string message, int? status, string reason)
    {
        var fault = new EndorserFault("localhost:7051", "Org1MSP", message);

        Assert.Equal((status, reason), (fault.ContractStatus, fault.Reason));
    }

    [Fact]
    public void Details_of_every_endorser_are_kept_and_told()
    {
        var status = new Protocol.Wire.Rpc.Status();
        status.Details.Add(Packed("peer0.org1:7051", "Org1MSP", "chaincode response 409, taken"));
        status.Details.Add(Packed("peer0.org2:9051", "Org2MSP", "no such contract"));
        var trailers = new Metadata { { "grpc-status-details-bin", status.ToByteArray() } };
        var cause = new RpcException(new Status(StatusCode.Aborted, "failed to endorse"), trailers);

        Exception translated = RpcFaults.Translate(
            cause, "localhost:7051", "It was not endorsed", message => new EndorseException(message, default, cause));

        var fault = Assert.IsType<EndorseException>(translated);
        Assert.Equal(["Org1MSP", "Org2MSP"], fault.Details.Select(detail => detail.MspId));
        Assert.Equal(409, fault.ContractStatus);
        Assert.Equal(
            "It was not endorsed: peer0.org1:7051 (Org1MSP): chaincode response 409, taken; " +
            "peer0.org2:9051 (Org2MSP): no such contract",
            fault.Message);
    }

    [Fact]
    public void Endorsers_that_refuse_alike_are_told_together()
    {
        var status = new Protocol.Wire.Rpc.Status();
        status.Details.Add(Packed("localhost:7051", "Org1MSP", "chaincode response 409, taken"));
        status.Details.Add(Packed("localhost:9051", "Org2MSP", "chaincode response 409, taken"));
        var trailers = new Metadata { { "grpc-status-details-bin", status.ToByteArray() } };
        var cause = new RpcException(new Status(StatusCode.Aborted, ""), trailers);

        Exception translated = RpcFaults.Translate(
            cause, "localhost:7051", "It was not endorsed", message => new EndorseException(message, default, cause));

        Assert.Equal(
            "It was not endorsed: localhost:7051 (Org1MSP) and localhost:9051 (Org2MSP): chaincode response 409, taken",
            translated.Message);
    }

    [Fact]
    public void A_trailer_that_cannot_be_read_hides_nothing()
    {
        var trailers = new Metadata { { "grpc-status-details-bin", [0xff, 0xff] } };
        var cause = new RpcException(new Status(StatusCode.Aborted, "failed to endorse"), trailers);

        Exception translated = RpcFaults.Translate(
            cause, "localhost:7051", "It failed", message => new GatewayException(message, default, cause));

        Assert.Equal("It failed: failed to endorse", translated.Message);
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_unreachable()
    {
        using Gateway gateway = TestClients.Offline(TestClients.DigestSigner, TimeProvider.System);
        Contract contract = gateway.GetNetwork(TestClients.Channel).GetContract("hyperprov");

        PeerUnreachableException fault = await Assert.ThrowsAsync<PeerUnreachableException>(
            () => contract.EvaluateAsync("get", ["key"], CancellationToken.None));

        Assert.Equal("localhost:1", fault.Endpoint);
    }

    private static Any Packed(string address, string mspId, string message) => new()
    {
        TypeUrl = "type.googleapis.com/gateway.ErrorDetail",
        Value = new ErrorDetail { Address = address, MspId = mspId, Message = message }.ToByteString(),
    };
}
