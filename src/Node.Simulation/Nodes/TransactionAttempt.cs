using Google.Protobuf;
using Node.Membership;
using Node.Orderer.Broadcasting;
using Node.Peer.Endorsing;
using Node.Peer.Gateways;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Faults;
using Node.Simulation.Members;
using Node.Simulation.Worlds;
using Status = Node.Protocol.Wire.Common.Status;

namespace Node.Simulation.Nodes;

/// <summary>One transaction: endorsed, signed, submitted until acknowledged, awaited until committed.</summary>
/// <remarks>
/// Retries as clients do: endorsing with a new transaction, submitting with the same envelope, at another orderer each
/// time. Gives up when it has tried for long; what was said to it until then still holds.
/// </remarks>
internal sealed class TransactionAttempt(
    World world,
    SimulatedHost host,
    SigningIdentity client,
    ContractCall call,
    IReadOnlyList<SimulatedOrganization> endorsers,
    Chance chance)
{
    private const int EndorsingTries = 5;
    private const int SubmittingTries = 8;
    private const int AwaitingTries = 6;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_submitPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(300);

    private readonly VirtualClock _clock = host.NewClock();
    private Action<TxValidationCode?> _done = static _ => { };
    private int _tries;

    public TxId Id { get; private set; }

    /// <param name="done">Told the code that a peer told; null when nobody told any.</param>
    public void Run(Action<TxValidationCode?> done)
    {
        _done = done;
        Endorse();
    }

    private void Endorse()
    {
        (Id, SignedProposal signed) = Proposals.Propose(client, call, _clock.GetUtcNow());
        var answers = new EndorseOutcome?[endorsers.Count];
        int missing = endorsers.Count;
        for (int index = 0; index < endorsers.Count; index++)
        {
            int place = index;
            SimulatedPeer peer = chance.Pick(world.PeersOf(endorsers[index].MspId));
            world.Calls.Call<EndorseOutcome>(
                host,
                peer.Host,
                s_patience,
                answer =>
                {
                    if (peer.Endorse(signed) is { } outcome)
                        answer(outcome);
                },
                outcome =>
                {
                    answers[place] = outcome;
                    if (--missing == 0)
                        Assemble(signed, answers);
                });
        }
    }

    private void Assemble(SignedProposal signed, EndorseOutcome?[] answers)
    {
        var endorsements = new List<Endorsement>();
        ByteString? payload = null;
        foreach (EndorseOutcome? answer in answers)
        {
            if (answer?.Response is not { Endorsement: not null } response
                || (payload is not null && payload != response.Payload))
            {
                EndorseAgain(answer);
                return;
            }

            payload = response.Payload;
            endorsements.Add(response.Endorsement);
        }

        bool isRead = ProposalParts.TryRead(signed, out ProposalParts? parts, out string? fault);
        Invariant.Require(isRead && parts is not null && payload is not null, fault ?? "");
        Envelope envelope = TransactionAssembly.Assemble(parts, payload, endorsements);
        envelope.Signature = Proposals.Sign(client, envelope.Payload);
        _tries = 0;
        Submit(envelope.ToByteArray(), chance.Below(world.Orderers.Count));
    }

    private void EndorseAgain(EndorseOutcome? answer)
    {
        // What a contract refuses it refuses again; anything else may be better next time.
        string? refusal = answer?.Response?.Response?.Message ?? answer?.Rejection;
        bool isFinal = answer?.Response?.Response is { Status: >= 400 and < 500 };
        if (isFinal || ++_tries >= EndorsingTries)
        {
            world.Events.Add(host.Name, $"gives up before submitting: {refusal ?? "no answer, or different ones"}");
            _done(null);
            return;
        }

        After(Endorse);
    }

    private void Submit(byte[] envelope, int orderer)
    {
        SimulatedOrderer target = world.Orderers[orderer % world.Orderers.Count];
        world.Judge.Submitted(Id);
        if (world.Bug is PlantedBug.BlindDuplicateCheck or PlantedBug.OneBlindPeer)
            SubmitAside(envelope, world.Orderers[(orderer + 1) % world.Orderers.Count]);

        world.Calls.Call<BroadcastAnswer>(
            host,
            target.Host,
            s_submitPatience,
            answer => target.Broadcast(envelope, answer),
            answer => Submitted(envelope, orderer, answer));
    }

    // Nobody waits for this answer: the same envelope, through another orderer.
    private void SubmitAside(byte[] envelope, SimulatedOrderer other) => world.Calls.Call<BroadcastAnswer>(
        host, other.Host, s_submitPatience, answer => other.Broadcast(envelope, answer), static _ => { });

    private void Submitted(byte[] envelope, int orderer, BroadcastAnswer? answer)
    {
        if (answer is { IsSuccess: true })
        {
            world.Events.Add(host.Name, $"is told that {Id} is ordered");
            world.Judge.Acknowledged(Id);
            _tries = 0;
            Await();
            return;
        }

        if (answer is { Status: Status.BadRequest or Status.Forbidden } || ++_tries >= SubmittingTries)
        {
            world.Events.Add(host.Name, $"gives up on {Id}: {answer?.Text ?? "no orderer answered"}");
            _done(null);
            return;
        }

        After(() => Submit(envelope, orderer + 1));
    }

    private void Await()
    {
        SimulatedPeer peer = chance.Pick(world.Peers);
        world.Calls.Call<CommitAnswer>(
            host, peer.Host, s_patience, answer => peer.WaitForCommit(Id, answer), Told);
    }

    private void Told(CommitAnswer? answer)
    {
        if (answer is not null)
        {
            world.Events.Add(
                host.Name,
                $"is told by {answer.Peer} that {Id} is {answer.Position.Code} in block {answer.Position.Block}");
            world.Judge.ToldCommitted(Id, answer);
            _done(answer.Position.Code);
        }
        else if (++_tries < AwaitingTries)
        {
            Await();
        }
        else
        {
            _done(null);
        }
    }

    private void After(Action next)
    {
        int life = host.Life;
        world.Agenda.After(s_retryDelay, () => host.Step(life, next));
    }
}
