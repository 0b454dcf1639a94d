using System.CommandLine;
using System.Globalization;
using Node.Cli.Networks;
using Node.Cli.Rendering;
using Node.Cli.Running;
using Node.Rest.Identities;

namespace Node.Cli.Commands.Serving;

/// <summary><c>rest</c>: the REST API, and the API keys of those who call it.</summary>
internal static class RestCommands
{
    private static readonly Option<string> s_note = new("--note")
    {
        Description = "What the key is for, shown in the list",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private static readonly Argument<string> s_id = new("ID") { Description = "The key's id, as the list shows it" };

    public static Command Create() => new("rest", "Serve the REST API, and say who may call it")
    {
        RestStartCommand.Create(),
        new Command("key", "API keys: each stands for one identity")
        {
            new Verb(
                "create", "Make an API key for --user of --org; it is shown this once",
                "rest key create --user User1 --note sensors")
                .Takes(s_note)
                .Runs(CreateKey),
            new Verb("list", "List API keys, revoked ones among them", "rest key list").Runs(ListKeys),
            new Verb("revoke", "Revoke an API key; servers know within a second", "rest key revoke 3f9a0c1b22de")
                .Takes(s_id)
                .Runs(RevokeKey),
        },
    };

    private static Task<ExitCode> CreateKey(Invocation invocation, CancellationToken cancellation)
    {
        IdentityName identity = RestIdentity.Of(NetworkLayout.Open(invocation), invocation);
        (string text, ApiKeyEntry entry) = FileOf(invocation).Create(identity, invocation.Get(s_note) ?? "");
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, new { entry.Id, Key = text, entry.MspId, entry.User, entry.Note });
            return Task.FromResult(ExitCode.Ok);
        }

        invocation.Console.Output.WriteLine(text);
        invocation.Progress.Say(
            $"Key {entry.Id} stands for {identity}. It is kept nowhere: only its hash is. Send it as "
            + "Authorization: Bearer …");
        return Task.FromResult(ExitCode.Ok);
    }

    private static Task<ExitCode> ListKeys(Invocation invocation, CancellationToken cancellation)
    {
        _ = NetworkLayout.Open(invocation);
        IReadOnlyList<ApiKeyEntry> keys = FileOf(invocation).List();
        if (invocation.Json)
        {
            JsonView.Write(invocation.Console, keys.Select(ViewOf));
            return Task.FromResult(ExitCode.Ok);
        }

        var table = new TextTable("id", "user", "organisation", "created", "revoked", "note");
        foreach (ApiKeyEntry key in keys)
            table.Add(key.Id, key.User, key.MspId, TimeOf(key.Created), TimeOf(key.Revoked), key.Note);
        table.Show(invocation.Console);
        return Task.FromResult(ExitCode.Ok);
    }

    private static Task<ExitCode> RevokeKey(Invocation invocation, CancellationToken cancellation)
    {
        _ = NetworkLayout.Open(invocation);
        string id = invocation.Get(s_id);
        ApiKeyEntry revoked = FileOf(invocation).Revoke(id) ?? throw new CommandFault(
            ExitCode.NotFound, $"there is no API key {id}. See: ./hyperprov rest key list{invocation.FolderOption}");
        if (invocation.Json)
            JsonView.Write(invocation.Console, ViewOf(revoked));
        else
            invocation.Progress.Say($"Key {id} of {revoked.Identity} is revoked.");

        return Task.FromResult(ExitCode.Ok);
    }

    private static ApiKeyFile FileOf(Invocation invocation) => new(invocation.Folder, invocation.Console.Clock);

    private static object ViewOf(ApiKeyEntry key) =>
        new { key.Id, key.MspId, key.User, key.Note, key.Created, key.Revoked };

    private static string TimeOf(DateTimeOffset? time) =>
        time?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
