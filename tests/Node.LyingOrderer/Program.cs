using System.Globalization;
using Node.LyingOrderer;
using Node.Protocol;

// lying-orderer LISTEN:PORT MSPID MSP-FOLDER CHANNEL UPSTREAM:PORT [TLS-CERTIFICATE TLS-KEY UPSTREAM-ROOT]
//
// Serves Deliver as an orderer of the channel with blocks that it pulls from an honest one, to which it passes
// Broadcast on. It begins to lie when a line "LIE [BLOCK]" comes in on standard input: Fork, Reorder, Resign,
// WrongCommitment, WrongPrevious, BadSignature, Gap, Withhold, Silent, Trickle, Garbage, Reset, or None. Without BLOCK
// it begins with the next one. Each line is answered with "LIE from BLOCK". Ends when standard input does.
if (args.Length is not (5 or 8))
{
    await Console.Error.WriteLineAsync(
        "lying-orderer LISTEN:PORT MSPID MSP-FOLDER CHANNEL UPSTREAM:PORT [TLS-CERTIFICATE TLS-KEY UPSTREAM-ROOT]");
    return 2;
}

string? upstreamRoot = args.Length > 5 ? args[7] : null;
using var envelopes = new UpstreamEnvelopes(args[4], upstreamRoot);
int colon = args[0].LastIndexOf(':');
var options = new LyingOrdererOptions
{
    ListenAddress = args[0][..colon],
    ListenPort = int.Parse(args[0][(colon + 1)..], CultureInfo.InvariantCulture),
    MspId = args[1],
    MspFolder = args[2],
    TlsCertificateFile = args.Length > 5 ? args[5] : null,
    TlsKeyFile = args.Length > 5 ? args[6] : null,
    Broadcast = envelopes.RelayAsync,
};
await using LyingOrderer orderer = await LyingOrderer.StartAsync(options);
using var stop = new CancellationTokenSource();
Task feeding = UpstreamBlocks.FeedAsync(
    orderer.Chain, ChannelId.Of(args[3]), orderer.Signer, args[4], upstreamRoot, stop.Token);
await Console.Out.WriteLineAsync($"listens on {orderer.Port}");

while (await Console.In.ReadLineAsync() is { } line)
{
    string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    if (words.Length == 0 || !Enum.TryParse(words[0], ignoreCase: true, out Lie lie))
    {
        await Console.Out.WriteLineAsync($"unknown: {line}");
        continue;
    }

    ulong from = words.Length > 1 ? ulong.Parse(words[1], CultureInfo.InvariantCulture) : orderer.Chain.Height;
    orderer.Chain.Begin(lie, from);
    await Console.Out.WriteLineAsync($"{lie} from {from}");
}

await stop.CancelAsync();
await feeding;
return 0;
