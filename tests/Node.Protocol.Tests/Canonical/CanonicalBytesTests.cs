using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;

namespace Node.Protocol.Tests.Canonical;

public sealed class CanonicalBytesTests
{
    [Fact]
    public void A_creator_is_its_MSP_id_and_its_certificate()
    {
        byte[] creator = SerializedIdentityBytes.Encode(MspId.Of("Org1MSP"), "cert"u8);

        Assert.Equal("0a074f7267314d5350120463657274", Convert.ToHexStringLower(creator));
        Assert.True(SerializedIdentityBytes.TryDecode(
            creator, out MspId mspId, out ReadOnlyMemory<byte> certificate, out _));
        Assert.Equal("Org1MSP", mspId.Value);
        Assert.Equal("cert", Encoding.ASCII.GetString(certificate.Span));
    }

    [Theory]
    [InlineData("")]                  // No MSP id.
    [InlineData("0a00120463657274")]  // An empty one.
    [InlineData("0a01ff")]            // Not UTF-8.
    [InlineData("0a074f7267")]        // Cut short.
    [InlineData("0807")]              // A number where text belongs.
    public void Other_bytes_are_no_creator(string hex)
    {
        Assert.False(SerializedIdentityBytes.TryDecode(Convert.FromHexString(hex), out _, out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void A_creator_beyond_the_limit_is_refused()
    {
        byte[] creator = SerializedIdentityBytes.Encode(MspId.Of("A"), new byte[Limits.IdentityBytesMax]);

        Assert.False(SerializedIdentityBytes.TryDecode(creator, out _, out _, out _));
    }

    [Fact]
    public void Messages_of_policies_have_the_bytes_that_Fabric_stores()
    {
        const string Reference = "/Channel/Application/Endorsement";
        var byReference = new Wire.Peer.ApplicationPolicy { ChannelConfigPolicyReference = Reference };
        var rule = new SignaturePolicy { NOutOf = new SignaturePolicy.Types.NOutOf { N = 1 } };
        rule.NOutOf.Rules.Add(new SignaturePolicy { SignedBy = 0 });
        var spelledOut = new SignaturePolicyEnvelope { Rule = rule };
        spelledOut.Identities.Add(new MSPPrincipal
        {
            PrincipalClassification = MSPPrincipal.Types.Classification.Role,
            Principal = new MSPRole { MspIdentifier = "Org1MSP", Role = MSPRole.Types.MSPRoleType.Peer }.ToByteString(),
        });

        Assert.Equal(
            "12202f4368616e6e656c2f4170706c69636174696f6e2f456e646f7273656d656e74",
            Convert.ToHexStringLower(byReference.ToByteArray()));
        Assert.Equal(
            "120812060801120208001a0d120b0a074f7267314d53501003", Convert.ToHexStringLower(spelledOut.ToByteArray()));
    }

    [Fact]
    public void The_data_hash_is_over_the_envelopes_end_to_end()
    {
        byte[] first = Dice.Bytes(seed: 1, 300);
        byte[] second = Dice.Bytes(seed: 2, 5000);
        Hash32 expected = Hash32.Read(SHA256.HashData([.. first, .. second]));

        Assert.Equal(expected, BlockDataHash.Of([first, second]));
        Assert.Equal(expected, BlockDataHash.Of(new[] { ByteString.CopyFrom(first), ByteString.CopyFrom(second) }));
        Assert.Equal(Hash32.Of([]), BlockDataHash.Of(Array.Empty<ReadOnlyMemory<byte>>()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(100_000)]
    public void Stripping_leaves_the_input_of_a_proposal_payload_alone(int inputBytes)
    {
        var full = new ChaincodeProposalPayload { Input = ByteString.CopyFrom(Dice.Bytes(seed: 3, inputBytes)) };
        byte[] expected = full.ToByteArray();
        full.TransientMap.Add("secret", ByteString.CopyFromUtf8("value"));

        Assert.True(ProposalPayloadBytes.TryStrip(full.ToByteArray(), out ReadOnlyMemory<byte> stripped, out _));
        Assert.True(ProposalPayloadBytes.TryStrip(expected, out ReadOnlyMemory<byte> again, out _));

        Assert.Equal(expected, stripped.ToArray());
        Assert.Equal(expected, again.ToArray());
    }

    [Theory]
    [InlineData("0a0161", "0a0161")]
    [InlineData("0a016118ff01", "0a0161")]       // An unknown field goes.
    [InlineData("18ff010a0161", "0a0161")]
    [InlineData("0a81000061", null)]             // 81 00 is 1, and then a field of number 12 is cut short.
    [InlineData("0a810061", "0a0161")]           // A length longer than needed is written anew.
    [InlineData("8a000161", "0a0161")]           // So is a tag.
    [InlineData("0a01620a0161", "0a0161")]       // The last of two inputs counts.
    [InlineData("12040a0161", null)]
    [InlineData("0a0261", null)]
    [InlineData("0801", null)]
    public void Stripping_gives_one_encoding_for_every_spelling(string payloadHex, string? expectedHex)
    {
        bool taken = ProposalPayloadBytes.TryStrip(
            Convert.FromHexString(payloadHex), out ReadOnlyMemory<byte> stripped, out string? fault);

        Assert.Equal(expectedHex, taken ? Convert.ToHexStringLower(stripped.Span) : null);
        Assert.Equal(taken, fault is null);
    }

    [Fact]
    public void A_proposal_hash_covers_headers_and_input_but_no_transient_value()
    {
        var payload = new ChaincodeProposalPayload { Input = ByteString.CopyFromUtf8("input") };
        byte[] bare = payload.ToByteArray();
        payload.TransientMap.Add("a", ByteString.CopyFromUtf8("b"));
        Assert.True(ProposalPayloadBytes.TryStrip(payload.ToByteArray(), out ReadOnlyMemory<byte> stripped, out _));

        Hash32 hash = ProposalHash.Of("channel"u8, "signature"u8, stripped.Span);

        Assert.Equal(Hash32.Read(SHA256.HashData([.. "channel"u8, .. "signature"u8, .. bare])), hash);
    }

    [Fact]
    public void An_envelope_is_canonical_as_Google_Protobuf_writes_it()
    {
        foreach (int bytes in new[] { 1, 127, 128, 20_000 })
        {
            byte[] payload = Dice.Bytes(seed: 4, bytes);
            byte[] encoded = CanonicalEnvelope.Encode(payload, "signature"u8);

            Assert.Equal(GoogleEnvelope(payload, "signature"u8), encoded);
            Assert.True(CanonicalEnvelope.IsCanonical(encoded, out _));
        }

        Assert.Equal(GoogleEnvelope("p"u8, []), CanonicalEnvelope.Encode("p"u8, []));
    }

    private static byte[] GoogleEnvelope(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature) =>
        new Envelope { Payload = ByteString.CopyFrom(payload), Signature = ByteString.CopyFrom(signature) }
            .ToByteArray();

    [Theory]
    [InlineData("")]
    [InlineData("0a0161")]                 // No signature.
    [InlineData("120162")]                 // No payload.
    [InlineData("0a00120162")]             // An empty payload.
    [InlineData("0a01611200")]
    [InlineData("1201620a0161")]           // The wrong order.
    [InlineData("0a01611201621a0163")]     // An unknown field.
    [InlineData("0a0161120162120162")]     // A field twice.
    [InlineData("0a0160" + "0a0161120162")]
    [InlineData("0a810061120162")]         // A length longer than needed.
    [InlineData("0a016112810062")]
    [InlineData("8a000161120162")]         // A tag longer than needed.
    [InlineData("0a016112016200")]
    [InlineData("0a0161120262")]
    public void Any_other_encoding_of_an_envelope_is_not_canonical(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(CanonicalEnvelope.IsCanonical(bytes, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Whatever_is_canonical_is_what_encoding_it_again_gives()
    {
        var dice = new Dice(seed: 5);
        byte[] canonical = CanonicalEnvelope.Encode("payload"u8, "signature"u8);
        int seen = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] mutated = Mutations.Of(canonical, dice);
            if (!CanonicalEnvelope.IsCanonical(mutated, out _))
                continue;

            seen++;
            Envelope parsed = Envelope.Parser.ParseFrom(mutated);
            Assert.Equal(mutated, CanonicalEnvelope.Encode(parsed.Payload.Span, parsed.Signature.Span));
        }

        Assert.InRange(seen, 1000, 99_000);   // Both outcomes were there.
    }
}
