using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Node.Contracts.Provenance.Policies;

/// <summary>What a policy is about: one key, or all keys that begin with a text.</summary>
internal readonly record struct PolicyScope(bool IsPrefix, string Name)
{
    public const string KeyText = "key";
    public const string PrefixText = "prefix";

    public string Kind => IsPrefix ? PrefixText : KeyText;

    public override string ToString() => $"{Kind} {Quoted.Text(Name)}";
}

/// <summary>Who may write, and who may change that.</summary>
/// <remarks>
/// Two forms are stored. <c>["Org1MSP"]</c>, which the option writers of set makes: MSP ids, who are also those who may
/// change it. <c>{"writers":[…],"admins":[…],"mspId","certificate","txid","time"}</c>, which setpolicy makes:
/// principals, and who set it when.
/// </remarks>
internal sealed class WritePolicy
{
    public required IReadOnlyList<Principal> Writers { get; init; }

    public required IReadOnlyList<Principal> Admins { get; init; }

    public string MspId { get; init; } = "";

    public string EnrollmentId { get; init; } = "";

    public string TxId { get; init; } = "";

    public string Time { get; init; } = "";

    /// <summary>Made by the option writers: a list of organisations and nothing else.</summary>
    public bool IsPlain { get; init; }

    /// <summary>A list of organisations, who may change it themselves.</summary>
    public static WritePolicy OfOrganizations(IEnumerable<string> mspIds)
    {
        List<Principal> organizations = [.. mspIds.Select(Principal.Organization)];
        return new WritePolicy { Writers = organizations, Admins = organizations, IsPlain = true };
    }

    public bool IsAdmin(ClientIdentity client) => Admins.Any(admin => admin.Matches(client));

    /// <summary>Reads what this contract stored.</summary>
    public static WritePolicy Read(ReadOnlyMemory<byte> stored)
    {
        if (stored.Span[0] == (byte)'[')
            return OfOrganizations(Texts(stored.Span));

        WritePolicy? policy = null;
        bool read = TryRead(stored.Span, (name, text) => name is not ("mspId" or "certificate" or "txid" or "time")
            ? $"unknown member {Quoted.Text(name)}" : null, out PolicyText found, out string? fault)
            && TryCreate(found, out policy, out fault);
        return read ? policy! : throw new InvalidOperationException($"A stored write policy cannot be read: {fault}.");
    }

    /// <summary>Reads the argument of setpolicy.</summary>
    public static bool TryParse(
        string json,
        IContractContext context,
        [NotNullWhen(true)] out WritePolicy? policy,
        [NotNullWhen(false)] out string? fault)
    {
        policy = null;
        if (!TryRead(
            Encoding.UTF8.GetBytes(json),
            (name, _) => $"unknown member {Quoted.Text(name)}; known are writers and admins",
            out PolicyText found, out fault))
            return false;

        ClientIdentity client = context.Client;
        found.Admins ??= [client.MspId.Value + ":member"];
        found.Members["mspId"] = client.MspId.Value;
        found.Members["certificate"] = client.EnrollmentId;
        found.Members["txid"] = context.TxId.Value;
        found.Members["time"] = StoredRecord.TimeText(context.Timestamp);
        if (!TryCreate(found, out policy, out fault))
            return false;

        if (!policy.IsAdmin(client))
            fault = "its admins leave out whoever sets it, so that you could never change it; name yourself among them";
        return fault is null;
    }

    /// <summary>As it is stored.</summary>
    public ReadOnlyMemory<byte> Encode()
    {
        const int BytesUsual = 512;
        var json = new JsonText(BytesUsual);
        if (IsPlain)
        {
            WriteTexts(json, Writers);
            return json.Written;
        }

        json.BeginObject();
        WriteMembers(json);
        json.EndObject();
        return json.Written;
    }

    public void WriteMembers(JsonText json)
    {
        json.Name("writers"u8);
        WriteTexts(json, Writers);
        json.Name("admins"u8);
        WriteTexts(json, Admins);
        if (IsPlain)
            return;

        json.Text("mspId"u8, MspId);
        json.Text("certificate"u8, EnrollmentId);
        json.Text("txid"u8, TxId);
        json.Text("time"u8, Time);
    }

    public static void WriteTexts(JsonText json, IReadOnlyList<Principal> principals)
    {
        json.BeginArray();
        foreach (Principal principal in principals)
            json.Text(principal.Text);
        json.EndArray();
    }

    /// <summary>The members of a policy in JSON, not judged yet.</summary>
    private struct PolicyText()
    {
        public List<string>? Writers;
        public List<string>? Admins;
        public readonly Dictionary<string, string> Members = new(StringComparer.Ordinal);
    }

    private static bool TryRead(
        ReadOnlySpan<byte> json,
        Func<string, string, string?> faultOfMember,
        out PolicyText found,
        [NotNullWhen(false)] out string? fault)
    {
        found = new PolicyText();
        fault = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                fault = "a policy is a JSON object, such as {\"writers\":[\"Org1MSP\"]}";
            while (fault is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString() ?? "";
                reader.Read();
                fault = ReadMember(name, ref reader, faultOfMember, ref found);
            }

            // Reading on throws when anything follows the object.
            if (fault is null)
                reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A lone surrogate in an escape is the second kind.
            fault = "the policy is not valid JSON";
        }

        return fault is null;
    }

    private static string? ReadMember(
        string name, ref Utf8JsonReader reader, Func<string, string, string?> faultOfMember, ref PolicyText found)
    {
        if (name is "writers" or "admins")
        {
            List<string>? principals = ReadTexts(ref reader);
            if (name == "writers")
                found.Writers = principals;
            else
                found.Admins = principals;
            return principals is null
                ? $"{name} is an array of at most {ProvenanceLimits.WritersMax} principals, such as Org1MSP:admin"
                : null;
        }

        string text = reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "";
        found.Members[name] = text;
        return faultOfMember(name, text);
    }

    private static List<string>? ReadTexts(ref Utf8JsonReader reader)
    {
        List<string> texts = [];
        if (reader.TokenType != JsonTokenType.StartArray)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            texts.Add(reader.GetString() ?? "");
        return reader.TokenType == JsonTokenType.EndArray && texts.Count <= ProvenanceLimits.WritersMax ? texts : null;
    }

    private static List<string> Texts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return ReadTexts(ref reader)
            ?? throw new InvalidOperationException("A stored list of organisations cannot be read.");
    }

    private static bool TryCreate(
        in PolicyText found, [NotNullWhen(true)] out WritePolicy? policy, [NotNullWhen(false)] out string? fault)
    {
        policy = null;
        if (!TryParseAll("writers", found.Writers, out List<Principal> writers, out fault)
            || !TryParseAll("admins", found.Admins, out List<Principal> admins, out fault))
            return false;

        if (admins.Exists(admin => admin.IsOwner))
            fault = "an owner is who wrote a key, which is no admin of a policy; name organisations or people";
        policy = new WritePolicy
        {
            Writers = writers,
            Admins = admins,
            MspId = found.Members.GetValueOrDefault("mspId") ?? "",
            EnrollmentId = found.Members.GetValueOrDefault("certificate") ?? "",
            TxId = found.Members.GetValueOrDefault("txid") ?? "",
            Time = found.Members.GetValueOrDefault("time") ?? "",
        };
        return fault is null;
    }

    private static bool TryParseAll(
        string what, List<string>? texts, out List<Principal> principals, [NotNullWhen(false)] out string? fault)
    {
        principals = [];
        fault = texts is null || texts.Count == 0 ? $"{what} names nobody" : null;
        foreach (string text in texts ?? [])
        {
            if (fault is null && Principal.TryParse(text, out Principal? principal, out fault))
                principals.Add(principal);
        }

        return fault is null;
    }
}
