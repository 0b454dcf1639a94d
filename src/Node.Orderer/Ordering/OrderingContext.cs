using Node.Orderer.Broadcasting;
using Node.Orderer.Cutting;
using Node.Protocol.Decoding;

namespace Node.Orderer.Ordering;

/// <summary>What the loops of a channel share: the rules in force, and the clock.</summary>
/// <remarks>The block loop replaces the rules; anybody reads them, once per unit of work.</remarks>
internal sealed class OrderingContext(ChannelRules rules, EnvelopeChecks checks, OrdererSeat seat, TimeProvider clock)
{
    private volatile ChannelRules _rules = rules;
    private volatile bool _orders = seat.IsNamedBy(rules.Config);

    public ChannelRules Rules => _rules;

    public TimeProvider Clock => clock;

    /// <summary>False when the configuration does not name this orderer: it follows the channel and orders
    /// nothing.</summary>
    public bool Orders => _orders;

    public void Adopt(ChannelRules next)
    {
        _orders = seat.IsNamedBy(next.Config);
        _rules = next;
    }

    /// <summary>Repeats the checks of an envelope that was accepted under an older configuration.</summary>
    /// <returns>Null when it may still be ordered.</returns>
    public BroadcastAnswer? CheckAgain(WaitingEnvelope envelope)
    {
        if (envelope.IsConfig)
            return BroadcastAnswer.BadRequest("another config update came first: fetch the newest and retry");
        if (!DecodedEnvelope.TryDecode(envelope.Bytes, out DecodedEnvelope? decoded, out DecodeFault fault))
            return BroadcastAnswer.BadRequest(fault.Text);

        return checks.Check(decoded, Rules).Refusal;
    }
}
