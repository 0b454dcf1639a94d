using System.CommandLine;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Membership;
using Node.Membership.Changing;
using Node.Protocol;
using Node.Protocol.Wire.Common;
using Node.Protocol.Wire.Msp;

namespace Node.Cli.Commands.Channels;

/// <summary><c>channel propose</c>: write an update of the configuration, signed by who proposes it.</summary>
internal static class ProposeCommand
{
    private static readonly Option<uint?> s_messages = new("--max-messages")
    {
        Description = "Envelopes at which a batch is cut", HelpName = "COUNT",
    };

    private static readonly Option<uint?> s_preferredBytes = new("--preferred-bytes")
    {
        Description = "Bytes at which a batch is cut", HelpName = "BYTES",
    };

    private static readonly Option<uint?> s_absoluteBytes = new("--absolute-bytes")
    {
        Description = "Bytes of the largest envelope", HelpName = "BYTES",
    };

    private static readonly Option<double?> s_timeout = new("--batch-timeout")
    {
        Description = "Longest wait of the first envelope of a batch, in seconds", HelpName = "SECONDS",
    };

    private static readonly Option<string[]> s_policies = new("--policy")
    {
        Description = "Application/Endorsement=MAJORITY Endorsement, or a policy in the policy language; repeatable",
        HelpName = "PATH=POLICY",
    };

    private static readonly Option<string[]> s_lists = new("--crl")
    {
        Description = "Replace an organisation's revocation lists: Org1=FILE (PEM), or Org1= for none; repeatable",
        HelpName = "ORG=FILE",
    };

    private static readonly Option<string[]> s_msps = new("--msp")
    {
        Description = "Replace an organisation's roots, units and revocation lists by those of a folder; repeatable",
        HelpName = "ORG=FOLDER",
    };

    private static readonly Option<string[]> s_peers = new("--peers")
    {
        Description = "Where an organisation's peers are: Org1=host:port,host:port; repeatable",
        HelpName = "ORG=ENDPOINTS",
    };

    private static readonly Option<string[]> s_orderers = new("--orderer-endpoints")
    {
        Description = "Where an orderer organisation's orderers are: Orderer=host:port,host:port; repeatable",
        HelpName = "ORG=ENDPOINTS",
    };

    private static readonly Option<string[]> s_add = new("--add-organization")
    {
        Description = "Take an organisation in: Org3=Org3MSP:FOLDER, with the folder of its MSP; repeatable",
        HelpName = "NAME=MSPID:FOLDER",
    };

    private static readonly Option<string[]> s_remove = new("--remove-organization")
    {
        Description = "Leave an organisation out; repeatable", HelpName = "NAME",
    };

    private static readonly Option<string[]> s_addOrderer = new("--add-orderer")
    {
        Description = "Name one more orderer: Orderer=host:port,FILE with its TLS certificate; orderer add does it all",
        HelpName = "ORG=ENDPOINT,FILE",
    };

    private static readonly Option<string[]> s_removeOrderer = new("--remove-orderer")
    {
        Description = "Name an orderer no longer; orderer remove does it all", HelpName = "ENDPOINT",
    };

    private static readonly Option<string[]> s_acls = new("--acl")
    {
        Description = "Which policy guards a resource: peer/Propose=/Channel/Application/Writers; empty: the default",
        HelpName = "RESOURCE=POLICY",
    };

    private static readonly Option<string[]> s_capabilities = new("--capability")
    {
        Description = "What every node must know: Channel=V3_0, Orderer=V2_0, Application=V2_5; repeatable",
        HelpName = "PART=NAME",
    };

    private static readonly Option<string> s_output = new("--output", "-o")
    {
        Description = "Where the update goes", HelpName = "FILE", Required = true,
    };

    public static Command Create() => new Verb(
            "propose", "Write an update of the configuration, signed by the organisation's Admin",
            "channel propose --max-messages 100 -o update.bin")
        .Takes(
            s_messages, s_preferredBytes, s_absoluteBytes, s_timeout, s_policies, s_lists, s_msps, s_peers, s_orderers,
            s_add, s_remove, s_addOrderer, s_removeOrderer, s_acls, s_capabilities, s_output, ContractOptions.Channel)
        .Runs(RunAsync);

    private static async Task<ExitCode> RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        using SigningIdentity signer = AdministratorOf.Open(invocation);
        using NetworkSession session = NetworkSession.Open(invocation);
        ChannelConfig current = await session.NetworkOf(invocation.Get(ContractOptions.Channel)!).Administration
            .ReadAsync(cancellation);
        var draft = new ConfigDraft(current);
        Change(invocation, draft);
        if (!draft.TryFinish(out ConfigUpdate? update, out string? fault))
            throw new CommandFault(ExitCode.Usage, $"there is nothing to propose: {fault}");

        string file = invocation.Console.PathOf(invocation.Get(s_output)!);
        SignedUpdate signed = SignedUpdate.Of(update).SignedBy(signer);
        UpdateFile.Write(file, signed, signer, invocation.Console.Clock);
        bool applies = signed.TryApply(current, out _, out fault);
        if (invocation.Json)
            JsonView.Write(
                invocation.Console, new { File = file, signed.Signatures, Applies = applies, Fault = fault });
        else
            invocation.Console.Output.WriteLine(
                applies ? $"Wrote {file}: signed by enough, submit it" : $"Wrote {file}: {fault}");

        return ExitCode.Ok;
    }

    private static void Change(Invocation invocation, ConfigDraft draft)
    {
        draft.SetBatch(
            invocation.Get(s_messages), invocation.Get(s_preferredBytes), invocation.Get(s_absoluteBytes));
        if (invocation.Get(s_timeout) is { } seconds)
            draft.SetBatchTimeout(TimeSpan.FromSeconds(seconds));

        foreach ((string path, string policy) in PairsOf(invocation, s_policies))
            Require(draft.TrySetPolicy(path, policy, out string? fault), fault);
        foreach ((string organization, string file) in PairsOf(invocation, s_lists))
            Require(draft.TrySetRevocationLists(organization, ReadLists(invocation, file), out string? fault), fault);
        foreach ((string organization, string folder) in PairsOf(invocation, s_msps))
            Require(draft.TrySetMembership(organization, ReadFolder(invocation, folder), out string? fault), fault);
        foreach ((string organization, string text) in PairsOf(invocation, s_peers))
            Require(draft.TrySetPeers(organization, EndpointsOf(text), out string? fault), fault);
        foreach ((string organization, string text) in PairsOf(invocation, s_orderers))
            Require(draft.TrySetOrderers(organization, EndpointsOf(text), out string? fault), fault);
        foreach ((string name, string text) in PairsOf(invocation, s_add))
            Require(draft.TryAddOrganization(name, ReadMsp(invocation, text), [], out string? fault), fault);
        foreach (string name in invocation.Get(s_remove) ?? [])
            Require(draft.TryRemoveOrganization(name, out string? fault), fault);

        ChangeOrderers(invocation, draft);
        foreach ((string resource, string policy) in PairsOf(invocation, s_acls))
            draft.SetAcl(resource, policy);
        foreach ((string part, string name) in PairsOf(invocation, s_capabilities))
            Require(draft.TrySetCapability(part, name, out string? fault), fault);
    }

    private static void ChangeOrderers(Invocation invocation, ConfigDraft draft)
    {
        foreach ((string organization, string text) in PairsOf(invocation, s_addOrderer))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string file = comma < 0 ? "" : invocation.Console.PathOf(text[(comma + 1)..]);
            if (!File.Exists(file))
                throw new CommandFault(
                    ExitCode.Usage,
                    $"{s_addOrderer.Name} takes {s_addOrderer.HelpName}, with a PEM file that is there.");

            Endpoint endpoint = EndpointsOf(text[..comma])[0];
            Require(
                draft.TryAddOrderer(organization, endpoint, File.ReadAllBytes(file), out string? fault), fault);
        }

        foreach (string text in invocation.Get(s_removeOrderer) ?? [])
            Require(draft.TryRemoveOrderer(EndpointsOf(text)[0], out string? fault), fault);
    }

    private static void Require(bool done, string? fault)
    {
        if (!done)
            throw new CommandFault(ExitCode.Usage, fault ?? "the change is refused");
    }

    private static IEnumerable<(string Name, string Value)> PairsOf(Invocation invocation, Option<string[]> option)
    {
        foreach (string text in invocation.Get(option) ?? [])
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            yield return equals > 0
                ? (text[..equals], text[(equals + 1)..])
                : throw new CommandFault(ExitCode.Usage, $"{option.Name} takes {option.HelpName}, not \"{text}\".");
        }
    }

    private static Endpoint[] EndpointsOf(string text) => Array.ConvertAll(
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        part => Endpoint.TryParse(part, out Endpoint endpoint)
            ? endpoint
            : throw new CommandFault(ExitCode.Usage, $"\"{part}\" is no endpoint: give host:port."));

    private static byte[][] ReadLists(Invocation invocation, string file)
    {
        if (file.Length == 0)
            return [];

        string path = invocation.Console.PathOf(file);
        return File.Exists(path)
            ? [File.ReadAllBytes(path)]
            : throw new CommandFault(
                ExitCode.NotFound, $"there is no revocation list {path}; identity revoke writes one.");
    }

    // The name is the organisation's own: the draft puts it in.
    private static FabricMSPConfig ReadFolder(Invocation invocation, string folder) =>
        MspFolder.TryRead(
            MspId.Of("any"), invocation.Console.PathOf(folder), out FabricMSPConfig? msp, out string? fault)
            ? msp
            : throw new CommandFault(ExitCode.NotFound, fault);

    private static FabricMSPConfig ReadMsp(Invocation invocation, string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !MspId.TryParse(text[..colon], out MspId id, out _))
            throw new CommandFault(ExitCode.Usage, $"{s_add.Name} takes {s_add.HelpName}, not \"{text}\".");

        return MspFolder.TryRead(
            id, invocation.Console.PathOf(text[(colon + 1)..]), out FabricMSPConfig? msp, out string? fault)
            ? msp
            : throw new CommandFault(ExitCode.NotFound, fault);
    }
}
