using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

namespace Samples;

/// <summary>What every sample needs: its arguments, and a connection to a network that runs.</summary>
internal sealed class SampleNetwork : IDisposable
{
    private readonly Gateway _gateway;

    private SampleNetwork(string folder)
    {
        _gateway = Gateway.FromNetworkFolder(folder, "org1", "User1");
        Contract = _gateway.GetNetwork(ChannelId.Of("mychannel")).GetContract("hyperprov");
        Provenance = new ProvenanceClient(
            Contract, ContentStores.FromNetworkFolder(folder, store: null, TimeProvider.System));
    }

    public Contract Contract { get; }

    public ProvenanceClient Provenance { get; }

    /// <summary>Takes <c>--dir DIR</c> from the front of the arguments.</summary>
    /// <param name="rest">What follows it.</param>
    public static SampleNetwork Open(string[] arguments, out string[] rest)
    {
        if (arguments.Length < 2 || arguments[0] != "--dir")
            throw new SampleFault("the first arguments are --dir and the folder of a network (hyperprov network up)");

        rest = arguments[2..];
        return new SampleNetwork(arguments[1]);
    }

    /// <summary>Runs a sample: its faults are one line and exit code 1.</summary>
    public static async Task<int> RunAsync(Func<Task> sample)
    {
        try
        {
            await sample();
            return 0;
        }
        catch (Exception e) when (e is SampleFault or GatewayException or CommitException or RecordNotFoundException
            or ContentMismatchException or ContentMissingException or NetworkFolderException or NodeException
            or PartlyRecordedException or IOException)
        {
            await Console.Error.WriteLineAsync($"sample: {e.Message}");
            return 1;
        }
    }

    public void Dispose() => _gateway.Dispose();
}

/// <summary>The sample cannot go on: what, where, and what to do.</summary>
internal sealed class SampleFault(string message) : Exception(message);
