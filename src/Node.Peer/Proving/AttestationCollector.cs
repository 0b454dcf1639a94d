using Google.Protobuf;
using Grpc.Core;
using Node.Membership;
using Node.Peer.Gateways;
using Node.Peer.Hosting;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Hyperprov;
using ProvingClient = Node.Protocol.Wire.Hyperprov.Proving.ProvingClient;

namespace Node.Peer.Proving;

/// <summary>
/// Signs this peer's own attestation, and asks one peer of each other organisation for theirs, all at once.
/// </summary>
/// <remarks>
/// The client's own signed request travels on, so each peer decides by itself whether the client may ask. Any thread.
/// </remarks>
internal sealed class AttestationCollector(PeerNode node)
{
    // A peer that waits for the block uses up AttestationWait; what comes on top is the way there and back.
    private static readonly TimeSpan s_answerTimeout = Limits.AttestationWait + TimeSpan.FromSeconds(5);

    /// <summary>This peer's signature over what its ledger says.</summary>
    public Attestation Sign(ValidationStatement statement)
    {
        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        SigningIdentity signer = node.Signer;
        ReadOnlyMemory<byte> self = signer.Serialized;
        return new Attestation
        {
            Peer = ByteString.CopyFrom(self.Span),
            SignedAt = now,
            Signature = ByteString.CopyFrom(signer.Sign(statement.ToBytes(self.Span, now))),
        };
    }

    /// <returns>By MSP id in byte order, one of each organisation.</returns>
    /// <exception cref="RpcException">
    /// <c>UNAVAILABLE</c>: fewer than a majority of the organisations attest; the details name each peer and why.
    /// </exception>
    public async Task<IReadOnlyList<Attestation>> CollectAsync(
        PeerChannel channel,
        ValidationStatement statement,
        SignedProvingRequest request,
        CancellationToken cancellationToken)
    {
        ChannelConfig config = channel.Config;
        IReadOnlyList<ApplicationOrganization> organizations = config.ApplicationOrganizations;
        OrganizationAnswer[] answers = await Task.WhenAll(organizations.Select(organization =>
            organization.MspId == node.MspId
                ? Task.FromResult(new OrganizationAnswer(organization.MspId, Sign(statement), Fault: null))
                : AskAsync(config, organization, statement, request, cancellationToken)));

        int needed = (organizations.Count / 2) + 1;
        Attestation[] given =
        [
            .. answers.Where(answer => answer.Attestation is not null)
                .OrderBy(answer => answer.MspId.Value, StringComparer.Ordinal)
                .Select(answer => answer.Attestation!),   // Filtered above.
        ];
        if (given.Length >= needed)
            return given;

        NodeFault[] faults = [.. answers.Where(answer => answer.Fault is not null).Select(answer => answer.Fault!)];
        throw GatewayFaults.Of(
            StatusCode.Unavailable,
            $"peers of {given.Length} of {organizations.Count} organisations attest transaction " +
            $"{statement.TransactionId}, a receipt needs {needed}; see attached details",
            faults);
    }

    private async Task<OrganizationAnswer> AskAsync(
        ChannelConfig config,
        ApplicationOrganization organization,
        ValidationStatement statement,
        SignedProvingRequest request,
        CancellationToken cancellationToken)
    {
        MspId mspId = organization.MspId;
        var fault = new NodeFault("", mspId.Value, "the channel's configuration names no peer of this organisation");
        foreach (Endpoint peer in organization.AnchorPeers)
        {
            string address = peer.ToString();
            using var limit = new CancellationTokenSource(s_answerTimeout, node.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                var client = new ProvingClient(node.Dialer.Dial(peer.Host, peer.Port, organization.TlsRootPems));
                using AsyncUnaryCall<Attestation> call =
                    client.AttestAsync(request, new CallOptions(cancellationToken: either.Token));
                Attestation answer = await call.ResponseAsync;
                if (FaultOf(config, mspId, statement, answer) is not { } untrue)
                    return new OrganizationAnswer(mspId, answer, Fault: null);

                fault = new NodeFault(address, mspId.Value, untrue);
            }
            catch (RpcException e) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            catch (RpcException e)
            {
                string said = limit.IsCancellationRequested ? $"no answer within {s_answerTimeout}" : e.Status.Detail;
                fault = new NodeFault(address, mspId.Value, said);
            }
        }

        return new OrganizationAnswer(mspId, Attestation: null, fault);
    }

    private static string? FaultOf(
        ChannelConfig config, MspId expected, ValidationStatement statement, Attestation answer)
    {
        if (!config.TryResolve(answer.Peer.Span, out Identity? peer, out string? fault))
            return fault;
        if (peer.MspId != expected)
            return $"it answers as {peer}";

        return peer.Verify(statement.ToBytes(answer.Peer.Span, answer.SignedAt), answer.Signature.Span)
            ? null
            : "it vouches for something else than this peer's ledger says: compare both with ledger verify";
    }

    private sealed record OrganizationAnswer(MspId MspId, Attestation? Attestation, NodeFault? Fault);
}
