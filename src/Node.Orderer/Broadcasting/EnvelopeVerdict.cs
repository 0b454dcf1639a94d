using System.Diagnostics.CodeAnalysis;
using Node.Orderer.Cutting;

namespace Node.Orderer.Broadcasting;

/// <summary>What the checks made of an envelope: one of the two is there.</summary>
/// <param name="Envelope">As it is to be ordered; of a config update, the config transaction made of it.</param>
internal readonly record struct EnvelopeVerdict(WaitingEnvelope? Envelope, BroadcastAnswer? Refusal)
{
    [MemberNotNullWhen(true, nameof(Envelope))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Envelope is not null;
}
