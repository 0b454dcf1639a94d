using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Contracts.Provenance.Policies;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Answers about one record: get, checkhash, getwithid, getfromid.</summary>
internal static class RecordQueries
{
    private const int AnswerBytesUsual = 1024;

    /// <summary>get key.</summary>
    public static ContractResponse Get(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "a key", out ContractResponse? refusal)
            || !TryFindByKey(context.State, arguments, out LocatedRecord? located, out refusal))
            return refusal;

        var json = new JsonText(AnswerBytesUsual);
        RecordAnswer.WriteGet(json, located);
        return ContractResponse.Success(json.Written);
    }

    /// <summary>checkhash key: the bare checksum, no quotes.</summary>
    public static ContractResponse CheckHash(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "a key", out ContractResponse? refusal)
            || !TryFindByKey(context.State, arguments, out LocatedRecord? located, out refusal))
            return refusal;
        return ContractResponse.Success(Encoding.UTF8.GetBytes(LegacyTexts.Unescaped(located.Record.Hash)));
    }

    /// <summary>getwithid key [, "legacy"].</summary>
    public static ContractResponse GetWithId(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 2, "a key", out ContractResponse? refusal)
            || !TryReadForm(arguments, index: 1, out bool isLegacy, out refusal)
            || !TryFindByKey(context.State, arguments, out LocatedRecord? located, out refusal))
            return refusal;
        if (isLegacy)
            return ContractResponse.Success(
                Encoding.UTF8.GetBytes($"{located.Id} |-|-| {LegacyTexts.Unescaped(located.Record.Hash)}"));

        var json = new JsonText(AnswerBytesUsual);
        json.BeginObject();
        json.Id("txid"u8, located.Id);
        json.Escaped("hash"u8, located.Record.Hash);
        json.EndObject();
        return ContractResponse.Success(json.Written);
    }

    /// <summary>getwriters key.</summary>
    public static ContractResponse GetWriters(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 1, "a key", out ContractResponse? refusal)
            || !arguments.TryKey(0, out string key, out refusal))
            return refusal;

        var json = new JsonText(AnswerBytesUsual);
        json.BeginObject();
        json.Text("key"u8, key);
        json.Name("writers"u8);
        WritePolicy.WriteTexts(
            json, PolicyStore.Find(context.State, new PolicyScope(IsPrefix: false, key))?.Writers ?? []);
        json.EndObject();
        return ContractResponse.Success(json.Written);
    }

    /// <summary>getfromid txid [, "legacy"].</summary>
    public static ContractResponse GetFromId(IContractContext context)
    {
        CallArguments arguments = CallArguments.Rejoined(context.Arguments);
        if (!arguments.TryCount(min: 1, max: 2, "a txid", out ContractResponse? refusal)
            || !TryReadForm(arguments, index: 1, out bool isLegacy, out refusal)
            || !TryReadTxId(arguments, out TxId id, out refusal))
            return refusal;
        if (!RecordsAt.Present(context.State).TryFind(id.ToHash(), out LocatedRecord? located))
            return NoSuchTransaction(id);
        if (isLegacy)
            return ContractResponse.Success(LegacyTexts.FromId(located));

        var json = new JsonText(AnswerBytesUsual);
        RecordAnswer.WriteFromId(json, located);
        return ContractResponse.Success(json.Written);
    }

    /// <summary>"legacy" asks for the text of 2019.</summary>
    public static bool TryReadForm(
        CallArguments arguments, int index, out bool isLegacy, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        const int FormBytesMax = 16;
        isLegacy = false;
        if (!arguments.TryText(index, "form", FormBytesMax, out string form, out refusal))
            return false;

        isLegacy = form == LegacyTexts.Form;
        if (!isLegacy && form.Length > 0)
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest, $"The form is '{LegacyTexts.Form}' or left out, not {Quoted.Text(form)}.");
        return refusal is null;
    }

    /// <summary>The first argument as a transaction id.</summary>
    public static bool TryReadTxId(
        CallArguments arguments, out TxId id, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        id = default;
        if (!arguments.TryText(0, "txid", ProvenanceLimits.KeyBytesMax, out string text, out refusal))
            return false;

        if (!TxId.TryParse(text, out id, out string? fault))
            refusal = ContractResponse.Refusal(
                ContractResponse.BadRequest,
                $"Incorrect arguments. Expecting a txid, not {Quoted.Text(text)}: {fault}.");
        return refusal is null;
    }

    public static ContractResponse NoSuchTransaction(TxId id) =>
        ContractResponse.Refusal(ContractResponse.NotFound, $"no such key: transaction {id} recorded nothing here.");

    public static ContractResponse NoSuchKey(string key) =>
        ContractResponse.Refusal(ContractResponse.NotFound, $"Asset not found: {Quoted.Bare(key)}");

    private static bool TryFindByKey(
        IContractState state,
        CallArguments arguments,
        [NotNullWhen(true)] out LocatedRecord? located,
        [NotNullWhen(false)] out ContractResponse? refusal)
    {
        located = null;
        if (!arguments.TryKey(0, out string key, out refusal))
            return false;

        if (!RecordsAt.Present(state).TryFindNewest(key, out located))
            refusal = NoSuchKey(key);
        return refusal is null;
    }
}
