using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Node.Ledger;
using Node.Membership;
using Node.Peer.Validating;

namespace Node.Peer.Committing;

/// <summary>
/// The contract definitions in force on one channel, read from the state of <c>_lifecycle</c> and kept, with their
/// policies ready to evaluate, until a block writes there or the configuration changes.
/// </summary>
/// <remarks>Any thread reads. Only the commit loop calls <see cref="Forget"/> and <see cref="Adopt"/>.</remarks>
internal sealed class ContractDefinitions
{
    public const string LifecycleNamespace = "_lifecycle";

    /// <summary>
    /// Names remembered at once, unknown ones included; further ones are read each time they are asked for.
    /// </summary>
    private const int NamesMax = 1024;

    private readonly Func<ChannelLedger> _ledger;
    private volatile Generation _current;

    public ContractDefinitions(Func<ChannelLedger> ledger, ChannelConfig config)
    {
        _ledger = ledger;
        _current = new Generation(config);
    }

    /// <summary>Finds the committed definition. <c>_lifecycle</c> itself always has one.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out ContractDefinition? definition)
    {
        Generation generation = _current;
        if (!generation.ByName.TryGetValue(name, out definition))
        {
            // Read after the generation was taken: what is remembered in it is never older than it.
            definition = Read(name, generation);
            if (generation.ByName.Count < NamesMax)
                generation.ByName.TryAdd(name, definition);
        }

        return definition is not null;
    }

    /// <summary>
    /// The policy for writes into a collection: its own where it defines one, the organisation's for implicit
    /// collections, else null, which means the contract's.
    /// </summary>
    public Policy? FindCollectionPolicy(ContractDefinition definition, string collection)
    {
        if (collection.StartsWith(EndorsementPolicies.ImplicitCollectionPrefix, StringComparison.Ordinal))
        {
            Generation generation = _current;
            if (generation.Implicit.TryGetValue(collection, out Policy? known))
                return known;

            Policy policy = EndorsementPolicies.OfImplicitCollection(generation.Config, collection);
            if (generation.Implicit.Count < NamesMax)
                generation.Implicit.TryAdd(collection, policy);

            return policy;
        }

        return definition.CollectionPolicies.GetValueOrDefault(collection);
    }

    /// <summary>
    /// Called after a block that wrote to <c>_lifecycle</c> is durable, before the next one is judged.
    /// </summary>
    internal void Forget() => _current = new Generation(_current.Config);

    /// <summary>Called after a configuration block is durable, before the next block is judged.</summary>
    internal void Adopt(ChannelConfig config) => _current = new Generation(config);

    private ContractDefinition? Read(string name, Generation generation)
    {
        if (name == LifecycleNamespace)
            return EndorsementPolicies.LifecycleDefinition(generation.Config);

        using StateSnapshot state = _ledger().Snapshot();
        return DefinitionReader.TryRead(state, name, generation.Config, out ContractDefinition? definition)
            ? definition
            : null;
    }

    private sealed class Generation(ChannelConfig config)
    {
        public ChannelConfig Config => config;

        public ConcurrentDictionary<string, ContractDefinition?> ByName { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, Policy> Implicit { get; } = new(StringComparer.Ordinal);
    }
}
