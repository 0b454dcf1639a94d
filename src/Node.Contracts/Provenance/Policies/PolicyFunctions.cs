using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Node.Contracts.Provenance.Policies;

/// <summary>setpolicy, removepolicy, getpolicy, listpolicies.</summary>
internal static class PolicyFunctions
{
    public const string EventName = "hyperprov.policy";

    private const int BytesUsual = 512;
    private const string EffectiveText = "for";

    /// <summary>setpolicy scope, name, policy.</summary>
    public static ContractResponse Set(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 3, max: 3, "key or prefix, its name, and a policy", out ContractResponse? refusal)
            || !TryReadScope(arguments, out PolicyScope scope, out refusal)
            || !arguments.TryText(2, "policy", ProvenanceLimits.PolicyBytesMax, out string json, out refusal))
            return refusal;
        if (!WritePolicy.TryParse(json, context, out WritePolicy? policy, out string? fault))
            return ContractResponse.Refusal(ContractResponse.BadRequest, $"Failed to set the policy: {fault}.");

        refusal = PolicyRules.RefusalOfChange(context, scope) ?? RefusalOfCount(context.State, scope);
        if (refusal is not null)
            return refusal;

        PolicyStore.Write(context.State, scope, policy);
        return Changed(context, scope, policy, "set");
    }

    /// <summary>removepolicy scope, name.</summary>
    public static ContractResponse Remove(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 2, max: 2, "key or prefix, and its name", out ContractResponse? refusal)
            || !TryReadScope(arguments, out PolicyScope scope, out refusal))
            return refusal;
        if (PolicyStore.Find(context.State, scope) is not { } policy)
            return NoPolicy(scope);

        refusal = PolicyRules.RefusalOfChange(context, scope);
        if (refusal is not null)
            return refusal;

        PolicyStore.Remove(context.State, scope);
        return Changed(context, scope, policy, "removed");
    }

    /// <summary>getpolicy scope, name; or getpolicy "for", key: all that apply to a key.</summary>
    public static ContractResponse Get(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const string Expecting = "key, prefix or for, and a name";
        if (!arguments.TryCount(min: 2, max: 2, Expecting, out ContractResponse? refusal)
            || !arguments.TryText(0, "scope", EffectiveText.Length + 8, out string kind, out refusal))
            return refusal;
        if (kind == EffectiveText)
            return arguments.TryKey(1, out string key, out refusal) ? GetFor(context, key) : refusal;
        if (!TryReadScope(arguments, out PolicyScope scope, out refusal))
            return refusal;
        if (PolicyStore.Find(context.State, scope) is not { } policy)
            return NoPolicy(scope);

        var json = new JsonText(BytesUsual);
        WriteOne(json, scope, policy);
        return ContractResponse.Success(json.Written);
    }

    /// <summary>listpolicies [pageSize [, bookmark]]: those of prefixes, then those of keys.</summary>
    public static ContractResponse List(IContractContext context)
    {
        const int BookmarkBytesMax = ProvenanceLimits.KeyBytesMax * 2;
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 0, max: 2, "potentially page size and bookmark", out ContractResponse? refusal)
            || !PagedAnswer.TryReadPageSize(arguments, index: 0, out int pageSize, out refusal)
            || !arguments.TryText(1, "bookmark", BookmarkBytesMax, out string bookmark, out refusal)
            || !TryReadBookmark(bookmark, out string after, out refusal))
            return refusal;

        var answer = new PagedAnswer(pageSize);
        string last = "";
        foreach (StateEntry entry in All(context.State, after))
        {
            if (!answer.HasRoomFor(entry.Value.Length))
                return answer.Overflow(last, "listpolicies pageSize bookmark");

            bool split = CompositeKey.TrySplit(entry.Key, out string? type, out string[]? parts);
            if (!split || parts!.Length != 1)
                throw new InvalidOperationException("A policy's entry does not have the parts it was written with.");
            WriteOne(
                answer.Json, new PolicyScope(type == PolicyStore.PrefixType, parts[0]), WritePolicy.Read(entry.Value));
            answer.Count++;
            last = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(entry.Key));
        }

        return answer.Complete();
    }

    /// <summary>By prefixes first, then by keys; the bookmark tells by its own type where it belongs.</summary>
    private static IEnumerable<StateEntry> All(IContractState state, string after)
    {
        foreach (string type in (string[])[PolicyStore.PrefixType, PolicyStore.KeyType])
        {
            string beginning = CompositeKey.Create(type);
            bool isIn = after.StartsWith(beginning, StringComparison.Ordinal);
            if (after.Length > 0 && !isIn && type == PolicyStore.PrefixType)
                continue;
            foreach (StateEntry entry in state.CompositeKeysAfter(type, [], isIn ? after : beginning))
                yield return entry;
        }
    }

    private static ContractResponse GetFor(IContractContext context, string key)
    {
        var json = new JsonText(BytesUsual);
        json.BeginObject();
        json.Text("key"u8, key);
        json.Flag("mayWrite"u8, PolicyRules.RefusalOfWrite(context, key) is null);
        json.Name("policies"u8);
        json.BeginArray();
        foreach ((PolicyScope scope, WritePolicy policy) in PolicyRules.ThatApply(context.State, key))
            WriteOne(json, scope, policy);
        json.EndArray();
        json.EndObject();
        return ContractResponse.Success(json.Written);
    }

    private static ContractResponse Changed(
        IContractContext context, PolicyScope scope, WritePolicy policy, string change)
    {
        var payload = new JsonText(BytesUsual);
        payload.BeginObject();
        payload.Text("change"u8, change);
        payload.Text("scope"u8, scope.Kind);
        payload.Text("name"u8, scope.Name);
        payload.Text("txid"u8, context.TxId.Value);
        payload.Text("mspId"u8, context.Client.MspId.Value);
        payload.Text("certificate"u8, context.Client.EnrollmentId);
        payload.EndObject();
        context.SetEvent(EventName, payload.Written);

        var answer = new JsonText(BytesUsual);
        WriteOne(answer, scope, policy);
        return ContractResponse.Success(answer.Written);
    }

    private static void WriteOne(JsonText json, PolicyScope scope, WritePolicy policy)
    {
        json.BeginObject();
        json.Text("scope"u8, scope.Kind);
        json.Text("name"u8, scope.Name);
        policy.WriteMembers(json);
        json.EndObject();
    }

    private static bool TryReadScope(
        CallArguments arguments, out PolicyScope scope, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        scope = default;
        if (!arguments.TryText(0, "scope", ProvenanceLimits.TypeBytesMax, out string kind, out refusal)
            || !arguments.TryKey(1, out string name, out refusal))
            return false;

        scope = new PolicyScope(kind == PolicyScope.PrefixText, name);
        if (kind is not (PolicyScope.KeyText or PolicyScope.PrefixText))
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"The scope is {PolicyScope.KeyText} or {PolicyScope.PrefixText}, not {Quoted.Text(kind)}.");
        else if (scope.IsPrefix && Encoding.UTF8.GetByteCount(name) > ProvenanceLimits.PrefixBytesMax)
            refusal = CallArguments.TooLarge(
                "prefix", Encoding.UTF8.GetByteCount(name), ProvenanceLimits.PrefixBytesMax);
        return refusal is null;
    }

    private static bool TryReadBookmark(
        string text, out string after, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        after = "";
        refusal = null;
        if (text.Length == 0)
            return true;

        if (Base64Url.IsValid(text))
            after = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        bool isOne = CompositeKey.TrySplit(after, out string? type, out string[]? parts)
            && type is PolicyStore.PrefixType or PolicyStore.KeyType
            && parts?.Length == 1
            && CompositeKey.IsValidPart(parts[0]);
        if (!isOne)
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"The bookmark {Quoted.Text(text)} is not one that listpolicies returned.");
        return refusal is null;
    }

    private static ContractResponse? RefusalOfCount(IContractState state, PolicyScope scope)
    {
        List<string> prefixes = scope.IsPrefix ? PolicyStore.AllPrefixes(state) : [];
        return prefixes.Count < ProvenanceLimits.PrefixPoliciesMax || prefixes.Contains(scope.Name)
            ? null
            : ContractResponse.Refusal(
                ContractResponse.TooLarge,
                $"There are {ProvenanceLimits.PrefixPoliciesMax} prefixes with a policy already, which every write "
                + "looks through. Remove one that is no longer needed.");
    }

    private static ContractResponse NoPolicy(PolicyScope scope) =>
        ContractResponse.Refusal(
            ContractResponse.NotFound, $"There is no policy of the {scope}; list them with listpolicies.");
}
