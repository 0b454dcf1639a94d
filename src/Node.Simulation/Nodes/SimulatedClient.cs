using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Node.Contracts.Provenance;
using Node.Membership;
using Node.Protocol;
using Node.Protocol.Wire.Peer;
using Node.Simulation.Members;
using Node.Simulation.Worlds;

namespace Node.Simulation.Nodes;

/// <summary>A client that records, one transaction after the other, with pauses between them.</summary>
internal sealed class SimulatedClient
{
    private const int Keys = 6;

    private readonly World _world;
    private readonly Chance _chance;
    private readonly List<TxId> _own = [];
    private TimeSpan _pauseMax;
    private int _left;

    public SimulatedClient(World world, SimulatedOrganization organization, int index)
    {
        _world = world;
        string name = $"client{index}@{organization.Domain}";
        Organization = organization;
        Host = world.NewHost(name);
        Identity = organization.Issue(name, "client");
        _chance = new Chance(world.Seed, $"choices of {name}");
        var nonces = new Chance(world.Seed, $"nonces of {name}");
        Identity.NonceSource = nonces.Bytes;
    }

    public SimulatedHost Host { get; }

    public SimulatedOrganization Organization { get; }

    public SigningIdentity Identity { get; }

    /// <summary>Whether it has written all it wanted.</summary>
    public bool IsDone { get; private set; } = true;

    /// <summary>Writes so many transactions from now on, over about this time.</summary>
    public void Begin(int transactions, TimeSpan duration)
    {
        _left = transactions;
        _pauseMax = 2 * duration / Math.Max(transactions, 1);
        IsDone = false;
        Pause();
    }

    private void Pause() =>
        _world.Agenda.After(_chance.Between(TimeSpan.Zero, _pauseMax), () => Host.Step(Host.Life, Next));

    private void Next()
    {
        if (_left-- == 0)
        {
            IsDone = true;
            return;
        }

        string key = $"item{_chance.Below(Keys)}";
        var attempt = new TransactionAttempt(
            _world, Host, Identity, CallOf(key), SimulatedChannel.Instance.Organizations, _chance);
        attempt.Run(code =>
        {
            if (code == TxValidationCode.Valid)
            {
                _world.Newest[key] = attempt.Id;
                _own.Add(attempt.Id);
            }

            Pause();
        });
    }

    private ContractCall CallOf(string key)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(_chance.Bytes(8)));
        string dependencies = _own.Count > 0 && _chance.Happens(0.3) ? _chance.Pick(_own).Value : "";

        // What depends on what was read may conflict with others; that is wanted.
        string options = "";
        if (_chance.Happens(0.4))
            options = $$"""{"expectedTxid":"{{_world.Newest.GetValueOrDefault(key).Value}}"}""";
        else if (dependencies.Length > 0)
            options = """{"strict":true}""";

        if (_chance.Happens(0.15))
            return ContractCall.Of(ProvenanceContract.ContractName, "setbatch", BatchOf(key, hash));

        return ContractCall.Of(
            ProvenanceContract.ContractName, "set", key, hash, "disk", $"file:///{key}", "", dependencies, options);
    }

    private string BatchOf(string key, string hash)
    {
        var entries = new StringBuilder("[");
        int count = 1 + _chance.Below(3);
        for (int index = 0; index < count; index++)
        {
            entries.Append(index == 0 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $$"""{"key":"{{key}}-{{index}}","hash":"{{hash}}","location":"disk","pointer":"p{{index}}"}""");
        }

        return entries.Append(']').ToString();
    }
}
