using Node.Orderer.Ordering;

namespace Node.Orderer.Delivering;

/// <summary>What all Deliver calls of one orderer share.</summary>
/// <param name="BindsTls">Whether a request must name the TLS certificate of its connection: mutual TLS is on.</param>
internal sealed record DeliverSetting(ChannelDirectory Channels, TimeProvider Clock, bool BindsTls);
