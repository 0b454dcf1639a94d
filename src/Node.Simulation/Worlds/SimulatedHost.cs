using Node.Simulation.Disks;

namespace Node.Simulation.Worlds;

/// <summary>One machine: up or down, with a clock, a disk, and one thing happening on it at a time.</summary>
/// <remarks>
/// What a step writes takes the disk's time: until it has passed nothing else happens here, and what the step sends
/// does not leave. A crash in between loses what was to be sent, and keeps what was synced.
/// </remarks>
internal sealed class SimulatedHost(string name, Agenda agenda, SimulatedDisk disk)
{
    private readonly List<Action> _outbox = [];
    private readonly Queue<(int Life, Action Happen)> _waiting = new();   // In the order they came.
    private TimeSpan _busyUntil;
    private bool _isInStep;

    public string Name => name;

    public SimulatedDisk Disk => disk;

    /// <summary>How far its clock is from the world's.</summary>
    public TimeSpan Skew { get; set; }

    public bool IsUp { get; private set; }

    /// <summary>Counts starts. What belongs to an earlier life does not happen any more.</summary>
    public int Life { get; private set; }

    /// <summary>Called at the end of every step, before anything is sent.</summary>
    public Action? AfterStep { get; set; }

    public VirtualClock NewClock() => new(agenda, this, Life);

    public void Start(Action begin)
    {
        IsUp = true;
        Life++;
        _busyUntil = agenda.Now;
        Step(Life, begin);
    }

    /// <summary>Power is cut: what was not synced is a matter of luck, what was not sent is not sent.</summary>
    public void Crash()
    {
        IsUp = false;
        AfterStep = null;
        _outbox.Clear();
        disk.Crash();
    }

    /// <summary>Lets something happen here, if the life it belongs to lasts, once the disk is done.</summary>
    public void Step(int life, Action happen)
    {
        if (!IsUp || life != Life)
            return;

        // Continuations of a step belong to it.
        if (_isInStep)
        {
            happen();
            return;
        }

        if (_waiting.Count > 0 || agenda.Now < _busyUntil)
        {
            _waiting.Enqueue((life, happen));
            if (_waiting.Count == 1)
                agenda.At(_busyUntil, WorkOff);

            return;
        }

        Run(happen);
    }

    /// <summary>Sends once what this step has written is where it is said to be.</summary>
    public void Send(Action send) => _outbox.Add(send);

    private void WorkOff()
    {
        while (_waiting.Count > 0 && agenda.Now >= _busyUntil)
        {
            (int life, Action happen) = _waiting.Peek();
            if (IsUp && life == Life)
                Run(happen);

            _waiting.Dequeue();
        }

        if (_waiting.Count > 0)
            agenda.At(_busyUntil, WorkOff);
    }

    private void Run(Action happen)
    {
        int life = Life;
        _isInStep = true;
        try
        {
            happen();
            AfterStep?.Invoke();
        }
        finally
        {
            _isInStep = false;
        }

        if (IsUp && life == Life)
            Leave(life);
    }

    private void Leave(int life)
    {
        TimeSpan spent = disk.TakeTimeSpent();
        _busyUntil = agenda.Now + spent;
        if (_outbox.Count == 0)
            return;

        Action[] leaving = [.. _outbox];
        _outbox.Clear();
        if (spent == TimeSpan.Zero)
        {
            Array.ForEach(leaving, send => send());
            return;
        }

        agenda.At(_busyUntil, () =>
        {
            if (IsUp && life == Life)
                Array.ForEach(leaving, send => send());
        });
    }
}
