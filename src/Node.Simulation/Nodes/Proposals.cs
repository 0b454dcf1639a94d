using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Members;

namespace Node.Simulation.Nodes;

/// <summary>A contract call that is to become a transaction.</summary>
/// <param name="Arguments">The function first.</param>
internal sealed record ContractCall(string Contract, params byte[][] Arguments)
{
    public static ContractCall Of(string contract, string function, params IEnumerable<string> arguments) => new(
        contract, [.. arguments.Prepend(function).Select(System.Text.Encoding.UTF8.GetBytes)]);
}

/// <summary>Builds the signed bytes that clients send.</summary>
internal static class Proposals
{
    public static (TxId Id, SignedProposal Signed) Propose(
        SigningIdentity client, ContractCall call, DateTimeOffset now)
    {
        byte[] nonce = client.NewNonce();
        var id = TxId.Compute(nonce, client.Serialized.Span);
        var contract = new ChaincodeID { Name = call.Contract };
        var input = new ChaincodeInput();
        input.Args.Add(call.Arguments.Select(argument => ByteString.CopyFrom(argument)));
        var specification = new ChaincodeInvocationSpec
        {
            ChaincodeSpec = new ChaincodeSpec { ChaincodeId = contract, Input = input },
        };
        ByteString proposal = new Proposal
        {
            Header = HeaderOf(
                client,
                nonce,
                new ChannelHeader
                {
                    Type = (int)HeaderType.EndorserTransaction,
                    Timestamp = Timestamp.FromDateTimeOffset(now),
                    ChannelId = SimulatedChannel.Instance.Id.Value,
                    TxId = id.Value,
                    Extension = new ChaincodeHeaderExtension { ChaincodeId = contract }.ToByteString(),
                }).ToByteString(),
            Payload = new ChaincodeProposalPayload { Input = specification.ToByteString() }.ToByteString(),
        }.ToByteString();
        return (id, new SignedProposal { ProposalBytes = proposal, Signature = Sign(client, proposal) });
    }

    /// <summary>A configuration update that the given administrators have signed.</summary>
    public static byte[] ProposeUpdate(
        SigningIdentity sender, ConfigUpdate update, IEnumerable<SigningIdentity> signers, DateTimeOffset now)
    {
        var content = new ConfigUpdateEnvelope { ConfigUpdate = update.ToByteString() };
        foreach (SigningIdentity signer in signers)
        {
            ByteString header = new SignatureHeader
            {
                Creator = ByteString.CopyFrom(signer.Serialized.Span),
                Nonce = ByteString.CopyFrom(signer.NewNonce()),
            }.ToByteString();
            content.Signatures.Add(new ConfigSignature
            {
                SignatureHeader = header,
                Signature = ByteString.CopyFrom(signer.Sign([.. header.Span, .. content.ConfigUpdate.Span])),
            });
        }

        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.ConfigUpdate,
            Timestamp = Timestamp.FromDateTimeOffset(now),
            ChannelId = SimulatedChannel.Instance.Id.Value,
        };
        ByteString payload = new Payload
        {
            Header = HeaderOf(sender, sender.NewNonce(), channelHeader),
            Data = content.ToByteString(),
        }.ToByteString();
        return new Envelope { Payload = payload, Signature = Sign(sender, payload) }.ToByteArray();
    }

    public static ByteString Sign(SigningIdentity signer, ByteString message) =>
        ByteString.CopyFrom(signer.Sign(message.Span));

    private static Header HeaderOf(SigningIdentity signer, byte[] nonce, ChannelHeader channelHeader) => new()
    {
        ChannelHeader = channelHeader.ToByteString(),
        SignatureHeader = new SignatureHeader
        {
            Creator = ByteString.CopyFrom(signer.Serialized.Span),
            Nonce = ByteString.CopyFrom(nonce),
        }.ToByteString(),
    };
}
