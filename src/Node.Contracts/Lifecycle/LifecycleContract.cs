using System.Globalization;
using Google.Protobuf;
using Node.Protocol;
using Node.Protocol.Wire.Lifecycle;

namespace Node.Contracts.Lifecycle;

/// <summary>
/// The system contract <c>_lifecycle</c>: organisations approve a contract's definition, then the channel commits it.
/// From
/// then on every peer takes that contract's endorsement policy from here.
/// </summary>
/// <remarks>
/// Function names, messages and texts are Fabric's (wire reference, B17), so its administration tools work. Packages
/// are not
/// its business here: the contracts of this node are built in.
/// </remarks>
/// <param name="localMspId">The organisation that this peer approves for, and whose approval it demands.</param>
/// <param name="organizations">The MSP ids of a channel's application organisations.</param>
public sealed class LifecycleContract(MspId localMspId, Func<ChannelId, IReadOnlyList<MspId>> organizations) : IContract
{
    public const string ContractName = "_lifecycle";

    public string Name => ContractName;

    public string Version => "syscc";

    public ContractResponse Invoke(IContractContext context)
    {
        if (context.Arguments.Count != 1)
            return Failure(context, "it takes one argument, an encoded message");

        try
        {
            return Dispatch(context, context.Arguments[0].Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return Failure(context, "its argument is not the message of that function");
        }
    }

    private ContractResponse Dispatch(IContractContext context, ReadOnlySpan<byte> message)
    {
        if (context.Channel.IsNone && context.Function != "QueryInstalledChaincodes")
            return Failure(context, "it needs a channel");

        switch (context.Function)
        {
            case "ApproveChaincodeDefinitionForMyOrg":
                return Approve(context, ApproveChaincodeDefinitionForMyOrgArgs.Parser.ParseFrom(message));
            case "CheckCommitReadiness":
                return CheckReadiness(context, CommitChaincodeDefinitionArgs.Parser.ParseFrom(message));
            case "CommitChaincodeDefinition":
                return Commit(context, CommitChaincodeDefinitionArgs.Parser.ParseFrom(message));
            case "QueryChaincodeDefinition":
                return Query(context, QueryChaincodeDefinitionArgs.Parser.ParseFrom(message));
            case "QueryChaincodeDefinitions":
                return QueryAll(context);
            case "QueryInstalledChaincodes":
                return Success(new QueryInstalledChaincodesResult());
            default:
                return ContractResponse.Refusal(
                    ContractResponse.NotFound,
                    $"SCC function {Quoted.Bare(context.Function)} is not known. {Name} has "
                    + "ApproveChaincodeDefinitionForMyOrg, CheckCommitReadiness, CommitChaincodeDefinition, "
                    + "QueryChaincodeDefinition, QueryChaincodeDefinitions and QueryInstalledChaincodes.");
        }
    }

    private ContractResponse Approve(IContractContext context, ApproveChaincodeDefinitionForMyOrgArgs args)
    {
        // The first eight fields of both messages are the same.
        var definition = CommitChaincodeDefinitionArgs.Parser.ParseFrom(args.ToByteArray());
        if (!DefinitionParameters.TryCreate(definition, out DefinitionParameters? parameters, out string? fault))
            return Failure(context, fault);

        var state = new DefinitionState(context.State);
        string packageId = args.Source?.LocalPackage?.PackageId ?? "";
        fault = FaultOfApproval(state, args.Name, args.Sequence, parameters, packageId);
        if (fault is not null)
            return Failure(context, fault);

        state.Approve(localMspId, args.Name, args.Sequence, parameters, packageId);
        return Success(new ApproveChaincodeDefinitionForMyOrgResult());
    }

    private string? FaultOfApproval(
        DefinitionState state, string name, long sequence, DefinitionParameters parameters, string packageId)
    {
        long current = state.CurrentSequence(name);
        if (sequence < 1)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"requested sequence is {sequence}, but first definable sequence number is 1");
        if (sequence < current)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"currently defined sequence {current} is larger than requested sequence {sequence}");
        if (sequence > current + 1)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"requested sequence {sequence} is larger than the next available sequence number {current + 1}");

        if (sequence == current)
            return IsCommitted(state, name, parameters)
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"attempted to redefine the current committed sequence ({current}) for namespace {name} "
                    + $"with different parameters; approve sequence {current + 1} instead");

        bool isRepeated = state.Mismatches(localMspId, name, sequence, parameters).Count == 0
            && state.HasApprovedPackage(localMspId, name, sequence, packageId);
        return isRepeated
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"attempted to redefine uncommitted sequence ({sequence}) for namespace {name} with unchanged content")
            : null;
    }

    private static bool IsCommitted(DefinitionState state, string name, DefinitionParameters parameters)
    {
        if (!state.TryFind(name, out CommittedDefinition? committed))
            return false;

        for (int i = 0; i < parameters.Fields.Count; i++)
        {
            if (!parameters.Fields[i].Value.AsSpan().SequenceEqual(committed.Parameters.Fields[i].Value))
                return false;
        }

        return true;
    }

    private ContractResponse CheckReadiness(IContractContext context, CommitChaincodeDefinitionArgs args)
    {
        string? fault = TryReadNext(context, args, out DefinitionState state, out DefinitionParameters? parameters);
        if (parameters is null)
            return Failure(context, fault);

        var result = new CheckCommitReadinessResult();
        foreach (MspId organization in Organizations(context.Channel))
        {
            List<string> mismatches = state.Mismatches(organization, args.Name, args.Sequence, parameters);
            result.Approvals.Add(organization.Value, mismatches.Count == 0);
            if (mismatches.Count > 0)
                result.Mismatches.Add(
                    organization.Value, new CheckCommitReadinessResult.Types.Mismatches { Items = { mismatches } });
        }

        return Success(result);
    }

    private ContractResponse Commit(IContractContext context, CommitChaincodeDefinitionArgs args)
    {
        string? fault = TryReadNext(context, args, out DefinitionState state, out DefinitionParameters? parameters);
        if (parameters is null)
            return Failure(context, fault);

        // Every endorser reads all approvals, so that all read the same; each one answers for its own organisation.
        bool isAgreed = false;
        foreach (MspId organization in Organizations(context.Channel))
        {
            bool isApproved = state.Mismatches(organization, args.Name, args.Sequence, parameters).Count == 0;
            isAgreed |= isApproved && organization == localMspId;
        }

        if (!isAgreed)
            return Failure(context, $"chaincode definition not agreed to by this org ({localMspId})");

        state.Commit(args.Name, args.Sequence, parameters);
        return Success(new CommitChaincodeDefinitionResult());
    }

    /// <summary>Reads parameters for the sequence that may be committed next.</summary>
    /// <returns>A fault when there are none.</returns>
    private static string? TryReadNext(
        IContractContext context,
        CommitChaincodeDefinitionArgs args,
        out DefinitionState state,
        out DefinitionParameters? parameters)
    {
        state = new DefinitionState(context.State);
        if (!DefinitionParameters.TryCreate(args, out parameters, out string? fault))
            return fault;

        long next = state.CurrentSequence(args.Name) + 1;
        if (args.Sequence == next)
            return null;

        parameters = null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"requested sequence is {args.Sequence}, but new definition must be sequence {next}");
    }

    private ContractResponse Query(IContractContext context, QueryChaincodeDefinitionArgs args)
    {
        var state = new DefinitionState(context.State);
        if (DefinitionNames.FaultOfName(args.Name) is { } fault)
            return Failure(context, fault);
        if (!state.TryFind(args.Name, out CommittedDefinition? definition))
            return ContractResponse.Refusal(ContractResponse.NotFound, $"namespace {args.Name} is not defined");

        DefinitionParameters parameters = definition.Parameters;
        var result = new QueryChaincodeDefinitionResult
        {
            Sequence = definition.Sequence,
            Version = parameters.Endorsement.Version,
            EndorsementPlugin = parameters.Endorsement.EndorsementPlugin,
            ValidationPlugin = parameters.Validation.ValidationPlugin,
            ValidationParameter = parameters.Validation.ValidationParameter,
            Collections = parameters.Collections,
            InitRequired = parameters.Endorsement.InitRequired,
        };
        foreach (MspId organization in Organizations(context.Channel))
        {
            bool isApproved = state.Mismatches(organization, args.Name, definition.Sequence, parameters).Count == 0;
            result.Approvals.Add(organization.Value, isApproved);
        }

        return Success(result);
    }

    private static ContractResponse QueryAll(IContractContext context)
    {
        var state = new DefinitionState(context.State);
        var result = new QueryChaincodeDefinitionsResult();
        foreach (string name in state.Names())
        {
            if (!state.TryFind(name, out CommittedDefinition? definition))
                continue;

            DefinitionParameters parameters = definition.Parameters;
            result.ChaincodeDefinitions.Add(new QueryChaincodeDefinitionsResult.Types.ChaincodeDefinition
            {
                Name = name,
                Sequence = definition.Sequence,
                Version = parameters.Endorsement.Version,
                EndorsementPlugin = parameters.Endorsement.EndorsementPlugin,
                ValidationPlugin = parameters.Validation.ValidationPlugin,
                ValidationParameter = parameters.Validation.ValidationParameter,
                Collections = parameters.Collections,
                InitRequired = parameters.Endorsement.InitRequired,
            });
        }

        return Success(result);
    }

    /// <summary>
    /// In ordinal order, whatever the order of the configuration: a map keeps the order it was filled in.
    /// </summary>
    private List<MspId> Organizations(ChannelId channel)
    {
        List<MspId> sorted = [.. organizations(channel)];
        sorted.Sort((a, b) => string.CompareOrdinal(a.Value, b.Value));
        return sorted;
    }

    private static ContractResponse Success(IMessage result) => ContractResponse.Success(result.ToByteArray());

    private static ContractResponse Failure(IContractContext context, string? fault) =>
        ContractResponse.Refusal(
            ContractResponse.Failed,
            $"failed to invoke backing implementation of '{Quoted.Bare(context.Function)}': {fault}");
}
