using Google.Protobuf;
using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Canonical;
using Node.Protocol.Wire.Common;

namespace Node.Rest.Identities;

/// <summary>One identity's open connection to its peer, with everything that requests do over it. Any thread.</summary>
internal sealed class CallerSession : IDisposable
{
    private readonly Gateway _gateway;

    public CallerSession(IdentityName identity, Gateway gateway, RestChannel channel, ContentStores stores)
    {
        _gateway = gateway;
        Identity = identity;
        Network = gateway.GetNetwork(channel.Id);
        Contract = Network.GetContract(channel.Contract);
        Ledger = Network.GetContract("qscc");
        Provenance = new ProvenanceClient(Contract, stores);
    }

    public IdentityName Identity { get; }

    public string Endpoint => _gateway.Endpoint;

    public Gateway Gateway => _gateway;

    public Network Network { get; }

    /// <summary>The provenance contract.</summary>
    public Contract Contract { get; }

    /// <summary>The system contract that knows blocks and transactions.</summary>
    public Contract Ledger { get; }

    public ProvenanceClient Provenance { get; }

    public void Dispose() => _gateway.Dispose();
}

/// <summary>The channel and the contract on it that a server speaks to.</summary>
/// <param name="GenesisHash">Null where the genesis block is not in the network folder.</param>
internal sealed record RestChannel(ChannelId Id, string Contract, Hash32? GenesisHash)
{
    /// <exception cref="ArgumentException">The name is none, or the genesis block cannot be read.</exception>
    public static RestChannel Open(string networkFolder, string channel, string contract)
    {
        if (!ChannelId.TryParse(channel, out ChannelId id, out string? fault))
            throw new ArgumentException($"The channel {channel} cannot be used: {fault}.", nameof(channel));

        string file = Path.Combine(networkFolder, "genesis", $"{id}.block");
        return new RestChannel(id, contract, File.Exists(file) ? HashOf(file) : null);
    }

    private static Hash32 HashOf(string file)
    {
        try
        {
            Block block = Block.Parser.ParseFrom(File.ReadAllBytes(file));
            return BlockHash.TryOf(block.Header, out Hash32 hash, out string? fault)
                ? hash
                : throw new ArgumentException($"The genesis block {file} cannot be used: {fault}.", nameof(file));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ArgumentException($"The genesis block {file} is none: {e.Message}", nameof(file), e);
        }
    }
}
