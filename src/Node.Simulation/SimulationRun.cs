using Node.Protocol;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Disks;
using Node.Simulation.Faults;

namespace Node.Simulation;

/// <summary>
/// Runs a whole network on the caller's thread from one seed: sets it up, lets things go wrong, mends them, and looks
/// whether every promise was kept.
/// </summary>
public static class SimulationRun
{
    /// <summary>Virtual time within which a network without faults gets its contract.</summary>
    private static readonly TimeSpan s_setupMax = TimeSpan.FromSeconds(30);

    /// <summary>Virtual time within which everything must work and be equal once faults have stopped.</summary>
    private static readonly TimeSpan s_recoveryMax = TimeSpan.FromSeconds(90);

    // A run that does not end is a failure, too.
    private const long StepsMax = 2_000_000;

    /// <summary>Runs one world to its end. Nothing is kept: equal options give equal reports.</summary>
    public static SimulationReport Run(SimulationOptions options)
    {
        // What awaits must continue on this thread, inside of the step that completes it.
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        FaultPlan plan = options.Faults ?? FaultPlan.Draw(options.Seed);
        using var world = new World(options.Seed, plan, options.Bug, options.Print);
        try
        {
            Live(world, plan, options);
        }
        catch (NodeException violated)
        {
            // Nobody answered it: a real node would have ended here.
            world.Judge.Fail("invariant", violated.Message);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        return Report(world, plan, options);
    }

    private static void Live(World world, FaultPlan plan, SimulationOptions options)
    {
        TxValidationCode? defined = null;
        bool isSetUp = false;
        world.Start();
        world.DefineContract(code =>
        {
            defined = code;
            isSetUp = true;
        });
        if (!RunUntil(world, s_setupMax, () => isSetUp && IsLevel(world)) || defined != TxValidationCode.Valid)
        {
            world.Judge.Fail("progress", $"the contract is not defined after {s_setupMax.TotalSeconds} s: {defined}");
            return;
        }

        var faults = new FaultInjector(world, plan);
        TimeSpan end = world.Agenda.Now + options.Duration;
        world.Events.Add("world", "faults begin");
        world.Plant();
        faults.Begin();
        foreach (Nodes.SimulatedClient client in world.Clients)
            client.Begin(options.Transactions, options.Duration);

        RunUntil(world, options.Duration, () => world.Agenda.Now >= end);
        faults.End();
        Recover(world);
        if (world.Judge.Failure is null)
            world.Judge.CheckEnd();
    }

    private static void Recover(World world)
    {
        TimeSpan began = world.Agenda.Now;
        bool isWritten = false;
        world.Probe(code => isWritten = code == TxValidationCode.Valid);
        if (RunUntil(
            world, s_recoveryMax, () => isWritten && world.Clients.All(client => client.IsDone) && IsLevel(world)))
        {
            world.Events.Add("world", $"is well {(world.Agenda.Now - began).TotalSeconds:0.0} s after faults stopped");
            return;
        }

        IEnumerable<string> heights = world.Orderers.Select(orderer => $"{orderer.Host.Name} {orderer.Height}")
            .Concat(world.Peers.Select(peer => $"{peer.Host.Name} {peer.Height}"));
        int waiting = world.Clients.Count(client => !client.IsDone);
        world.Judge.Fail(
            "progress",
            $"{s_recoveryMax.TotalSeconds} s after faults stopped: one more record is {(isWritten ? "" : "not ")}"
            + $"written, {waiting} clients wait, heights are {string.Join(", ", heights)}");
    }

    private static bool IsLevel(World world)
    {
        ulong height = world.Judge.Height;
        return world.Orderers.All(orderer => orderer.Height == height)
            && world.Peers.All(peer => peer.Height == height);
    }

    private static bool RunUntil(World world, TimeSpan longest, Func<bool> isReached)
    {
        TimeSpan end = world.Agenda.Now + longest;
        while (world.Judge.Failure is null)
        {
            if (isReached())
                return true;
            if (!world.Agenda.TryStep(end))
                return isReached();

            if (world.FaultOfWatched() is { } fault)
                world.Judge.Fail("invariant", fault);
            if (world.Agenda.Steps > StepsMax)
                world.Judge.Fail("progress", $"{StepsMax} things happened, and it has no end");
        }

        return false;
    }

    private static SimulationReport Report(World world, FaultPlan plan, SimulationOptions options) => new(
        world.Seed,
        plan,
        world.Judge.Failure,
        world.Events.Hash,
        DiskHash.Of(world.Hosts),
        world.Judge.Height,
        world.Judge.Transactions,
        world.Judge.TransactionsValid,
        world.Judge.TransactionsAcknowledged,
        world.Agenda.Now,
        world.Agenda.Steps,
        [.. world.Events.Last])
    {
        Command = options.Command,
    };
}
