using System.Collections.Concurrent;
using Node.Orderer.Log;

namespace Node.Orderer.Ordering;

/// <summary>Brings the ordering loop what became of a config entry it appended, from the block loop that read
/// it.</summary>
internal sealed class ConfigOutcomes
{
    private readonly ConcurrentDictionary<BatchId, TaskCompletionSource<string?>> _awaited = [];

    /// <summary>Announces an entry before it is appended.</summary>
    /// <returns>Completes with null when the config holds from now on, else with why it was passed over.</returns>
    public Task<string?> Expect(BatchId id)
    {
        var outcome = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[id] = outcome;
        return outcome.Task;
    }

    public void Forget(BatchId id) => _awaited.TryRemove(id, out _);

    /// <summary>Says what became of an entry, whoever appended it.</summary>
    public void Settle(BatchId id, string? fault)
    {
        if (_awaited.TryRemove(id, out TaskCompletionSource<string?>? outcome))
            outcome.TrySetResult(fault);
    }
}
