using System.Diagnostics;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Peer;
using GatewayClient = Node.Protocol.Wire.Gateway.Gateway.GatewayClient;

namespace Node.LoadGen;

/// <summary>Runs one transaction over the Gateway protocol and times its stages.</summary>
/// <remarks>Any thread. Knows only what a Fabric client knows: nothing of the node behind the endpoint.</remarks>
internal sealed class GatewayCaller(
    IReadOnlyList<GatewayClient> clients, SigningIdentity signer, LoadOptions options, TimeProvider clock)
{
    private const int NonceBytes = 24;

    private readonly ByteString _creator = ByteString.CopyFrom(signer.Serialized.Span);
    private readonly ArgumentTemplate[] _arguments = Templates(options, clock);

    public async Task<Sample> RunAsync(
        long number, string last, long startedAt, CancellationToken cancellationToken)
    {
        GatewayClient client = clients[(int)(number % clients.Count)];
        long began = Stopwatch.GetTimestamp();
        long endorsed = began;
        long submitted = began;
        string? failure = null;
        (string txId, SignedProposal proposal) = Propose(number, last);
        try
        {
            if (options.Evaluate)
            {
                await client.EvaluateAsync(
                    new EvaluateRequest
                    {
                        TransactionId = txId, ChannelId = options.Channel, ProposedTransaction = proposal,
                    },
                    Calls(cancellationToken));
                endorsed = submitted = Stopwatch.GetTimestamp();
            }
            else
            {
                Envelope envelope = await EndorseAsync(client, txId, proposal, cancellationToken);
                endorsed = Stopwatch.GetTimestamp();
                await client.SubmitAsync(
                    new SubmitRequest
                    {
                        TransactionId = txId, ChannelId = options.Channel, PreparedTransaction = envelope,
                    },
                    Calls(cancellationToken));
                submitted = Stopwatch.GetTimestamp();
                TxValidationCode code = await AwaitCommitAsync(client, txId, cancellationToken);
                failure = code == TxValidationCode.Valid ? null : code.ToString();
            }
        }
        catch (RpcException e)
        {
            failure = e.StatusCode.ToString();
        }

        long ended = Stopwatch.GetTimestamp();
        return new Sample(
            Microseconds(startedAt, ended), (int)Microseconds(began, endorsed), (int)Microseconds(endorsed, submitted),
            (int)Microseconds(submitted, ended), txId, failure);
    }

    private async Task<Envelope> EndorseAsync(
        GatewayClient client, string txId, SignedProposal proposal, CancellationToken cancellationToken)
    {
        EndorseResponse response = await client.EndorseAsync(
            new EndorseRequest { TransactionId = txId, ChannelId = options.Channel, ProposedTransaction = proposal },
            Calls(cancellationToken));
        Envelope envelope = response.PreparedTransaction;
        envelope.Signature = Sign(envelope.Payload);
        return envelope;
    }

    private async Task<TxValidationCode> AwaitCommitAsync(
        GatewayClient client, string txId, CancellationToken cancellationToken)
    {
        ByteString request = new CommitStatusRequest
        {
            TransactionId = txId, ChannelId = options.Channel, Identity = _creator,
        }.ToByteString();
        CommitStatusResponse response = await client.CommitStatusAsync(
            new SignedCommitStatusRequest { Request = request, Signature = Sign(request) }, Calls(cancellationToken));
        return response.Result;
    }

    private (string TxId, SignedProposal Proposal) Propose(long number, string last)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var txId = TxId.Compute(nonce, signer.Serialized.Span);
        var input = new ChaincodeInput();
        input.Args.Add(ByteString.CopyFromUtf8(options.Function));
        foreach (ArgumentTemplate argument in _arguments)
            input.Args.Add(ByteString.CopyFromUtf8(argument.Fill(number, last)));

        var contract = new ChaincodeID { Name = options.Contract };
        var spec = new ChaincodeInvocationSpec
        {
            ChaincodeSpec = new ChaincodeSpec
            {
                Type = ChaincodeSpec.Types.Type.Node, ChaincodeId = contract, Input = input,
            },
        };
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            Timestamp = Timestamp.FromDateTimeOffset(clock.GetUtcNow()),
            ChannelId = options.Channel,
            TxId = txId.Value,
            Extension = new ChaincodeHeaderExtension { ChaincodeId = contract }.ToByteString(),
        };
        var header = new Header
        {
            ChannelHeader = channelHeader.ToByteString(),
            SignatureHeader = new SignatureHeader
            {
                Creator = _creator, Nonce = UnsafeByteOperations.UnsafeWrap(nonce),
            }.ToByteString(),
        };
        ByteString proposal = new Proposal
        {
            Header = header.ToByteString(),
            Payload = new ChaincodeProposalPayload { Input = spec.ToByteString() }.ToByteString(),
        }.ToByteString();
        return (txId.Value, new SignedProposal { ProposalBytes = proposal, Signature = Sign(proposal) });
    }

    private ByteString Sign(ByteString message) => UnsafeByteOperations.UnsafeWrap(signer.Sign(message.Span));

    private CallOptions Calls(CancellationToken cancellationToken) =>
        new(deadline: clock.GetUtcNow().UtcDateTime + options.Deadline, cancellationToken: cancellationToken);

    private static long Microseconds(long from, long until) =>
        (long)Stopwatch.GetElapsedTime(from, until).TotalMicroseconds;

    private static ArgumentTemplate[] Templates(LoadOptions options, TimeProvider clock)
    {
        string run = (clock.GetUtcNow().ToUnixTimeMilliseconds() % 100_000_000).ToString("D8",
            System.Globalization.CultureInfo.InvariantCulture);
        return [.. options.Arguments.Select(argument => new ArgumentTemplate(argument, run))];
    }
}
