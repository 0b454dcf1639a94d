using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Node.Contracts;
using Node.Contracts.Lifecycle;
using Node.Ledger;
using Node.Peer.Committing;
using Node.Peer.Endorsing.SystemContracts;
using Node.Membership;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Tracing;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Endorsing;

/// <summary>Simulates proposals on this peer's world state and signs what they would read and write.</summary>
/// <remarks>
/// Any thread; one call is one simulation on its caller's thread, from a snapshot that it releases before it returns.
/// Order of checks, refusals and bytes are Fabric's (wire reference, B9).
/// </remarks>
internal sealed class Endorser
{
    private const string SystemVersion = "syscc";

    private readonly PeerNode _node;
    private readonly ContractRegistry _contracts;
    private readonly AdmissionGate _simulations;
    private readonly AccessControl _access;
    private readonly ProposalAdmission _admission;
    private readonly AdmissionGate _waiting = new("endorsements waiting for a height", Limits.EndorseWaitersMax);
    private readonly Dictionary<string, ISystemContract> _systemContracts;

    public Endorser(PeerNode node, ContractRegistry contracts, AdmissionGate simulations)
    {
        _node = node;
        _contracts = contracts;
        _simulations = simulations;
        _access = new AccessControl(node);
        _admission = new ProposalAdmission(node);
        _systemContracts = new Dictionary<string, ISystemContract>(StringComparer.Ordinal)
        {
            [QueryContract.ContractName] = new QueryContract(node),
            [ConfigurationContract.ContractName] = new ConfigurationContract(node, _access),
        };
    }

    /// <summary>Answers with an endorsement where the contract succeeds on a channel.</summary>
    /// <exception cref="OverloadedException">All places for simulations are taken; try another peer.</exception>
    /// <exception cref="NodeException">Storage failed.</exception>
    public EndorseOutcome Endorse(SignedProposal signed, CancellationToken cancellationToken) =>
        ProposalAdmission.TryDecode(signed, out DecodedProposal? proposal, out string? fault)
            ? Endorse(proposal, signed.Signature.Memory, cancellationToken)
            : EndorseOutcome.Rejected(fault);

    /// <summary>As above, of a proposal that its receiver has decoded.</summary>
    /// <param name="signature">The client's, over the proposal's bytes.</param>
    /// <inheritdoc cref="Endorse(SignedProposal, CancellationToken)" path="/exception"/>
    public EndorseOutcome Endorse(
        DecodedProposal proposal, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken) =>
        Answer(proposal, signature, isEndorsed: true, cancellationToken);

    /// <summary>
    /// As above, on a state that has the blocks which the asker has seen. Waits for them, at most
    /// <see cref="Limits.EndorseCatchUpMax"/>, and holds neither a thread nor a place for simulations meanwhile.
    /// </summary>
    /// <param name="height">Count of blocks.</param>
    /// <inheritdoc cref="Endorse(DecodedProposal, ReadOnlyMemory{byte}, CancellationToken)" path="/param"/>
    /// <exception cref="OverloadedException">Too many wait, or all places for simulations are taken.</exception>
    /// <exception cref="NodeException">Storage failed.</exception>
    public async Task<EndorseOutcome> EndorseAtAsync(
        DecodedProposal proposal, ReadOnlyMemory<byte> signature, ulong height, CancellationToken cancellationToken)
    {
        if (_node.TryFindChannel(proposal.Channel, out PeerChannel? channel)
            && channel.Fault is null
            && channel.Commits.Height < height)
        {
            // Only members may wait here, so the checks come first. They are made again on the state waited for.
            if (_admission.Check(proposal, signature, out _) is { } refusal)
                return refusal;
            if (!await TryReachAsync(channel, height, cancellationToken))
                return IsBehind(channel, height);
        }

        return Endorse(proposal, signature, cancellationToken);
    }

    /// <summary>
    /// Answers with the contract's response alone: nothing is encoded or signed, which costs more than most reads.
    /// </summary>
    /// <inheritdoc cref="Endorse(DecodedProposal, ReadOnlyMemory{byte}, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Endorse(SignedProposal, CancellationToken)" path="/exception"/>
    public EndorseOutcome Evaluate(
        DecodedProposal proposal, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken) =>
        Answer(proposal, signature, isEndorsed: false, cancellationToken);

    private EndorseOutcome Answer(
        DecodedProposal proposal, ReadOnlyMemory<byte> signature, bool isEndorsed, CancellationToken cancellationToken)
    {
        if (_admission.Check(proposal, signature, out AdmittedProposal? admitted) is { } refusal)
            return refusal;
        Invariant.Require(admitted is not null, "a proposal is admitted or refused");
        using Activity? span = TransactionTrace.Start(
            isEndorsed ? "endorser.endorse" : "endorser.evaluate", ActivityKind.Internal, admitted.TxId);

        // Read before anything else of the state is: what follows may see a later one, never an earlier one.
        ulong? height = admitted.Channel?.Ledger.Height;

        // What is endorsed on old state would hardly ever commit. Reading it is still of use.
        if (isEndorsed && admitted.Channel?.Fault is { } stopped)
            return EndorseOutcome.Answered(
                ProposalAnswers.Failure($"channel {admitted.Channel.Id} is stopped on this peer: {stopped}"), height);

        // Admission is cheap and bounded by the connection; what costs is the simulation.
        using AdmissionGate.Place place = _simulations.EnterOrThrow();
        EndorsedAction? action;
        string? fault = null;
        if (_systemContracts.TryGetValue(admitted.Proposal.ContractName, out ISystemContract? system))
            action = Ask(system, admitted);
        else
            fault = Simulate(admitted, isEndorsed, cancellationToken, out action);
        if (action is null)
            return EndorseOutcome.Answered(ProposalAnswers.Failure(fault ?? ""), height);

        // A contract's failure carries a payload, which tells it from this peer's own. All other answers that nobody
        // vouches for are the response alone: refusals, evaluations, calls outside of any channel.
        bool isPlain = admitted.Channel is null
            || (action.Response.Status < ContractResponse.Failed && !(isEndorsed && action.Response.IsSuccess));
        ProposalResponse response = isPlain ? ProposalAnswers.Unsigned(action.Response) : Sign(admitted, action);
        return EndorseOutcome.Answered(response, action.Height ?? height);
    }

    /// <returns>False when the bound has passed, or the peer begins to stop.</returns>
    private async Task<bool> TryReachAsync(PeerChannel channel, ulong height, CancellationToken cancellationToken)
    {
        using AdmissionGate.Place place = _waiting.EnterOrThrow();
        using var bound = new CancellationTokenSource(Limits.EndorseCatchUpMax, _node.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, bound.Token, _node.Stopping);
        try
        {
            await channel.Commits.WaitForHeightAsync(height, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private EndorseOutcome IsBehind(PeerChannel channel, ulong height)
    {
        ulong reached = channel.Commits.Height;
        ProposalResponse failure = ProposalAnswers.Failure(
            $"peer {_node.Address} is behind on channel {channel.Id}: it has height {reached}, the proposal is to be "
            + $"endorsed at height {height} or above, and {Limits.EndorseCatchUpMax.TotalSeconds} s of waiting did not "
            + "close the gap; look at its log, or try again later");
        return EndorseOutcome.Answered(failure, reached);
    }

    private static EndorsedAction Ask(ISystemContract system, AdmittedProposal admitted)
    {
        ContractResponse response = system.Invoke(
            new SystemCall(admitted.Function, admitted.Arguments, admitted.Creator));
        return new EndorsedAction(
            system.Name, SystemVersion, response, Results: default, Event: default, Collections: []);
    }

    /// <returns>Why there is no action; null when there is one.</returns>
    private string? Simulate(
        AdmittedProposal admitted, bool isEndorsed, CancellationToken cancellationToken, out EndorsedAction? action)
    {
        action = null;
        DecodedProposal proposal = admitted.Proposal;
        if (!TryFindContract(
            admitted, out IContract? contract, out string version, out bool initRequired, out string? fault))
            return fault;

        using Simulation? simulation =
            admitted.Channel is { } channel ? NewSimulation(channel.Ledger.Snapshot(), isEndorsed) : null;
        var call = new SimulatedCall(admitted, simulation, new SimulationBounds(_node.Clock, cancellationToken));
        fault = InitMarker.FaultOf(call, proposal, version, initRequired);
        if (fault is not null)
            return fault;

        ContractResponse response = ContractHost.Invoke(contract, call);
        cancellationToken.ThrowIfCancellationRequested();
        if (response.Payload.Length > Limits.EnvelopeBytesMax)
            return $"chaincode {proposal.ContractName} answered {response.Payload.Length} bytes; "
                + $"at most {Limits.EnvelopeBytesMax} are passed on";

        Simulation? recorded = isEndorsed ? simulation : null;
        action = new EndorsedAction(
            proposal.ContractName,
            version,
            response,
            recorded?.BuildResults(),
            recorded is null ? default : call.EncodeEvent(),
            call.Collections)
        {
            Height = simulation?.Height,
        };
        return null;
    }

    // Nobody looks at the read-write set of an evaluation.
    private static Simulation NewSimulation(StateSnapshot snapshot, bool isEndorsed) =>
        isEndorsed ? new Simulation(snapshot) : Simulation.WithoutReads(snapshot);

    private bool TryFindContract(
        AdmittedProposal admitted,
        [NotNullWhen(true)] out IContract? contract,
        out string version,
        out bool initRequired,
        [NotNullWhen(false)] out string? fault)
    {
        string name = admitted.Proposal.ContractName;
        version = SystemVersion;
        initRequired = false;
        bool isBuiltIn = _contracts.TryFind(name, out contract);
        fault = name == LifecycleContract.ContractName
            ? FaultOfLifecycle(admitted)
            : FaultOfDefinition(admitted, isBuiltIn, ref version, ref initRequired);
        if (fault is null && contract is null)
            fault = $"chaincode {name} is not found on this peer";
        return fault is null;
    }

    /// <summary>
    /// Only what the channel's members committed can be called, and the committed version is what is signed.
    /// </summary>
    private static string? FaultOfDefinition(
        AdmittedProposal admitted, bool isBuiltIn, ref string version, ref bool initRequired)
    {
        string name = admitted.Proposal.ContractName;
        if (admitted.Channel is not { } channel)
            return $"chaincode {name} is not found on this peer";
        if (!channel.Definitions.TryFind(name, out ContractDefinition? definition))
            return $"make sure the chaincode {name} has been successfully defined on channel {channel.Id} "
                + $"and try again: chaincode {name} not found";
        if (!isBuiltIn)
            return $"chaincode {name} is defined on channel {channel.Id}, but its code is not on this peer";

        version = definition.Version;
        initRequired = definition.InitRequired;
        return null;
    }

    private string? FaultOfLifecycle(AdmittedProposal admitted)
    {
        string function = admitted.Function;
        bool isLocal = function is "ApproveChaincodeDefinitionForMyOrg" or "QueryInstalledChaincodes";
        string? fault = isLocal || admitted.Channel is not { } channel
            ? _access.FaultOfLocalAdmin(admitted.Creator)
            : AccessControl.FaultOf(channel.Config, "_lifecycle/" + function, admitted.Creator);
        return fault is null
            ? null
            : $"access denied for [_lifecycle/{function}][{admitted.Proposal.Channel}]: {fault}";
    }

    private ProposalResponse Sign(AdmittedProposal admitted, EndorsedAction action)
    {
        SigningIdentity signer = _node.Signer;
        ReadOnlySpan<byte> endorser = signer.Serialized.Span;
        (byte[] buffer, int payloadBytes) = action.Encode(admitted.Proposal.Hash, spareBytes: endorser.Length);
        var response = new ProposalResponse
        {
            Version = 1,
            Response = ProposalAnswers.ToMessage(action.Response),
            Payload = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, payloadBytes)),
        };

        // A failed contract shows what it did, and nobody vouches for it.
        if (!action.Response.IsSuccess)
            return response;

        endorser.CopyTo(buffer.AsSpan(payloadBytes));
        response.Endorsement = new Endorsement
        {
            Endorser = UnsafeByteOperations.UnsafeWrap(signer.Serialized),
            Signature = UnsafeByteOperations.UnsafeWrap(_node.SignEndorsement(signer, buffer)),
        };
        response.Interest = action.ToInterest();
        return response;
    }
}
