using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Node.Client.Recording;

// Who may write which keys.
public sealed partial class ProvenanceClient
{
    /// <summary>Gives a key or prefix a policy, or another one. In force for all writes ordered behind it.</summary>
    /// <exception cref="GatewayException">Refused: its status is 403 where one may not.</exception>
    /// <exception cref="CommitException">It is on the ledger as invalid.</exception>
    public async Task SetPolicyAsync(WritePolicy policy, CancellationToken cancellation) =>
        await contract.SubmitAsync(
            "setpolicy", [PolicyJson.Text(policy.Scope), policy.Name, PolicyArgument(policy)], cancellation)
            .ConfigureAwait(false);

    /// <summary>Opens a key or prefix, as far as no other policy applies.</summary>
    /// <exception cref="RecordNotFoundException">There is no such policy.</exception>
    /// <inheritdoc cref="SetPolicyAsync"/>
    public async Task RemovePolicyAsync(PolicyScope scope, string name, CancellationToken cancellation)
    {
        try
        {
            await contract.SubmitAsync("removepolicy", [PolicyJson.Text(scope), name], cancellation)
                .ConfigureAwait(false);
        }
        catch (GatewayException e) when (e.ContractStatus == StatusNotFound)
        {
            throw NoPolicy(scope, name, e);
        }
    }

    /// <summary>The policy of exactly this key or prefix.</summary>
    /// <exception cref="RecordNotFoundException">There is none.</exception>
    public async Task<WritePolicy> FindPolicyAsync(PolicyScope scope, string name, CancellationToken cancellation)
    {
        try
        {
            PolicyJson answer = await AskAsync(
                "getpolicy", [PolicyJson.Text(scope), name], PolicyJsonContext.Default.PolicyJson, cancellation)
                .ConfigureAwait(false);
            return answer.ToPolicy();
        }
        catch (GatewayException e) when (e.ContractStatus == StatusNotFound)
        {
            throw NoPolicy(scope, name, e);
        }
    }

    /// <summary>All policies that apply to a key, and whether one may write it oneself.</summary>
    public async Task<KeyPolicies> PoliciesOfAsync(string key, CancellationToken cancellation)
    {
        KeyPoliciesJson answer = await AskAsync(
            "getpolicy", ["for", key], PolicyJsonContext.Default.KeyPoliciesJson, cancellation).ConfigureAwait(false);
        return new KeyPolicies(
            answer.Key, answer.MayWrite, [.. answer.Policies.Select(policy => policy.ToPolicy())]);
    }

    /// <summary>All policies: those of prefixes, then those of keys.</summary>
    public async IAsyncEnumerable<WritePolicy> PoliciesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string bookmark = "";
        do
        {
            PolicyPageJson page = await AskAsync(
                "listpolicies", [PageSize(PageRecords), bookmark], PolicyJsonContext.Default.PolicyPageJson,
                cancellation).ConfigureAwait(false);
            foreach (PolicyJson policy in page.Records)
                yield return policy.ToPolicy();

            bookmark = page.Bookmark;
        }
        while (bookmark.Length > 0);
    }

    internal static string PolicyArgument(WritePolicy policy) => JsonSerializer.Serialize(
        new PolicyArgumentJson { Writers = policy.Writers, Admins = policy.Admins },
        PolicyJsonContext.Default.PolicyArgumentJson);

    private static RecordNotFoundException NoPolicy(PolicyScope scope, string name, GatewayException e) =>
        new($"no policy of the {PolicyJson.Text(scope)} \"{name}\"", name, e);
}
