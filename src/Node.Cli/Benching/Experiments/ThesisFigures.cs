using Node.Cli.Benching.Charts;

namespace Node.Cli.Benching.Experiments;

/// <summary>
/// What the HyperProv thesis of 2019 states in text about its desktop network, and where it says so about four
/// Raspberry Pi 3B+. Its figures were pictures without numbers.
/// </summary>
/// <remarks>
/// Hyperledger Fabric 1.4, four peers of one organisation, one solo orderer with a batch timeout of 2 s and blocks of
/// 10 messages, an endorsement policy of any one member, no TLS. Its client polled every 100 ms, so that its reads lie
/// on a grid of 100 ms: they say "under about 100 ms".
/// </remarks>
internal static class ThesisFigures
{
    public const string Name = "thesis, desktop";
    public const string PiName = "thesis, Raspberry Pi";

    public const double PeakPerMinute = 3276;              // Fig. 6.3, batches of 8,000 to 10,000.
    public const double PerMinuteAt2000 = 3000;            // Fig. 6.2.
    public const double Store64KilobytesPerMinute = 2160;  // Fig. 6.5: about 36 tx/s in batches of 500.
    public const double Store6MegabytesPerMinute = 500;
    public const double Store6MegabytesResponse = 2000;    // ms.
    public const double PiStorePerMinute = 400;            // Fig. 6.7.
    public const double Lineage10 = 102;                   // ms, fig. 6.8.
    public const double Lineage1000 = 1552;
    public const double KibibytesPerTransaction = 24;      // 610 KiB/s sent at 25 tx/s.
    public const double IdleKibibytes = 20;                // 10 to 30 KB/s.
    public const double ModelSeconds = 3.6;

    public static ChartSeries Batches { get; } =
        Desktop([new(2000, PerMinuteAt2000), new(8000, PeakPerMinute), new(10_000, PeakPerMinute)]);

    public static ChartSeries Sizes { get; } =
        Desktop([new(64_000, Store64KilobytesPerMinute), new(6_000_000, Store6MegabytesPerMinute)]);

    public static ChartSeries Lineages { get; } = Desktop([new(10, Lineage10), new(1000, Lineage1000)]);

    /// <summary>Table 6.1: mean milliseconds of each operation, desktop and Raspberry Pi.</summary>
    public static IReadOnlyList<(string Operation, double Desktop, double Pi)> Latencies { get; } =
    [
        ("set", 2146, 2492), ("get", 100, 102), ("getwithid", 101, 101), ("getfromid", 101, 101),
        ("getkeyhistory", 102, 102), ("getbyrange", 101, 102), ("getdependencies", 102, 103),
    ];

    /// <summary>CPU of the peer and of the client at each load, in percent of one core.</summary>
    public static IReadOnlyList<(string Load, double Peer, double Client)> Cpu { get; } =
        [("12 tx/min of 50 KB", 3, 4), ("1500 tx/min of 50 KB", 30, 50), ("3200 tx/min, ledger alone", 60, 70)];

    private static ChartSeries Desktop(ChartPoint[] points) => new(Name, points, IsReference: true);
}
