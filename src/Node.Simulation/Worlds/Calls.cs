namespace Node.Simulation.Worlds;

/// <summary>Requests and their answers over a simulated network, as unary RPC gives them.</summary>
/// <remarks>A request that the network duplicates is served twice; its first answer counts.</remarks>
internal sealed class Calls(Agenda agenda, SimulatedNetwork network)
{
    /// <summary>To be called in a step of the caller.</summary>
    /// <param name="serve">Runs on the other host, and answers in that step or in a later one.</param>
    /// <param name="done">Runs on the caller, once: with the answer, or with null when none came in time.</param>
    public void Call<T>(
        SimulatedHost from, SimulatedHost to, TimeSpan patience, Action<Action<T>> serve, Action<T?> done)
        where T : class
    {
        int life = from.Life;
        bool isDone = false;
        network.Send(from, to, order: null, () =>
        {
            int servingLife = to.Life;
            serve(answer =>
            {
                if (to.Life == servingLife)
                    network.Send(to, from, order: null, () => Finish(answer));
            });
        });
        agenda.After(patience, () => from.Step(life, () => Finish(answer: null)));

        void Finish(T? answer)
        {
            if (isDone || from.Life != life)
                return;

            isDone = true;
            done(answer);
        }
    }
}
