using Node.Client;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;

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
internal sealed record RestChannel(ChannelId Id, string Contract);
