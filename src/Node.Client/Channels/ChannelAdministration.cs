using Node.Client.Connecting;
using Node.Membership;
using Node.Membership.Changing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Gateway;

namespace Node.Client.Channels;

/// <summary>Reads a channel's configuration and submits updates of it. Any thread.</summary>
public sealed class ChannelAdministration
{
    private const string ConfigurationContract = "cscc";

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(50);

    private readonly GatewayConnection _connection;
    private readonly Contract _configuration;
    private readonly ChannelId _channel;

    internal ChannelAdministration(GatewayConnection connection, ChannelId channel)
    {
        _connection = connection;
        _channel = channel;
        _configuration = new Contract(connection, channel, ConfigurationContract);
    }

    /// <summary>The configuration in force on the peer asked.</summary>
    /// <exception cref="GatewayException">The peer refused, or answered something else.</exception>
    public async Task<ChannelConfig> ReadAsync(CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> block = await _configuration
            .EvaluateAsync("GetConfigBlock", [_channel.Value], cancellation).ConfigureAwait(false);
        return ChannelConfig.TryFromConfigBlock(block.Span, out ChannelConfig? config, out string? fault)
            ? config
            : throw new GatewayException($"The peer's configuration block cannot be read: {fault}", default, null);
    }

    /// <summary>Sends an update to an orderer and waits until the peer asked has it in force.</summary>
    /// <returns>The new configuration; it may hold further updates that came right behind.</returns>
    /// <exception cref="SubmitException">The orderer refused it and says which policy lacks whose
    /// signature.</exception>
    public async Task<ChannelConfig> SubmitAsync(
        SignedUpdate update, TimeProvider clock, CancellationToken cancellation)
    {
        ulong before = (await ReadAsync(cancellation).ConfigureAwait(false)).Sequence;
        Envelope envelope = update.ToEnvelope(
            _connection.Options.Identity.Serialized, message => _connection.Sign(message), clock.GetUtcNow());

        // Configuration has no transaction id of its own; this names the request in messages.
        TxId id = TxId.Compute(envelope.Signature.Span, _connection.Options.Identity.Serialized.Span);
        var request = new SubmitRequest
        {
            TransactionId = id.Value, ChannelId = _channel.Value, PreparedTransaction = envelope,
        };
        await _connection.SubmitAsync(request, id, cancellation).ConfigureAwait(false);
        while (true)
        {
            ChannelConfig now = await ReadAsync(cancellation).ConfigureAwait(false);
            if (now.Sequence > before)
                return now;

            await Task.Delay(s_pollEvery, clock, cancellation).ConfigureAwait(false);
        }
    }
}
