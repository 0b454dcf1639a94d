using System.Globalization;
using System.Text.RegularExpressions;

namespace Node.EndToEnd.Hosts;

/// <summary>What one host has moved over its cable so far, and what its processes take of its memory.</summary>
/// <param name="Received">Bytes of frames on its interface, all protocols' heads included; so with the others.</param>
/// <param name="Connections">
/// Of them, both ways, what each connection moved that is open now and no etcd member's, as the kernel counts.
/// </param>
/// <param name="ResidentBytes">Of the node's own process, pages of program files included.</param>
/// <param name="ShareBytes">The same with shared pages divided among those who share them.</param>
/// <param name="MemberBytes">Resident memory of the etcd member; 0 for none.</param>
internal sealed partial record HostFigures(
    long Received, long Sent, IReadOnlyDictionary<string, long> Connections, long ResidentBytes, long ShareBytes,
    long MemberBytes)
{
    private const int SegmentHeadBytes = 14 + 20 + 32;   // Ethernet, IPv4, TCP with time stamps.

    public static HostFigures Of(NodeRun node)
    {
        string[] cable = File.ReadLines(FormattableString.Invariant($"/proc/{node.ProcessId}/net/dev"))
            .Select(line => line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries))
            .First(fields => fields[0] == "eth0");
        int member = node.EtcdProcessId;
        return new HostFigures(
            Number(cable[1]), Number(cable[9]),
            Connections: ConnectionsOf(node),
            ResidentBytes: ResidentBytesOf(node),
            ShareBytes: ShareBytesOf(node),
            MemberBytes: member == 0 ? 0 : Memory(member, "Rss:"));
    }

    public static long ShareBytesOf(NodeRun node) => Memory(node.ProcessId, "Pss:");

    public static long ResidentBytesOf(NodeRun node) => Memory(node.ProcessId, "Rss:");

    // Two lines for each connection: its ends, and what the kernel knows about it.
    private static Dictionary<string, long> ConnectionsOf(NodeRun node)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        string[] lines = node.Host.Run("ss", "-tinH").Split('\n');
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            string[] ends = lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (ends.Length < 5 || char.IsWhiteSpace(lines[i][0]))
                continue;

            // What a host says to itself stays off the cable.
            bool isEtcd = PortOf(ends[3]) is HostedTopology.EtcdPeerPort or HostedTopology.EtcdClientPort
                || PortOf(ends[4]) is HostedTopology.EtcdPeerPort or HostedTopology.EtcdClientPort;
            if (isEtcd || AddressOf(ends[3]) == AddressOf(ends[4]))
                continue;

            Dictionary<string, long> counts = CountPattern().Matches(lines[i + 1])
                .ToDictionary(match => match.Groups[1].Value, match => Number(match.Groups[2].Value));
            found[$"{ends[3]} {ends[4]}"] =
                counts.GetValueOrDefault("bytes_sent") + counts.GetValueOrDefault("bytes_received")
                + SegmentHeadBytes * (counts.GetValueOrDefault("segs_out") + counts.GetValueOrDefault("segs_in"));
        }

        return found;
    }

    private static int PortOf(string end) => int.Parse(end.Split(':')[^1], CultureInfo.InvariantCulture);

    private static string AddressOf(string end) => end[..end.LastIndexOf(':')];

    private static long Memory(int process, string field)
    {
        const int KibibyteBytes = 1024;
        string line = File.ReadLines(FormattableString.Invariant($"/proc/{process}/smaps_rollup"))
            .First(line => line.StartsWith(field, StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * KibibyteBytes;
    }

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b(bytes_sent|bytes_received|segs_out|segs_in):(\d+)")]
    private static partial Regex CountPattern();
}
