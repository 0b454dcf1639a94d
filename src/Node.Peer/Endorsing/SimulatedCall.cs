using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Contracts;
using Node.Ledger;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Canonical;

namespace Node.Peer.Endorsing;

/// <summary>The context of one contract call, made of an admitted proposal and a simulation.</summary>
/// <remarks>Owned by one call of <see cref="Endorser"/>, on its thread.</remarks>
internal sealed class SimulatedCall : IContractContext
{
    private readonly AdmittedProposal _admitted;
    private readonly SimulatedState? _state;
    private ClientIdentity? _client;
    private (string Name, ReadOnlyMemory<byte> Payload)? _event;

    /// <param name="simulation">Null outside of any channel.</param>
    public SimulatedCall(AdmittedProposal admitted, Simulation? simulation, SimulationBounds bounds)
    {
        _admitted = admitted;
        _state = simulation is null ? null : new SimulatedState(simulation, admitted.Proposal.ContractName, bounds);
    }

    public ChannelId Channel => _admitted.Proposal.Channel;

    public TxId TxId => _admitted.TxId;

    public DateTimeOffset Timestamp => _admitted.Timestamp;

    public string Function => _admitted.Function;

    public IReadOnlyList<ReadOnlyMemory<byte>> Arguments => _admitted.Arguments;

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient => _admitted.Transient;

    public ClientIdentity Client => _client ??= ToClient(_admitted.Creator);

    public IContractState State =>
        _state ?? throw new InvalidOperationException("Outside of any channel there is no state.");

    /// <summary>The private collections that were written.</summary>
    public IReadOnlyCollection<string> Collections => _state?.Collections ?? [];

    public void SetEvent(string name, ReadOnlyMemory<byte> payload)
    {
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > Limits.EventNameBytesMax)
            throw new ArgumentException($"An event's name has 1 to {Limits.EventNameBytesMax} bytes.", nameof(name));
        if (payload.Length > Limits.ValueBytesMax)
            throw new ArgumentException($"An event has at most {Limits.ValueBytesMax} bytes.", nameof(payload));
        _event = (name, payload);
    }

    public bool TryReadMember(
        MspId mspId,
        ReadOnlyMemory<byte> certificatePem,
        [NotNullWhen(true)] out IMember? member,
        [NotNullWhen(false)] out string? fault)
    {
        member = null;
        if (_admitted.Channel is not { } channel)
        {
            fault = "Outside of any channel there are no members.";
            return false;
        }

        byte[] serialized = SerializedIdentityBytes.Encode(mspId, certificatePem.Span);
        if (!channel.Config.TryResolve(serialized, out Identity? identity, out fault))
            return false;

        member = new Member(identity);
        return true;
    }

    /// <summary>Empty when the contract set none.</summary>
    public ReadOnlyMemory<byte> EncodeEvent() => _event is { } set
        ? EndorsedAction.EncodeEvent(_admitted.Proposal.ContractName, TxId, set.Name, set.Payload)
        : default;

    private static ClientIdentity ToClient(Identity creator) => new(
        creator.MspId,
        creator.EnrollmentId,
        creator.CommonName,
        creator.Fingerprint,
        creator.Role switch
        {
            NodeRole.Client => ClientRole.Client,
            NodeRole.Peer => ClientRole.Peer,
            NodeRole.Admin => ClientRole.Admin,
            NodeRole.Orderer => ClientRole.Orderer,
            _ => ClientRole.None,
        },
        creator.Attributes);

    private sealed class Member(Identity identity) : IMember
    {
        public ClientIdentity Identity { get; } = ToClient(identity);

        public DateTimeOffset NotBefore => identity.NotBefore;

        public DateTimeOffset NotAfter => identity.NotAfter;

        public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
            identity.Verify(message, signature);
    }
}
