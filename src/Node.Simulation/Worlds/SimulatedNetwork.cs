namespace Node.Simulation.Worlds;

/// <summary>Keeps the messages of one connection in their order. One per connection and direction.</summary>
internal sealed class MessageOrder
{
    public TimeSpan LastArrival { get; set; }
}

/// <summary>Carries messages between hosts: late, twice, never, and not in the order they were sent.</summary>
/// <remarks>
/// Messages of one connection keep their order (<see cref="MessageOrder"/>), as TCP does; one that is lost there
/// leaves a gap, which is worse than what TCP does. Cuts and clogs have a direction.
/// </remarks>
internal sealed class SimulatedNetwork(Agenda agenda, NetworkFaults faults, Chance chance)
{
    private static readonly TimeSpan s_wireDelayMin = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan s_wireDelayMax = TimeSpan.FromMilliseconds(1);

    private readonly HashSet<(string From, string To)> _cuts = [];
    private readonly Dictionary<(string From, string To), TimeSpan> _clogs = [];

    /// <summary>False once faults have stopped: then messages arrive, once, and soon.</summary>
    public bool IsFaulty { get; set; }

    public bool IsCut(string from, string to) => _cuts.Contains((from, to));

    public void Cut(string from, string to) => _cuts.Add((from, to));

    /// <summary>Holds back what is sent until then; it arrives afterwards.</summary>
    public void Clog(string from, string to, TimeSpan until) => _clogs[(from, to)] = until;

    public void Heal()
    {
        _cuts.Clear();
        _clogs.Clear();
    }

    /// <summary>To be called in a step of the sender; the message leaves when the step's writes are done.</summary>
    public void Send(SimulatedHost from, SimulatedHost to, MessageOrder? order, Action arrive) =>
        from.Send(() => Carry(from, to, order, arrive));

    private void Carry(SimulatedHost from, SimulatedHost to, MessageOrder? order, Action arrive)
    {
        if (IsCut(from.Name, to.Name) || (IsFaulty && chance.Happens(faults.Loss)))
            return;

        Deliver(from, to, order, arrive);
        if (IsFaulty && chance.Happens(faults.Duplicate))
            Deliver(from, to, order, arrive);
    }

    private void Deliver(SimulatedHost from, SimulatedHost to, MessageOrder? order, Action arrive)
    {
        TimeSpan at = agenda.Now + chance.Between(s_wireDelayMin, s_wireDelayMax);
        if (IsFaulty && faults.Delay > TimeSpan.Zero && chance.Happens(faults.DelayShare))
            at += chance.Between(TimeSpan.Zero, faults.Delay);
        if (_clogs.TryGetValue((from.Name, to.Name), out TimeSpan clogged) && clogged > at)
            at = clogged;
        if (order is not null)
        {
            at = at > order.LastArrival ? at : order.LastArrival;
            order.LastArrival = at;
        }

        // Whoever is down when it arrives does not get it.
        agenda.At(at, () => to.Step(to.Life, arrive));
    }
}

/// <summary>What a network does to messages.</summary>
/// <param name="Loss">Share of messages that never arrive.</param>
/// <param name="Duplicate">Share that arrives twice.</param>
/// <param name="Delay">Longest extra delay.</param>
/// <param name="DelayShare">Share of messages that are delayed.</param>
internal sealed record NetworkFaults(double Loss, double Duplicate, TimeSpan Delay, double DelayShare);
