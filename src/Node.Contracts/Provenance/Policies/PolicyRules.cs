using System.Text;

namespace Node.Contracts.Provenance.Policies;

/// <summary>Who may write a key, and who may say so.</summary>
/// <remarks>
/// Every policy that applies must let a writer in: that of the key, and those of all prefixes it begins with. So a
/// narrower policy only narrows, and nobody widens what somebody else has closed.
/// </remarks>
internal static class PolicyRules
{
    /// <summary>Null when the client may write the key.</summary>
    public static ContractResponse? RefusalOfWrite(IContractContext context, string key)
    {
        foreach ((PolicyScope scope, WritePolicy policy) in ThatApply(context.State, key))
        {
            if (!IsWriter(context, key, policy))
                return Forbidden(
                    $"The key {Quoted.Text(key)} may be written by {Names(policy.Writers)} only "
                    + $"(policy of the {scope}), not by {NameOf(context.Client)}.");
        }

        return null;
    }

    /// <summary>The policy of the key first, then those of its prefixes, the shortest first.</summary>
    public static IEnumerable<(PolicyScope Scope, WritePolicy Policy)> ThatApply(IContractState state, string key)
    {
        var own = new PolicyScope(IsPrefix: false, key);
        if (PolicyStore.Find(state, own) is { } policy)
            yield return (own, policy);
        foreach (string prefix in PolicyStore.PrefixesOf(state, key))
        {
            var scope = new PolicyScope(IsPrefix: true, prefix);
            yield return (scope, PolicyStore.Find(state, scope) ?? throw Unlisted(prefix));
        }
    }

    /// <summary>Null when the client may give the scope its first policy, change its policy, or remove it.</summary>
    public static ContractResponse? RefusalOfChange(IContractContext context, PolicyScope scope)
    {
        // Whoever keeps a wider prefix keeps what is in it, and so can undo what nobody else can any more.
        ClientIdentity client = context.Client;
        List<(PolicyScope Scope, WritePolicy Policy)> wider = Wider(context.State, scope);
        bool keepsWider = wider.Exists(one => one.Policy.IsAdmin(client));
        if (PolicyStore.Find(context.State, scope) is { } present)
            return keepsWider || present.IsAdmin(client)
                ? null
                : Forbidden(
                    $"The policy of the {scope} is changed by {Names(present.Admins)} only, "
                    + $"not by {NameOf(client)}.");

        if (wider.Count > 0 && keepsWider)
            return null;
        return scope.IsPrefix
            ? RefusalOfNewPrefix(context, scope, wider)
            : RefusalOfWrite(context, scope.Name) ?? RefusalOfForeignKey(context, scope.Name);
    }

    private static ContractResponse? RefusalOfNewPrefix(
        IContractContext context, PolicyScope scope, List<(PolicyScope Scope, WritePolicy Policy)> wider)
    {
        if (wider.Count > 0)
            return Forbidden(
                $"The {scope} lies in the {wider[^1].Scope}, whose policy is kept by {Names(wider[^1].Policy.Admins)}: "
                + "they set policies in it.");
        if (context.Client.Role != ClientRole.Admin)
            return Forbidden(
                $"The first policy of a prefix is set by an administrator of an organisation (role admin), "
                + $"{NameOf(context.Client)} is none.");

        return RefusalOfForeignPolicies(context, scope.Name) ?? RefusalOfForeignKeys(context, scope.Name);
    }

    /// <summary>Whoever comes second must not be able to shut out whoever came first.</summary>
    private static ContractResponse? RefusalOfForeignKey(IContractContext context, string key)
    {
        bool isOwn = !RecordsAt.Present(context.State).TryFindNewest(key, out LocatedRecord? newest)
            || newest.Record.IsOf(context.Client.MspId);
        return isOwn
            ? null
            : Forbidden(
                $"The key {Quoted.Text(key)} was last written by another organisation; "
                + $"{context.Client.MspId} cannot restrict it.");
    }

    /// <inheritdoc cref="RefusalOfForeignKey"/>
    private static ContractResponse? RefusalOfForeignKeys(IContractContext context, string prefix)
    {
        int seen = 0;
        foreach (StateEntry entry in context.State.Range(prefix, prefix + CompositeKey.UpperBound))
        {
            if (!RecordIndex.Read(entry.Value, entry.Key).IsOf(context.Client.MspId))
                return Forbidden(
                    $"The key {Quoted.Text(entry.Key)} was last written by another organisation; "
                    + $"{context.Client.MspId} cannot restrict the prefix {Quoted.Text(prefix)}.");
            if (++seen > ProvenanceLimits.PrefixKeysMax)
                return ContractResponse.Refusal(
                    ContractResponse.TooLarge,
                    $"The prefix {Quoted.Text(prefix)} has more than {ProvenanceLimits.PrefixKeysMax} keys already, "
                    + "which are looked at before it gets its first policy. Restrict longer prefixes.");
        }

        return null;
    }

    private static ContractResponse? RefusalOfForeignPolicies(IContractContext context, string prefix)
    {
        foreach ((PolicyScope scope, WritePolicy policy) in Within(context.State, prefix))
        {
            if (!policy.IsAdmin(context.Client))
                return Forbidden(
                    $"In the prefix {Quoted.Text(prefix)} there is a policy of the {scope}, kept by "
                    + $"{Names(policy.Admins)}: they would be shut out.");
        }

        return null;
    }

    private static IEnumerable<(PolicyScope Scope, WritePolicy Policy)> Within(IContractState state, string prefix)
    {
        foreach (string narrower in PolicyStore.AllPrefixes(state))
        {
            var scope = new PolicyScope(IsPrefix: true, narrower);
            if (narrower.StartsWith(prefix, StringComparison.Ordinal) && PolicyStore.Find(state, scope) is { } policy)
                yield return (scope, policy);
        }

        string first = CompositeKey.Create(PolicyStore.KeyType) + prefix;
        foreach (StateEntry entry in state.CompositeKeysAfter(PolicyStore.KeyType, [], first))
        {
            if (!entry.Key.StartsWith(first, StringComparison.Ordinal))
                yield break;
            string key = entry.Key[(first.Length - prefix.Length)..^1];
            yield return (new PolicyScope(IsPrefix: false, key), WritePolicy.Read(entry.Value));
        }
    }

    private static List<(PolicyScope Scope, WritePolicy Policy)> Wider(IContractState state, PolicyScope scope)
    {
        List<(PolicyScope, WritePolicy)> wider = [];
        foreach (string prefix in PolicyStore.PrefixesOf(state, scope.Name))
        {
            var other = new PolicyScope(IsPrefix: true, prefix);
            if (other != scope)
                wider.Add((other, PolicyStore.Find(state, other) ?? throw Unlisted(prefix)));
        }

        return wider;
    }

    private static bool IsWriter(IContractContext context, string key, WritePolicy policy)
    {
        foreach (Principal writer in policy.Writers)
        {
            if (writer.IsOwner ? IsOwner(context, key) : writer.Matches(context.Client))
                return true;
        }

        return false;
    }

    private static bool IsOwner(IContractContext context, string key) =>
        !RecordsAt.Present(context.State).TryFindNewest(key, out LocatedRecord? newest)
        || newest.Record.IsBy(context.Client);

    private static string Names(IReadOnlyList<Principal> principals)
    {
        const int ShownMax = 8;
        var names = new StringBuilder();
        for (int i = 0; i < principals.Count && i < ShownMax; i++)
            names.Append(i > 0 ? ", " : "").Append(Quoted.Bare(principals[i].Text));
        return principals.Count > ShownMax ? names.Append(", …").ToString() : names.ToString();
    }

    private static string NameOf(ClientIdentity client) => $"{Quoted.Bare(client.EnrollmentId)} of {client.MspId}";

    private static InvalidOperationException Unlisted(string prefix) =>
        new($"The prefix {Quoted.Text(prefix)} is listed without a policy.");

    private static ContractResponse Forbidden(string message) =>
        ContractResponse.Refusal(ContractResponse.Forbidden, message);
}
