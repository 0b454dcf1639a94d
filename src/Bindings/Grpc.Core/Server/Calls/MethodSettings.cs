using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What is fixed for a method when it is mapped, so that a call looks nothing up.</summary>
internal sealed class MethodSettings
{
    public required string FullName { get; init; }

    public required bool IsRequestStream { get; init; }

    public required bool IsResponseStream { get; init; }

    /// <summary>In bytes; <see cref="int.MaxValue"/> is no limit.</summary>
    public required int ReceiveBytesMax { get; init; }

    /// <inheritdoc cref="ReceiveBytesMax"/>
    public required int SendBytesMax { get; init; }

    public required bool ShowsExceptions { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }
}
