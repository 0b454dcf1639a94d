using Google.Protobuf;
using Node.Cli.Running;
using Node.Client;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Lifecycle;

namespace Node.Cli.Networks;

/// <summary>What a channel is to agree on about a contract.</summary>
/// <param name="EndorsementPolicy">Who must endorse its transactions.</param>
internal sealed record ContractToDeploy(
    string Name, string Version, long Sequence, SignaturePolicyEnvelope EndorsementPolicy);

/// <summary>How far a contract has come.</summary>
/// <param name="IsNew">This run committed it.</param>
/// <param name="Missing">Organisations that have to approve it first; empty once it is committed.</param>
internal sealed record DeployedContract(bool IsNew, IReadOnlyList<string> Missing);

/// <summary>Brings a contract's definition onto the ledger: each organisation approves, then all commit.</summary>
/// <remarks>May be broken off and run again anywhere: each step looks first whether it is done.</remarks>
internal sealed class ContractDeployment(
    string channel, ContractToDeploy contract, IReadOnlyList<string> organizations, TimeProvider clock)
{
    private const string Lifecycle = "_lifecycle";
    private const string EndorsementPlugin = "escc";
    private const string ValidationPlugin = "vscc";

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_spreadTimeout = TimeSpan.FromSeconds(60);

    /// <param name="administrators">
    /// Sessions as administrators of some or all organisations of the channel, by MSP id; at least one.
    /// </param>
    /// <returns>Once these organisations' peers have the definition, or others have to approve it.</returns>
    /// <exception cref="CommandFault">A peer did not get it in time.</exception>
    public async Task<DeployedContract> RunAsync(
        IReadOnlyDictionary<string, NetworkSession> administrators, Action<string> report,
        CancellationToken cancellation)
    {
        NetworkSession first = administrators.Values.First();
        bool isNew = !await IsCommittedAsync(first, cancellation);
        if (isNew)
        {
            IReadOnlyList<string> missing = await DeployAsync(first, administrators, report, cancellation);
            if (missing.Count > 0)
                return new DeployedContract(IsNew: false, missing);
        }

        foreach ((string mspId, NetworkSession administrator) in administrators)
            await UntilCommittedAsync(mspId, administrator, cancellation);

        return new DeployedContract(isNew, Missing: []);
    }

    // Who has not approved yet and whose administrator is not here.
    private async Task<IReadOnlyList<string>> DeployAsync(
        NetworkSession first, IReadOnlyDictionary<string, NetworkSession> administrators, Action<string> report,
        CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, bool> approvals = await ApprovalsAsync(first, cancellation);
        foreach ((string mspId, NetworkSession administrator) in administrators)
        {
            if (approvals.GetValueOrDefault(mspId))
                continue;

            report($"{mspId} approves the contract {contract.Name}");
            await SubmitAsync(
                administrator, "ApproveChaincodeDefinitionForMyOrg", Approval().ToByteString(), [mspId], cancellation);
        }

        string[] missing =
        [
            .. organizations.Where(
                mspId => !administrators.ContainsKey(mspId) && !approvals.GetValueOrDefault(mspId)),
        ];
        if (missing.Length > 0)
            return missing;

        report($"Committing the contract {contract.Name} {contract.Version}");
        await SubmitAsync(
            first, "CommitChaincodeDefinition", Definition().ToByteString(), organizations, cancellation);
        return [];
    }

    // One peer commits a moment after another, and whoever comes next may ask any of them.
    private async Task UntilCommittedAsync(string mspId, NetworkSession session, CancellationToken cancellation)
    {
        long since = clock.GetTimestamp();
        using var timer = new PeriodicTimer(s_lookEvery, clock);
        while (!await IsCommittedAsync(session, cancellation))
        {
            if (clock.GetElapsedTime(since) > s_spreadTimeout)
                throw new CommandFault(
                    ExitCode.Unreachable,
                    $"the contract {contract.Name} is committed on {channel}, but the peer of {mspId} has not got " +
                    $"that block after {s_spreadTimeout.TotalSeconds:0} s. See its log below nodes/.");

            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private async Task<bool> IsCommittedAsync(NetworkSession session, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> answer = await EvaluateAsync(
                session, "QueryChaincodeDefinition", new QueryChaincodeDefinitionArgs { Name = contract.Name },
                cancellation);
            return QueryChaincodeDefinitionResult.Parser.ParseFrom(answer.Span).Sequence >= contract.Sequence;
        }
        catch (GatewayException e) when (e.ContractStatus == 404)
        {
            return false;
        }
    }

    private async Task<IReadOnlyDictionary<string, bool>> ApprovalsAsync(
        NetworkSession session, CancellationToken cancellation)
    {
        var arguments = new CheckCommitReadinessArgs
        {
            Sequence = contract.Sequence,
            Name = contract.Name,
            Version = contract.Version,
            EndorsementPlugin = EndorsementPlugin,
            ValidationPlugin = ValidationPlugin,
            ValidationParameter = PolicyBytes(),
        };
        ReadOnlyMemory<byte> answer = await EvaluateAsync(session, "CheckCommitReadiness", arguments, cancellation);
        return CheckCommitReadinessResult.Parser.ParseFrom(answer.Span).Approvals;
    }

    private ApproveChaincodeDefinitionForMyOrgArgs Approval() => new()
    {
        Sequence = contract.Sequence,
        Name = contract.Name,
        Version = contract.Version,
        EndorsementPlugin = EndorsementPlugin,
        ValidationPlugin = ValidationPlugin,
        ValidationParameter = PolicyBytes(),

        // The contract is built into the peers: there is no package to install.
        Source = new ChaincodeSource { Unavailable = new ChaincodeSource.Types.Unavailable() },
    };

    private CommitChaincodeDefinitionArgs Definition() => new()
    {
        Sequence = contract.Sequence,
        Name = contract.Name,
        Version = contract.Version,
        EndorsementPlugin = EndorsementPlugin,
        ValidationPlugin = ValidationPlugin,
        ValidationParameter = PolicyBytes(),
    };

    private ByteString PolicyBytes() =>
        new Protocol.Wire.Peer.ApplicationPolicy { SignaturePolicy = contract.EndorsementPolicy }.ToByteString();

    private Task<ReadOnlyMemory<byte>> EvaluateAsync(
        NetworkSession session, string function, IMessage arguments, CancellationToken cancellation)
    {
        var options = new ProposalOptions { Arguments = [arguments.ToByteArray()] };
        return session.ContractOf(channel, Lifecycle).NewProposal(function, options).EvaluateAsync(cancellation);
    }

    private async Task SubmitAsync(
        NetworkSession session, string function, ByteString arguments, IReadOnlyList<string> endorsers,
        CancellationToken cancellation)
    {
        var options = new ProposalOptions { Arguments = [arguments.Memory], EndorsingOrganizations = endorsers };
        SubmittedTransaction submitted = await session.ContractOf(channel, Lifecycle)
            .StartSubmitAsync(function, options, cancellation);
        CommitStatus status = await submitted.Commit.GetStatusAsync(cancellation);
        status.RequireValid();
    }
}
