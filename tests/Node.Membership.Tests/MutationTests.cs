using Google.Protobuf;
using Node.Membership.Certificates;
using Node.Membership.Issuing;
using Node.Membership.Keys;
using Node.Membership.Topology;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;
using Node.Testing;

namespace Node.Membership.Tests;

/// <summary>
/// Bytes from outside, bent in many ways, are refused by an answer. Every decoder gets at least 100,000 of them; a seed
/// that ever failed stays in its list.
/// </summary>
public sealed class MutationTests(SharedNetwork shared) : IClassFixture<SharedNetwork>
{
    private const int Mutations = 100_000;
    private static readonly int[] s_seeds = [1, 2];
    private readonly TestNetwork _network = shared.Network;

    [Fact]
    public void Certificates()
    {
        byte[] der = _network.Org1.User1.CertificateDer.ToArray();

        int read = Count(der, bent => Certificate.TryRead(bent, out _, out _));

        // Most of a certificate is a key, a signature and names, so many of them still have its form.
        Assert.InRange(read, 1, (Mutations * s_seeds.Length) - 1);
    }

    [Fact]
    public void Certification_requests()
    {
        using EnrollmentKey key = EnrollmentKey.Create(KeyType.P256);
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(key.WriteRequest("somebody", ["node.local", "10.0.0.7"]));

        Count(pem, bent => SigningRequest.TryReadPem(bent, out _, out _));
    }

    [Fact]
    public void Certificates_as_text()
    {
        using TestAuthority root = TestAuthority.Root("ca");
        using TestMember member = root.Issue("somebody", "client");
        byte[] pem = member.Pem.ToByteArray();

        Count(pem, bent => Certificate.TryReadPem(bent, out _, out _));
    }

    [Fact]
    public void Revocation_lists()
    {
        using TestAuthority root = TestAuthority.Root("ca");
        byte[] pem = root.Revoke(root.Issue("one", "client"), root.Issue("two", "client")).ToByteArray();
        Assert.True(Pem.TryDecode(pem, Pem.RevocationListLabel, int.MaxValue, out byte[] der, out _));

        int read = Count(der, bent => RevocationList.TryRead(bent, out _, out _));

        Assert.InRange(read, 1, (Mutations * s_seeds.Length) - 1);
    }

    [Fact]
    public void Signatures()
    {
        using SigningKey key = SigningKey.Create(KeyType.P256);
        byte[] signature = key.Sign("message"u8);
        byte[] canonical = new byte[EcCurve.FixedBytesMax];

        Count(signature, bent =>
        {
            EcdsaSignature.ToLowS(bent, EcCurve.P256);
            return EcdsaSignature.ReadLowS(bent, EcCurve.P256, canonical) > 0;
        });
    }

    [Fact]
    public void Identities()
    {
        byte[] serialized = _network.Org1.User1.Serialized.ToArray();
        Count(serialized, bent =>
        {
            if (!_network.Config.TryResolve(bent, out Identity? identity, out _))
                return false;

            // Text around the certificate is free, the certificate is not.
            Assert.Equal("User1@org1.example.com", identity.CommonName);
            return true;
        });
    }

    [Fact]
    public void Configurations()
    {
        byte[] config = _network.Config.Config.ToByteArray();

        // A configuration costs milliseconds to check as a whole, so fewer of them are.
        int checkedWhole = 0;
        Count(config, bent =>
        {
            if (!TryParse(bent, Config.Parser, out Config? parsed))
                return false;
            if (checkedWhole++ < 400)
                ChannelConfig.TryCreate(_network.ChannelId, parsed, out _, out _);

            return true;
        });
    }

    [Fact]
    public void Providers()
    {
        FabricMSPConfig whole = FabricMSPConfig.Parser.ParseFrom(MSPConfig.Parser.ParseFrom(
            _network.Config.Config.ChannelGroup.Groups["Application"].Groups["Org1"].Values["MSP"].Value).Config);
        int checkedWhole = 0;

        Count(whole.ToByteArray(), bent =>
            TryParse(bent, FabricMSPConfig.Parser, out FabricMSPConfig? parsed)
            && checkedWhole++ < 1000
            && Msp.TryCreate(parsed, MspRules.Fabric30, out _, out _));
    }

    [Fact]
    public void Policies()
    {
        Assert.True(SignaturePolicy.TryParse(
            "AND('Org1MSP.peer', OutOf(2, 'A.member', 'B.admin', OR('C.client')))",
            out SignaturePolicyEnvelope? envelope,
            out _));
        Assert.True(_network.Config.TryResolve(_network.Org1.Node.Serialized.Span, out Identity? signer, out _));
        Identity[] signers = [signer];

        Count(envelope.ToByteArray(), bent =>
        {
            if (!TryParse(bent, SignaturePolicyEnvelope.Parser, out SignaturePolicyEnvelope? parsed))
                return false;

            Assert.NotNull(SignaturePolicy.Format(parsed));
            return SignaturePolicy.TryCreate(parsed, out SignaturePolicy? policy, out _)
                && policy.IsSatisfiedBy(signers);
        });
    }

    [Fact]
    public void Policy_texts()
    {
        byte[] text = "AND('Org1MSP.peer', OutOf(2, 'A.member', 'B.admin', OR('C.client')))"u8.ToArray();

        Count(text, bent =>
            SignaturePolicy.TryParse(System.Text.Encoding.Latin1.GetString(bent), out _, out PolicySyntaxFault? fault)
            || fault.ToString().Length == 0);
    }

    [Fact]
    public void Configuration_updates()
    {
        var update = new ConfigUpdate
        {
            ChannelId = _network.ChannelId.Value,
            ReadSet = new ConfigGroup { ModPolicy = "Admins" },
            WriteSet = _network.Config.Config.ChannelGroup.Clone(),
        };
        update.WriteSet.Groups.Remove("Application");
        update.WriteSet.Groups.Remove("Orderer");
        update.WriteSet.Policies["Writers"].Version = 1;
        byte[] bytes = update.ToByteArray();

        int applied = Count(bytes, bent => ConfigUpdates.TryApply(
            _network.Config, new ConfigUpdateEnvelope { ConfigUpdate = ByteString.CopyFrom(bent) }, out _, out _));

        Assert.Equal(0, applied);   // Nobody has signed.
    }

    [Fact]
    public void Network_files()
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(_network.Topology.ToYaml());

        // A parser of text is slow, and its input comes from a person: a hundredth of the others.
        Count(text, Mutations / 100, bent =>
            NetworkTopology.TryParse("yaml", System.Text.Encoding.Latin1.GetString(bent), out _, out string? fault)
            || fault.Length == 0);
    }

    private static int Count(byte[] original, Func<byte[], bool> accepts) => Count(original, Mutations, accepts);

    private static int Count(byte[] original, int mutations, Func<byte[], bool> accepts)
    {
        int accepted = 0;
        foreach (int seed in s_seeds)
        {
            var random = new Random(seed);
            for (int i = 0; i < mutations / s_seeds.Length; i++)
            {
                byte[] bent = Bend(original, random);
                if (accepts(bent))
                    accepted++;
            }
        }

        return accepted;
    }

    private static byte[] Bend(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0x80; break;
                case 3: bytes.RemoveRange(at, length); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.Insert(at, (byte)random.Next(256)); break;
            }
        }

        return [.. bytes];
    }

    private static bool TryParse<T>(
        byte[] bytes, MessageParser<T> parser, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}
