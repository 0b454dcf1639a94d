using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Node.Protocol.Canonical;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Tests.Decoding;

public sealed class DecodedProposalTests
{
    private sealed class Sample
    {
        public SignatureHeader SignatureHeader { get; init; } = new();

        public ChannelHeader ChannelHeader { get; init; } = new();

        public ChaincodeHeaderExtension Extension { get; init; } = new();

        public ChaincodeInput Input { get; } = new();

        public ChaincodeProposalPayload Payload { get; } = new();

        public byte[] Encode()
        {
            if (ChannelHeader.Extension.IsEmpty)
                ChannelHeader.Extension = Extension.ToByteString();
            if (ChannelHeader.TxId.Length == 0)
                ChannelHeader.TxId = TxId.Compute(SignatureHeader.Nonce.Span, SignatureHeader.Creator.Span).Value;
            if (Payload.Input.IsEmpty)
            {
                Payload.Input = new ChaincodeInvocationSpec
                {
                    ChaincodeSpec = new ChaincodeSpec { Type = ChaincodeSpec.Types.Type.Node, Input = Input },
                }.ToByteString();
            }

            var header = new Header
            {
                ChannelHeader = ChannelHeader.ToByteString(),
                SignatureHeader = SignatureHeader.ToByteString(),
            };
            return new Proposal { Header = header.ToByteString(), Payload = Payload.ToByteString() }.ToByteArray();
        }
    }

    [Fact]
    public void Random_proposals_decode_to_what_the_generated_parsers_find()
    {
        for (ulong seed = 0; seed < 1000; seed++)
        {
            byte[] bytes = Any(new Dice(seed)).Encode();

            Assert.True(DecodedProposal.TryDecode(bytes, out DecodedProposal? proposal, out string? fault), fault);

            Assert.Null(proposal.HeaderFault);
            Agrees(bytes, proposal);
            Assert.NotNull(InputOf(ChaincodeProposalPayload.Parser.ParseFrom(proposal.StrippedPayload.Span).Input));
        }
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "channel", "a channel name starts with" },
        { "extension", "extension cannot be decoded" },
        { "contract", "names no contract" },
        { "long contract", "this one has 129" },
        { "call", "call inside" },
        { "no call", "call inside of the proposal has no arguments" },
        { "no arguments", "call inside of the proposal has no arguments" },
        { "arguments", "more than the 4096 arguments" },
        { "transient", "call inside of the proposal has more than the 4096 transient" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Says_what_is_wrong(string what, string expected)
    {
        Sample sample = Any(new Dice(seed: 1));
        switch (what)
        {
            case "channel":
                sample.ChannelHeader.ChannelId = "My Channel";
                break;
            case "extension":
                sample.ChannelHeader.Extension = ByteString.CopyFrom(0x12, 0x05);
                break;
            case "contract":
                sample.Extension.ChaincodeId = null;
                break;
            case "long contract":
                sample.Extension.ChaincodeId.Name = new string('c', Limits.NamespaceBytesMax + 1);
                break;
            case "call":
                sample.Payload.Input = ByteString.CopyFrom(0x0a, 0x05);
                break;
            case "no call":
                sample.Payload.Input = ByteString.CopyFrom(0x10, 0x05);
                break;
            case "no arguments":
                sample.Input.Args.Clear();
                break;
            case "arguments":
                for (int i = 0; i <= Limits.ArgumentsMax; i++)
                    sample.Input.Args.Add(ByteString.Empty);

                break;
            case "transient":
                for (int i = 0; i <= Limits.ArgumentsMax; i++)
                    sample.Payload.TransientMap[$"{i}"] = ByteString.Empty;

                break;
        }

        Assert.False(DecodedProposal.TryDecode(sample.Encode(), out _, out string? fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type", "invalid header type 5")]
    [InlineData("epoch", "epoch is non-zero: 1")]
    [InlineData("nonce", "nonce is empty")]
    [InlineData("creator", "creator is empty")]
    [InlineData("transaction id", "incorrectly computed txid")]
    [InlineData("no transaction id", "incorrectly computed txid")]
    public void Says_what_is_wrong_in_the_headers_of_a_proposal_whose_form_is_good(string what, string expected)
    {
        Sample sample = Any(new Dice(seed: 1));
        switch (what)
        {
            case "type":
                sample.ChannelHeader.Type = 5;
                break;
            case "epoch":
                sample.ChannelHeader.Epoch = 1;
                break;
            case "nonce":
                sample.SignatureHeader.Nonce = ByteString.Empty;
                break;
            case "creator":
                sample.SignatureHeader.Creator = ByteString.Empty;
                break;
            case "transaction id":
                sample.ChannelHeader.TxId = new string('a', 64);
                break;
            case "no transaction id":
                sample.ChannelHeader.TxId = "a";
                break;
        }

        Assert.True(DecodedProposal.TryDecode(sample.Encode(), out DecodedProposal? proposal, out _));
        Assert.StartsWith(expected, proposal.HeaderFault, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_of_system_contracts_may_have_the_type_of_configuration_and_no_channel()
    {
        Sample sample = Any(new Dice(seed: 2));
        sample.ChannelHeader.Type = (int)HeaderType.Config;
        sample.ChannelHeader.ChannelId = "";

        Assert.True(DecodedProposal.TryDecode(sample.Encode(), out DecodedProposal? proposal, out _));

        Assert.Null(proposal.HeaderFault);
        Assert.True(proposal.Channel.IsNone);
        Assert.Equal(HeaderType.Config, proposal.Type);
    }

    [Fact]
    public void A_proposal_beyond_the_limit_is_refused_before_it_is_read()
    {
        Assert.False(DecodedProposal.TryDecode(new byte[Limits.ProposalBytesMax + 1], out _, out string? fault));
        Assert.Contains("at most", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_mutation_makes_it_throw_and_what_it_accepts_the_generated_parsers_read_alike()
    {
        const int Mutants = 150_000;
        var dice = new Dice(seed: 46);
        byte[] bytes = [];
        int accepted = 0;
        for (int i = 0; i < Mutants; i++)
        {
            if (i % 300 == 0)
                bytes = Any(dice).Encode();

            byte[] mutated = Mutations.Of(bytes, dice);
            bool decoded = DecodedProposal.TryDecode(mutated, out DecodedProposal? proposal, out string? fault);
            Assert.Equal(decoded, proposal is not null);
            Assert.Equal(decoded, fault is null);
            if (proposal is null)
                continue;

            accepted++;
            Assert.InRange(proposal.Arguments.Length, 1, Limits.ArgumentsMax);
            Agrees(mutated, proposal);
        }

        Assert.InRange(accepted, Mutants / 100, Mutants - 1);
    }

    private static Sample Any(Dice dice)
    {
        var sample = new Sample
        {
            SignatureHeader = new SignatureHeader
            {
                Creator = ByteString.CopyFrom(dice.Bytes(50)),
                Nonce = ByteString.CopyFrom(dice.Bytes(24)),
            },
            ChannelHeader = new ChannelHeader
            {
                Type = (int)HeaderType.EndorserTransaction,
                ChannelId = "mychannel",
                Timestamp = dice.OneIn(5) ? null : new Timestamp { Seconds = dice.Below(1 << 30), Nanos = 5 },
                TlsCertHash = ByteString.CopyFrom(dice.Bytes(dice.Below(33))),
            },
            Extension = new ChaincodeHeaderExtension { ChaincodeId = new ChaincodeID { Name = "cc" + dice.Text(8) } },
        };
        sample.Input.IsInit = dice.OneIn(5);
        for (int count = 1 + dice.Below(5); count > 0; count--)
            sample.Input.Args.Add(ByteString.CopyFrom(dice.Bytes(dice.Below(40))));
        for (int count = dice.Below(3); count > 0; count--)
            sample.Payload.TransientMap[dice.Text(9)] = ByteString.CopyFrom(dice.Bytes(dice.Below(40)));

        return sample;
    }

    // Null when what is broken is a part that the decoder has no use for: decorations, the second contract id.
    private static ChaincodeInput? InputOf(ByteString invocation)
    {
        try
        {
            return ChaincodeInvocationSpec.Parser.ParseFrom(invocation).ChaincodeSpec.Input;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static bool IsGood(ChannelHeader channel, SignatureHeader signature) =>
        channel.Type is (int)HeaderType.EndorserTransaction or (int)HeaderType.Config
        && channel.Epoch == 0
        && !signature.Nonce.IsEmpty
        && !signature.Creator.IsEmpty
        && channel.TxId == TxId.Compute(signature.Nonce.Span, signature.Creator.Span).Value;

    private static void Agrees(byte[] bytes, DecodedProposal decoded)
    {
        Proposal proposal = Proposal.Parser.ParseFrom(bytes);
        Header header = Header.Parser.ParseFrom(proposal.Header);
        ChannelHeader channel = ChannelHeader.Parser.ParseFrom(header.ChannelHeader);
        SignatureHeader signature = SignatureHeader.Parser.ParseFrom(header.SignatureHeader);
        ChaincodeHeaderExtension extension = ChaincodeHeaderExtension.Parser.ParseFrom(channel.Extension);
        ChaincodeProposalPayload payload = ChaincodeProposalPayload.Parser.ParseFrom(proposal.Payload);
        ChaincodeInput? input = InputOf(payload.Input);

        Assert.Equal(proposal.Header.ToByteArray(), decoded.Header.ToArray());
        Assert.Equal(header.ChannelHeader.ToByteArray(), decoded.ChannelHeader.ToArray());
        Assert.Equal(header.SignatureHeader.ToByteArray(), decoded.SignatureHeader.ToArray());
        Assert.Equal(signature.Creator.ToByteArray(), decoded.Creator.ToArray());
        Assert.Equal(signature.Nonce.ToByteArray(), decoded.Nonce.ToArray());
        Assert.Equal(channel.Type, (int)decoded.Type);
        Assert.Equal(channel.ChannelId, decoded.Channel.Value);
        Assert.Equal(IsGood(channel, signature), decoded.HeaderFault is null);
        if (decoded.HeaderFault is null)
            Assert.Equal(channel.TxId, decoded.TxId.Value);
        Assert.Equal(channel.TlsCertHash.ToByteArray(), decoded.TlsCertHash.ToArray());
        Assert.Equal(channel.Timestamp?.Seconds, decoded.Timestamp?.Seconds);
        Assert.Equal(extension.ChaincodeId.Name, decoded.ContractName);
        Assert.Equal(input?.IsInit ?? decoded.IsInit, decoded.IsInit);
        Assert.Equal(input?.Args.Count ?? decoded.Arguments.Length, decoded.Arguments.Length);
        for (int i = 0; i < input?.Args.Count; i++)
            Assert.Equal(input.Args[i].ToByteArray(), decoded.MemoryOf(decoded.Arguments[i]).ToArray());

        var transient = new Dictionary<string, byte[]>();
        foreach (DecodedTransient entry in decoded.Transient)
            transient[Encoding.UTF8.GetString(decoded.MemoryOf(entry.Name).Span)] =
                decoded.MemoryOf(entry.Value).ToArray();

        Assert.Equal(payload.TransientMap.ToDictionary(pair => pair.Key, pair => pair.Value.ToByteArray()), transient);
        byte[] stripped = new ChaincodeProposalPayload { Input = payload.Input }.ToByteArray();
        Assert.Equal(stripped, decoded.StrippedPayload.ToArray());
        Assert.Equal(
            ProposalHash.Of(header.ChannelHeader.Span, header.SignatureHeader.Span, stripped), decoded.Hash);
    }
}
