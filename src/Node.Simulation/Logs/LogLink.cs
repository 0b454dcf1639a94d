using Node.Protocol;
using Node.Simulation.Worlds;

namespace Node.Simulation.Logs;

/// <summary>One orderer's way to the members of the log: it asks one after the other until its patience ends.</summary>
internal sealed class LogLink(LogService service, SimulatedHost orderer, int nearest, Agenda agenda, Calls calls)
    : ILogLink
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_attempt = TimeSpan.FromMilliseconds(400);

    // Watches break; whoever reads asks again now and then.
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(500);

    public Task<T> AskAsync<T>(
        Func<LogCluster, T> happen, string operation, CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource<T>();   // Continuations run inline, on the orderer's step.
        CancellationTokenRegistration cancelled = cancellationToken.Register(() => asked.TrySetCanceled());
        TimeSpan deadline = agenda.Now + s_patience;
        Attempt(nearest);
        return asked.Task;

        void Attempt(int index)
        {
            SimulatedHost member = service.Members[index % service.Members.Count];
            calls.Call<Answer<T>>(
                orderer,
                member,
                s_attempt,
                answer => service.Serve(member, happen, value => answer(new Answer<T>(value))),
                answer => Finish(answer, index));
        }

        void Finish(Answer<T>? answer, int index)
        {
            if (asked.Task.IsCompleted)
                return;

            if (answer is null && agenda.Now < deadline)
            {
                Attempt(index + 1);
                return;
            }

            cancelled.Dispose();
            if (answer is null)
            {
                asked.TrySetException(new StorageFailedException(
                    operation, "the ordered log", "no member answered: the outcome is unknown", inner: null));
            }
            else
            {
                asked.TrySetResult(answer.Value);
            }
        }
    }

    public IDisposable OnGrown(Action grown)
    {
        int life = orderer.Life;
        var subscription = new Subscription(() => orderer.Step(life, grown), service.Cluster);
        Look();
        return subscription;

        void Look()
        {
            if (subscription.IsEnded || orderer.Life != life || !orderer.IsUp)
                return;

            orderer.Step(life, grown);
            agenda.After(s_lookEvery, Look);
        }
    }

    private sealed record Answer<T>(T Value);

    private sealed class Subscription : IDisposable
    {
        private readonly Action _grown;
        private readonly LogCluster _cluster;

        public Subscription(Action grown, LogCluster cluster)
        {
            _grown = grown;
            _cluster = cluster;
            cluster.Grown += _grown;
        }

        public bool IsEnded { get; private set; }

        public void Dispose()
        {
            IsEnded = true;
            _cluster.Grown -= _grown;
        }
    }
}
