using Node.Simulation.Worlds;

namespace Node.Simulation.Logs;

/// <summary>The members that keep the ordered log: who of them is in a majority, and who was just elected.</summary>
/// <remarks>
/// A member answers when it reaches a majority, itself included, and the last change of who reaches whom is an election
/// ago. What it lets happen is on a majority at once; its answer may still be lost.
/// </remarks>
internal sealed class LogService
{
    private static readonly TimeSpan s_electionMin = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_electionMax = TimeSpan.FromMilliseconds(1200);
    private static readonly TimeSpan s_majorityMin = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan s_majorityMax = TimeSpan.FromMilliseconds(5);

    private readonly Agenda _agenda;
    private readonly SimulatedNetwork _network;
    private readonly Chance _chance;
    private TimeSpan _electedAt;

    public LogService(
        Agenda agenda,
        SimulatedNetwork network,
        Chance chance,
        LogCluster cluster,
        IReadOnlyList<SimulatedHost> members)
    {
        _agenda = agenda;
        _network = network;
        _chance = chance;
        Cluster = cluster;
        Members = members;
    }

    public LogCluster Cluster { get; }

    public IReadOnlyList<SimulatedHost> Members { get; }

    /// <summary>A bug planted to see a checker fire: says durable of what one member has, and loses.</summary>
    public bool AnswersBeforeMajority { get; set; }

    /// <summary>Members came, went, or lost sight of one another: somebody is elected anew.</summary>
    public void Disturb() => _electedAt = _agenda.Now + _chance.Between(s_electionMin, s_electionMax);

    /// <summary>Lets something happen on a majority, in a step of a member. Never answers when it cannot.</summary>
    public void Serve<T>(SimulatedHost member, Func<LogCluster, T> happen, Action<T> answer)
    {
        if (!CanServe(member))
            return;

        int life = member.Life;
        TimeSpan majority = _chance.Between(s_majorityMin, s_majorityMax);
        if (AnswersBeforeMajority && _chance.Happens(0.02))
        {
            answer(Cluster.LoseEntryOf(happen));
            return;
        }

        _agenda.After(majority, () => member.Step(life, () =>
        {
            if (CanServe(member))
                answer(happen(Cluster));
        }));
    }

    private bool CanServe(SimulatedHost member)
    {
        if (!member.IsUp || _agenda.Now < _electedAt)
            return false;

        int reached = Members.Count(other =>
            other == member
            || (other.IsUp
                && !_network.IsCut(member.Name, other.Name)
                && !_network.IsCut(other.Name, member.Name)));
        return 2 * reached > Members.Count;
    }
}
