using Node.Protocol;

namespace Node.Orderer;

/// <summary>Bounds that concern an orderer alone; what others must know too is in <see cref="Limits"/>.</summary>
internal static class OrdererLimits
{
    /// <summary>Bytes of the newest blocks of a channel kept in memory for followers.</summary>
    public const int TailBytesMax = 2 << 20;

    /// <summary>Broadcast streams open at once; one more is told to retry elsewhere.</summary>
    public const int BroadcastStreamsMax = 512;

    /// <summary>Envelopes of one Broadcast stream whose signatures are being checked at once.</summary>
    public const int StreamChecksMax = 64;

    /// <summary>Envelopes of one Broadcast stream that wait for their answer; beyond it the stream is not
    /// read.</summary>
    public const int StreamAnswersMax = 2048;

    /// <summary>Bytes of envelopes of one Broadcast stream in flight; beyond it the stream is not read.</summary>
    public const int StreamBytesMax = Limits.EnvelopeBytesMax + (6 << 20);

    /// <summary>Largest gRPC message an orderer takes: an envelope and what may lie around it.</summary>
    public const int MessageBytesMax = Limits.EnvelopeBytesMax + (1 << 20);

    /// <summary>Largest request at the admin port: a form with a config block.</summary>
    public const int AdminRequestBytesMax = Limits.BlockBytesMax + (1 << 20);

    /// <summary>Connections to the admin port at once.</summary>
    public const int AdminConnectionsMax = 16;

    /// <summary>First wait before a channel whose storage failed is opened again. Doubles up to the largest.</summary>
    public static readonly TimeSpan ReopenDelayMin = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="ReopenDelayMin"/>
    public static readonly TimeSpan ReopenDelayMax = TimeSpan.FromSeconds(30);
}
