using Node.Orderer.Broadcasting;

namespace Node.Orderer.Cutting;

/// <summary>An envelope that passed every check of Broadcast and waits for its place in the channel.</summary>
/// <remarks>Immutable but for its answer, which the ordering loop gives exactly once.</remarks>
/// <param name="bytes">The canonical encoding, as it will lie in the block.</param>
/// <param name="sizeBytes">Payload and signature: what the channel's limits count.</param>
/// <param name="configSequence">The configuration the checks were made under.</param>
/// <param name="isConfig">Travels alone in its block.</param>
internal sealed class WaitingEnvelope(ReadOnlyMemory<byte> bytes, int sizeBytes, ulong configSequence, bool isConfig)
{
    // Continuations run elsewhere: the ordering loop must not be borrowed by a stream that writes its answers.
    private readonly TaskCompletionSource<BroadcastAnswer> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public int SizeBytes { get; } = sizeBytes;

    public ulong ConfigSequence { get; } = configSequence;

    public bool IsConfig { get; } = isConfig;

    /// <summary>Completes when the envelope is durable in the ordered log, or refused. Never faults.</summary>
    public Task<BroadcastAnswer> Answer => _answer.Task;

    public void Settle(BroadcastAnswer answer) => _answer.TrySetResult(answer);
}
