using System.Text;
using Node.Membership;
using Node.Peer.Committing;
using Node.Protocol;
using Node.Protocol.Decoding;
using Node.Protocol.Wire.Peer;

namespace Node.Peer.Validating;

/// <summary>
/// The part of block validation that looks at the state: is every contract that a transaction touches defined, and do
/// its verified endorsers satisfy every policy that applies (wire reference B14, checks 16 and 17)?
/// </summary>
/// <remarks>
/// Owned by the commit loop: transactions of a block in order, between <see cref="Begin"/> and the block's commit, so
/// that the state is that of the block before on every peer alike. Signatures were verified before; what is left is
/// cheap.
/// </remarks>
internal sealed class PolicyValidator(ContractDefinitions definitions)
{
    private const int NamesMax = 64;

    private readonly List<(byte[] Utf8, string Name)> _names = [];
    private readonly List<(Policy Policy, bool Satisfied)> _evaluated = [];   // Of the transaction at hand.
    // Of the block at hand.
    private readonly HashSet<(string Contract, string Collection, string Key)> _changedKeys = [];
    private KeyPolicies _keyPolicies = null!;   // Set by Begin, before anything is validated.

    /// <summary>Starts a block.</summary>
    /// <param name="keyPolicies">As committed by the block before.</param>
    public void Begin(KeyPolicies keyPolicies)
    {
        _keyPolicies = keyPolicies;
        _changedKeys.Clear();
    }

    /// <param name="verified">An endorser transaction that is valid so far; the next one of its block.</param>
    public TxValidationCode Validate(in VerifiedTransaction verified)
    {
        DecodedTransaction? transaction = verified.Transaction;
        Invariant.Require(
            verified.Code == TxValidationCode.Valid && transaction is not null,
            "what failed before is not validated further");

        _evaluated.Clear();
        DecodedReadWriteSet set = transaction.ReadWriteSet;
        string contract = NameOf(transaction.ContractNameUtf8.Span);
        if (!definitions.TryFind(contract, out ContractDefinition? called) || !AreDefined(set))
            return TxValidationCode.InvalidChaincode;

        bool calledIsInSet = false;
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            string name = NameOf(set.Of(ns.Name));
            bool isCalled = name == contract;
            calledIsInSet |= isCalled;
            if ((isCalled || Writes(set, ns)) && !IsEndorsed(set, ns, name, verified.Endorsers))
                return TxValidationCode.EndorsementPolicyFailure;
        }

        if (!calledIsInSet && !Satisfies(verified.Endorsers, called.EndorsementPolicy))
            return TxValidationCode.EndorsementPolicyFailure;

        RememberChangedKeys(transaction, set);
        return TxValidationCode.Valid;
    }

    private static bool Writes(DecodedReadWriteSet set, in DecodedNamespace ns)
    {
        if (ns.Writes.Count > 0 || ns.MetadataWrites.Count > 0)
            return true;

        foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
        {
            if (collection.Writes.Count > 0 || collection.MetadataWrites.Count > 0)
                return true;
        }

        return false;
    }

    private bool AreDefined(DecodedReadWriteSet set)
    {
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            if (Writes(set, ns) && !definitions.TryFind(NameOf(set.Of(ns.Name)), out _))
                return false;
        }

        return true;
    }

    private bool IsEndorsed(DecodedReadWriteSet set, in DecodedNamespace ns, string name, Identity[] endorsers)
    {
        bool defined = definitions.TryFind(name, out ContractDefinition? definition);
        Invariant.Require(defined && definition is not null, "definitions do not change while a block is validated");

        bool hasKeyPolicies = _keyPolicies.HasAny(name) || _changedKeys.Count > 0;
        bool anyChecked = false;
        var scope = new KeyScope(set, name, Collection: "", definition.EndorsementPolicy, endorsers, hasKeyPolicies);
        if (!AreKeysEndorsed(scope, ns.Writes, ns.MetadataWrites, ref anyChecked))
            return false;

        foreach (ref readonly DecodedCollection collection in set.Collections(ns.Collections))
        {
            string collectionName = Encoding.UTF8.GetString(set.Of(collection.Name));
            Policy policy =
                definitions.FindCollectionPolicy(definition, collectionName) ?? definition.EndorsementPolicy;
            scope = new KeyScope(set, name, collectionName, policy, endorsers, hasKeyPolicies);
            if (!AreKeysEndorsed(scope, collection.Writes, collection.MetadataWrites, ref anyChecked))
                return false;
        }

        return anyChecked || Satisfies(endorsers, definition.EndorsementPolicy);
    }

    private bool AreKeysEndorsed(in KeyScope scope, Run writes, Run metadataWrites, ref bool anyChecked)
    {
        if (writes.Count == 0 && metadataWrites.Count == 0)
            return true;

        anyChecked = true;
        if (!scope.HasKeyPolicies)
            return Satisfies(scope.Endorsers, scope.Policy);

        foreach (ref readonly DecodedWrite write in scope.Set.Writes(writes))
        {
            if (!IsKeyEndorsed(scope, write.Key))
                return false;
        }

        foreach (ref readonly DecodedMetadataWrite write in scope.Set.MetadataWrites(metadataWrites))
        {
            if (!IsKeyEndorsed(scope, write.Key))
                return false;
        }

        return true;
    }

    private bool IsKeyEndorsed(in KeyScope scope, Slice key)
    {
        ReadOnlySpan<byte> bytes = scope.Set.Of(key);

        // The policy to judge by is being changed in this very block: nobody can say which one the endorsers meant.
        if (_changedKeys.Count > 0 && _changedKeys.Contains((scope.Contract, scope.Collection, KeyText(scope, bytes))))
            return false;

        ReadOnlyMemory<byte> own = _keyPolicies.Find(scope.Contract, scope.Collection, bytes);
        return own.IsEmpty
            ? Satisfies(scope.Endorsers, scope.Policy)
            : EndorsementPolicies.OfKey(own.Span).IsSatisfiedBy(scope.Endorsers);
    }

    private bool Satisfies(Identity[] endorsers, Policy policy)
    {
        foreach ((Policy known, bool result) in _evaluated)
        {
            if (ReferenceEquals(known, policy))
                return result;
        }

        bool satisfied = policy.IsSatisfiedBy(endorsers);
        _evaluated.Add((policy, satisfied));
        return satisfied;
    }

    private void RememberChangedKeys(DecodedTransaction transaction, DecodedReadWriteSet set)
    {
        bool known = false;
        foreach (ref readonly DecodedNamespace ns in set.Namespaces)
        {
            ReadOnlySpan<DecodedCollection> collections = set.Collections(ns.Collections);
            bool changes = ns.MetadataWrites.Count > 0;
            foreach (ref readonly DecodedCollection collection in collections)
                changes |= collection.MetadataWrites.Count > 0;

            // A transaction whose id is taken changes nothing. Rarely asked, so the ledger may be.
            if (!changes || (!known && _keyPolicies.IsOnLedger(transaction.TxId)))
                continue;

            known = true;
            string name = NameOf(set.Of(ns.Name));
            Remember(set, name, collection: "", ns.MetadataWrites);
            foreach (ref readonly DecodedCollection collection in collections)
                Remember(set, name, Encoding.UTF8.GetString(set.Of(collection.Name)), collection.MetadataWrites);
        }
    }

    private void Remember(DecodedReadWriteSet set, string contract, string collection, Run writes)
    {
        foreach (ref readonly DecodedMetadataWrite write in set.MetadataWrites(writes))
            _changedKeys.Add((contract, collection, KeyText(collection, set.Of(write.Key))));
    }

    // Hashes are no UTF-8, and decoding them as such would make different ones equal.
    private static string KeyText(string collection, ReadOnlySpan<byte> key) =>
        collection.Length == 0 ? Encoding.UTF8.GetString(key) : Convert.ToHexString(key);

    private static string KeyText(in KeyScope scope, ReadOnlySpan<byte> key) => KeyText(scope.Collection, key);

    // A channel has a handful of contracts, and their names come with every transaction.
    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        foreach ((byte[] known, string name) in _names)
        {
            if (utf8.SequenceEqual(known))
                return name;
        }

        string text = Encoding.UTF8.GetString(utf8);
        if (_names.Count < NamesMax)
            _names.Add((utf8.ToArray(), text));

        return text;
    }

    /// <summary>Whose keys are checked, by whose endorsements, against what unless a key says otherwise.</summary>
    private readonly record struct KeyScope(
        DecodedReadWriteSet Set,
        string Contract,
        string Collection,
        Policy Policy,
        Identity[] Endorsers,
        bool HasKeyPolicies);
}
