namespace Node.Orderer.Log;

/// <summary>Gives each batch of one run of one orderer its id.</summary>
internal sealed class BatchIds(ReadOnlyMemory<byte> ordererIdentity, ulong incarnation)
{
    private ulong _sequence;

    public BatchId Next() => BatchId.Of(ordererIdentity.Span, incarnation, _sequence++);
}
