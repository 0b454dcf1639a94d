using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Client.Recording;

namespace Node.Cli.Commands.Policies;

/// <summary><c>policy …</c>: who may write which keys, kept on chain.</summary>
internal static class PolicyCommands
{
    private static readonly Argument<string> s_name = new("KEY|PREFIX") { Description = "What the policy is about" };

    private static readonly Argument<string> s_key = new("KEY") { Description = "A key, recorded or not" };

    private static readonly Option<bool> s_prefix = new("--prefix")
    {
        Description = "It is a prefix: the policy is about all keys that begin with it",
    };

    private static readonly Option<string[]> s_writers = new("--writers")
    {
        Description = "Who may write: owner, an MSP id or *, with conditions such as Org1MSP:admin, " +
            "Org1MSP:id=alice or Org1MSP:lab=north. May be given several times",
        HelpName = "PRINCIPAL",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> s_admins = new("--admins")
    {
        Description = "Who may change the policy; default: all members of your organisation",
        HelpName = "PRINCIPAL",
        AllowMultipleArgumentsPerToken = true,
    };

    public static Command Create() => new("policy", "Say who may write which keys")
    {
        new Verb(
            "set", "Say who may write a key, or with --prefix all keys that begin with a text",
            "policy set lab/ --prefix --writers Org1MSP:admin --user Admin")
            .Takes(s_name, s_prefix, s_writers, s_admins)
            .Runs(SetAsync),
        new Verb("show", "Show the policies that apply to a key, and whether you may write it", "policy show lab/x")
            .Takes(s_key)
            .Runs(ShowAsync),
        new Verb("list", "Show all policies", "policy list").Runs(ListAsync),
        new Verb("remove", "Remove a policy", "policy remove lab/ --prefix --user Admin")
            .Takes(s_name, s_prefix)
            .Runs(RemoveAsync),
    };

    private static async Task<ExitCode> SetAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        string[] admins = invocation.Get(s_admins) ?? [];
        var policy = new WritePolicy
        {
            Scope = ScopeOf(invocation),
            Name = invocation.Get(s_name),
            Writers = invocation.Get(s_writers) ?? [],
            Admins = admins.Length > 0 ? admins : null,
        };
        await session.Provenance.SetPolicyAsync(policy, cancellation);
        if (invocation.Json)
            JsonView.Write(invocation.Console, policy);
        else
            invocation.Console.Output.WriteLine(
                $"{Named(policy.Scope, policy.Name)} may be written by {string.Join(", ", policy.Writers)} now");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ShowAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        KeyPolicies found = await session.Provenance.PoliciesOfAsync(invocation.Get(s_key), cancellation);
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, found);
            return ExitCode.Ok;
        }

        invocation.Console.Output.WriteLine(
            found.MayWrite ? $"You may write the key {found.Key}" : $"You may not write the key {found.Key}");
        if (found.Policies.Count > 0)
            Show(invocation.Console, found.Policies);
        else
            invocation.Console.Output.WriteLine("No policy applies to it: every member of the channel may");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ListAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        var policies = new List<WritePolicy>();
        await foreach (WritePolicy policy in session.Provenance.PoliciesAsync(cancellation))
            policies.Add(policy);

        if (invocation.Json)
            JsonView.Write(invocation.Console, policies);
        else
            Show(invocation.Console, policies);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> RemoveAsync(Invocation invocation, CancellationToken cancellation)
    {
        using NetworkSession session = NetworkSession.Open(invocation);
        (PolicyScope scope, string name) = (ScopeOf(invocation), invocation.Get(s_name));
        try
        {
            await session.Provenance.RemovePolicyAsync(scope, name, cancellation);
        }
        catch (RecordNotFoundException e)
        {
            throw new CommandFault(
                ExitCode.NotFound, $"{e.Message}. List them with: ./hyperprov policy list{invocation.FolderOption}");
        }

        if (invocation.Json)
            JsonView.Write(invocation.Console, new { Scope = scope, Name = name });
        else
            invocation.Console.Output.WriteLine($"{Named(scope, name)} has no policy any more");
        return ExitCode.Ok;
    }

    private static void Show(CliConsole console, IReadOnlyList<WritePolicy> policies)
    {
        var table = new TextTable("scope", "key or prefix", "writers", "admins", "set by", "time");
        foreach (WritePolicy policy in policies)
            table.Add(
                policy.Scope == PolicyScope.Key ? "key" : "prefix", policy.Name, string.Join(' ', policy.Writers),
                string.Join(' ', policy.Admins ?? []),
                policy.MspId.Length > 0 ? $"{policy.EnrollmentId}@{policy.MspId}" : "", policy.Time);
        table.Show(console);
    }

    private static PolicyScope ScopeOf(Invocation invocation) =>
        invocation.Get(s_prefix) ? PolicyScope.Prefix : PolicyScope.Key;

    private static string Named(PolicyScope scope, string name) =>
        scope == PolicyScope.Prefix ? $"Every key that begins with {name}" : $"The key {name}";
}
