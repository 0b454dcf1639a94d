using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Node.Contracts;
using Node.Membership;
using Node.Protocol;

namespace Node.Testing.Contracts;

/// <summary>One call of a contract, valid by default: the context that a peer would give it.</summary>
public sealed class ContractCall(IContractState state, TxId id, string function, params string[] arguments)
    : IContractContext
{
    public static readonly ClientIdentity User1 = new(
        MspId.Of("Org1MSP"), "user1", "User1@org1.example.com", Hash32.Of("user1"u8), ClientRole.Client,
        new Dictionary<string, string>(StringComparer.Ordinal));

    public static readonly DateTimeOffset Noon =
        DateTimeOffset.Parse("2026-01-31T12:00:00Z", CultureInfo.InvariantCulture);

    public ChannelId Channel { get; } = ChannelId.Of("mychannel");

    public TxId TxId => id;

    public DateTimeOffset Timestamp { get; init; } = Noon;

    public string Function => function;

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; init; } =
        [.. arguments.Select(argument => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(argument))];

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; } =
        new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);

    public ClientIdentity Client { get; init; } = User1;

    public IContractState State => state;

    /// <summary>The event that was set, if any.</summary>
    public (string Name, string Payload)? Event { get; private set; }

    /// <summary>Whose certificates <see cref="TryReadMember"/> takes; nobody's unless a test says so.</summary>
    public IReadOnlyList<Msp> Organizations { get; init; } = [];

    public bool TryReadMember(
        MspId mspId,
        ReadOnlyMemory<byte> certificatePem,
        [NotNullWhen(true)] out IMember? member,
        [NotNullWhen(false)] out string? fault)
    {
        member = null;
        fault = $"the MSP {mspId} is unknown";
        foreach (Msp msp in Organizations)
        {
            if (msp.MspId != mspId)
                continue;
            if (!msp.TryResolve(certificatePem.Span, out Identity? identity, out fault))
                return false;

            member = new Member(identity);
            return true;
        }

        return false;
    }

    public void SetEvent(string name, ReadOnlyMemory<byte> payload) =>
        Event = (name, Encoding.UTF8.GetString(payload.Span));

    private sealed class Member(Identity identity) : IMember
    {
        public ClientIdentity Identity { get; } = new(
            identity.MspId, identity.EnrollmentId, identity.CommonName, identity.Fingerprint, ClientRole.Client,
            identity.Attributes);

        public DateTimeOffset NotBefore => identity.NotBefore;

        public DateTimeOffset NotAfter => identity.NotAfter;

        public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
            identity.Verify(message, signature);
    }
}
