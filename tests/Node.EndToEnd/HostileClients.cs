using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;
using Node.Protocol.Wire.Hyperprov;
using Node.Protocol.Wire.Ordering;
using Node.Protocol.Wire.Peer;

namespace Node.EndToEnd;

/// <summary>Makes messages that are almost right, and mutations of them.</summary>
internal sealed class HostileClients : IAsyncDisposable
{
    private const int MutationsPerMethod = 200;

    private readonly RawCaller _peer;
    private readonly RawCaller _orderer;
    private readonly SigningIdentity _user;
    private readonly SigningIdentity _foreign;
    private uint _dice = 20190527;

    private HostileClients(RawCaller peer, RawCaller orderer, SigningIdentity user, SigningIdentity foreign) =>
        (_peer, _orderer, _user, _foreign) = (peer, orderer, user, foreign);

    public static Task<HostileClients> OpenAsync(RunningNetwork network)
    {
        string material = Path.Combine(network.Folder, "crypto-config");
        string org1 = Path.Combine(material, "peerOrganizations/org1.example.com");
        string org2 = Path.Combine(material, "peerOrganizations/org2.example.com");
        string orderer = Path.Combine(material, "ordererOrganizations/example.com");
        string root = Directory.GetFiles(Path.Combine(orderer, "tlsca"), "*.pem")[0];
        return Task.FromResult(new HostileClients(
            new RawCaller(
                $"localhost:{network.BasePort + 1}", "peer0.org1.example.com",
                Path.Combine(org1, "peers/peer0.org1.example.com/tls/ca.crt")),
            new RawCaller($"localhost:{network.BasePort}", "orderer.example.com", root),
            Load("Org1MSP", Path.Combine(org1, "users/User1@org1.example.com/msp")),
            // Claims to be of Org1MSP with a certificate of another authority.
            Load("Org1MSP", Path.Combine(org2, "users/User1@org2.example.com/msp"))));
    }

    public RawCaller CallerOf(string node) => node == "orderer" ? _orderer : _peer;

    public IEnumerable<byte[]> MessagesFor(string method)
    {
        byte[][] seeds = [.. Seeds(method)];
        foreach (byte[] seed in seeds)
            yield return seed;

        yield return [];
        yield return new byte[1 << 16];
        byte[] valid = seeds[0];
        for (int i = 0; i < MutationsPerMethod; i++)
            yield return Mutate(valid);
    }

    public ValueTask DisposeAsync()
    {
        _peer.Dispose();
        _orderer.Dispose();
        _user.Dispose();
        _foreign.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<byte[]> Seeds(string method) => method switch
    {
        "ProcessProposal" => Proposals().Select(proposal => proposal.ToByteArray()),
        "Endorse" => Proposals().Select(proposal => new EndorseRequest
        {
            ProposedTransaction = proposal,
        }.ToByteArray()),
        "Evaluate" => Proposals().Select(proposal => new EvaluateRequest
        {
            ProposedTransaction = proposal,
        }.ToByteArray()),
        "Submit" => Envelopes(Payload("mychannel", HeaderType.EndorserTransaction, _user)).Select(envelope =>
            new SubmitRequest { ChannelId = "mychannel", PreparedTransaction = envelope }.ToByteArray()),
        "CommitStatus" or "ChaincodeEvents" => StatusRequests().Select(request => request.ToByteArray()),
        "Prove" or "Attest" or "Commitments" or "Consistency" or "Inclusion" =>
            Questions(method).Select(question => question.ToByteArray()),
        _ => Envelopes(Payload("mychannel", HeaderType.DeliverSeekInfo, _user))
            .Append(Signed(Payload("no-such-channel", HeaderType.DeliverSeekInfo, _user), _user))
            .Select(envelope => envelope.ToByteArray()),
    };

    // The first one is mutated, so it is never valid as it stands: its signature is another message's.
    private IEnumerable<SignedProposal> Proposals()
    {
        foreach ((string channel, SigningIdentity creator) in new[]
        {
            ("mychannel", _user), ("no-such-channel", _user), ("mychannel", _foreign),
        })
        {
            byte[] nonce = RandomNumberGenerator.GetBytes(24);
            ByteString bytes = Proposal(channel, creator, nonce).ToByteString();
            yield return new SignedProposal
            {
                ProposalBytes = bytes, Signature = ByteString.CopyFrom(_user.Sign("another message"u8)),
            };
            yield return new SignedProposal { ProposalBytes = bytes };
            if (creator == _foreign || channel != "mychannel")
                yield return new SignedProposal
                {
                    ProposalBytes = bytes, Signature = ByteString.CopyFrom(creator.Sign(bytes.Span)),
                };
        }
    }

    // The same rule: the first one carries another message's signature.
    private IEnumerable<SignedProvingRequest> Questions(string method)
    {
        foreach ((string channel, SigningIdentity creator) in new[]
        {
            ("mychannel", _user), ("no-such-channel", _user), ("mychannel", _foreign),
        })
        {
            var question = new ProvingRequest
            {
                ChannelId = channel,
                Identity = ByteString.CopyFrom(creator.Serialized.Span),
                MadeAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            };
            if (method == "Commitments")
                question.Commitments = new CommitmentRange { Count = 1 };
            else if (method == "Consistency")
                question.Consistency = new ConsistencyQuestion { First = 1, Second = 2 };
            else if (method == "Inclusion")
                question.Inclusion = new InclusionQuestion { Block = 1, Height = 2 };
            else
                question.TransactionId = new string('a', 64);

            ByteString bytes = question.ToByteString();
            yield return new SignedProvingRequest
            {
                Request = bytes, Signature = ByteString.CopyFrom(_user.Sign("another message"u8)),
            };
            yield return new SignedProvingRequest { Request = bytes };
            yield return new SignedProvingRequest
            {
                Request = bytes, Signature = ByteString.CopyFrom(creator.Sign(bytes.Span)),
            };
        }
    }

    private static Proposal Proposal(string channel, SigningIdentity creator, byte[] nonce)
    {
        var contract = new ChaincodeID { Name = "hyperprov" };
        var input = new ChaincodeInput { Args = { ByteString.CopyFromUtf8("get"), ByteString.CopyFromUtf8("key") } };
        var invocation = new ChaincodeInvocationSpec
        {
            ChaincodeSpec = new ChaincodeSpec { ChaincodeId = contract, Input = input },
        };
        var channelHeader = new ChannelHeader
        {
            Type = (int)HeaderType.EndorserTransaction,
            ChannelId = channel,
            TxId = TxId.Compute(nonce, creator.Serialized.Span).Value,
            Timestamp = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
            Extension = new ChaincodeHeaderExtension { ChaincodeId = contract }.ToByteString(),
        };
        return new Proposal
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(),
                SignatureHeader = SignatureHeader(creator, nonce),
            }.ToByteString(),
            Payload = new ChaincodeProposalPayload { Input = invocation.ToByteString() }.ToByteString(),
        };
    }

    private static Payload Payload(string channel, HeaderType type, SigningIdentity creator)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(24);
        var channelHeader = new ChannelHeader
        {
            Type = (int)type,
            ChannelId = channel,
            TxId = TxId.Compute(nonce, creator.Serialized.Span).Value,
            Timestamp = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
        };
        var seek = new SeekInfo
        {
            Start = new SeekPosition { Specified = new SeekSpecified { Number = ulong.MaxValue } },
            Stop = new SeekPosition { Specified = new SeekSpecified { Number = 0 } },
        };
        return new Payload
        {
            Header = new Header
            {
                ChannelHeader = channelHeader.ToByteString(), SignatureHeader = SignatureHeader(creator, nonce),
            },
            Data = type == HeaderType.DeliverSeekInfo ? seek.ToByteString() : ByteString.Empty,
        };
    }

    private static ByteString SignatureHeader(SigningIdentity creator, byte[] nonce) => new SignatureHeader
    {
        Creator = ByteString.CopyFrom(creator.Serialized.Span), Nonce = ByteString.CopyFrom(nonce),
    }.ToByteString();

    private IEnumerable<Envelope> Envelopes(Payload payload)
    {
        yield return new Envelope
        {
            Payload = payload.ToByteString(), Signature = ByteString.CopyFrom(_user.Sign("another message"u8)),
        };
        yield return new Envelope { Payload = payload.ToByteString() };
        yield return new Envelope { Signature = ByteString.CopyFrom(_user.Sign("nothing"u8)) };
        yield return Signed(payload, _foreign);
    }

    private static Envelope Signed(Payload payload, SigningIdentity signer)
    {
        ByteString bytes = payload.ToByteString();
        return new Envelope { Payload = bytes, Signature = ByteString.CopyFrom(signer.Sign(bytes.Span)) };
    }

    private IEnumerable<SignedCommitStatusRequest> StatusRequests()
    {
        foreach ((string channel, SigningIdentity identity) in new[]
        {
            ("mychannel", _user), ("no-such-channel", _user), ("mychannel", _foreign),
        })
        {
            ByteString request = new CommitStatusRequest
            {
                ChannelId = channel,
                TransactionId = new string('0', 64),
                Identity = ByteString.CopyFrom(identity.Serialized.Span),
            }.ToByteString();
            yield return new SignedCommitStatusRequest
            {
                Request = request, Signature = ByteString.CopyFrom(_user.Sign("another message"u8)),
            };
            yield return new SignedCommitStatusRequest { Request = request };
        }
    }

    private byte[] Mutate(byte[] message)
    {
        byte[] mutated = [.. message];
        int changes = 1 + (int)(Roll() % 4);
        for (int i = 0; i < changes && mutated.Length > 0; i++)
            mutated[Roll() % (uint)mutated.Length] = (byte)(Roll() & 0xFF);

        return Roll() % 4 == 0 ? mutated[..(int)(Roll() % (uint)(mutated.Length + 1))] : mutated;
    }

    private uint Roll()
    {
        _dice = unchecked(_dice * 1664525 + 1013904223);
        return _dice >> 8;
    }

    private static SigningIdentity Load(string mspId, string folder) =>
        SigningIdentity.TryLoad(MspId.Of(mspId), folder, out SigningIdentity? identity, out string? fault)
            ? identity
            : throw new InvalidOperationException(fault);
}
