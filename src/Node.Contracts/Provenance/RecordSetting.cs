using System.Diagnostics.CodeAnalysis;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Writes one record: the functions set and Init.</summary>
internal static class RecordSetting
{
    public const string InitType = "Init";
    public const string EventName = "hyperprov.recorded";

    /// <summary>set key, hash, location, pointer [, description [, dependencies [, options]]].</summary>
    public static ContractResponse Set(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        const int DependenciesBytesMax = ProvenanceLimits.DependenciesMax * (TxId.Chars + 1);
        const string Expecting =
            "a key, hash, location and pointer, and potentially description, dependencies and options";
        if (!arguments.TryCount(min: 4, max: 7, Expecting, out ContractResponse? refusal)
            || !TryReadTexts(arguments, out RecordTexts texts, out refusal)
            || !arguments.TryText(5, "dependencies", DependenciesBytesMax, out string joined, out refusal)
            || !arguments.TryText(6, "options", ProvenanceLimits.OptionsBytesMax, out string optionsText, out refusal))
            return refusal;
        if (!SetOptions.TryParse(optionsText, out SetOptions? options, out string? fault))
            return RecordDraft.Refused(fault);

        string[] dependencies = joined.Length == 0 ? [] : joined.Split(':');
        (TxId, bool) record = (context.TxId, false);
        return RecordDraft.TryCreate(texts, dependencies, options, record, out RecordDraft? draft, out refusal)
            ? Write(context, draft)
            : refusal;
    }

    /// <summary>Init key, hash, location, pointer: what the 2019 contract wrote when it was deployed.</summary>
    public static ContractResponse Init(IContractContext context)
    {
        var arguments = new CallArguments(context.Arguments);
        if (!arguments.TryCount(min: 4, max: 4, "a key, value, location and pointer", out ContractResponse? refusal)
            || !TryReadTexts(arguments, out RecordTexts texts, out refusal))
            return refusal;

        texts = texts with { Description = "Init operation" };
        (TxId, bool) record = (context.TxId, false);
        return RecordDraft.TryCreate(texts, [], SetOptions.OfInit(), record, out RecordDraft? draft, out refusal)
            ? Write(context, draft)
            : refusal;
    }

    private static bool TryReadTexts(
        CallArguments arguments, out RecordTexts texts, [NotNullWhen(false)] out ContractResponse? refusal)
    {
        texts = default;
        if (!arguments.TryKey(0, out string key, out refusal)
            || !arguments.TryText(1, "hash", ProvenanceLimits.ChecksumBytesMax, out string hash, out refusal)
            || !arguments.TryText(2, "location", ProvenanceLimits.LocationBytesMax, out string location, out refusal)
            || !arguments.TryText(3, "pointer", ProvenanceLimits.PointerBytesMax, out string pointer, out refusal)
            || !arguments.TryText(4, "description", ProvenanceLimits.DescriptionBytesMax, out string text, out refusal))
            return false;

        texts = new RecordTexts(key, hash, location, pointer, text);
        return true;
    }

    private static ContractResponse Write(IContractContext context, RecordDraft draft)
    {
        if (RecordWriting.RefusalByState(context, draft, own: []) is { } refusal)
            return refusal;

        RecordWriting.Write(context, draft);
        WriterIndex.Write(context, batchCount: null);
        context.SetEvent(EventName, EventPayload(context, draft));
        return ContractResponse.Success(Encoding.UTF8.GetBytes(draft.Id.Value));
    }

    private static ReadOnlyMemory<byte> EventPayload(IContractContext context, RecordDraft draft)
    {
        const int EventBytesUsual = 512;
        var json = new JsonText(EventBytesUsual);
        json.BeginObject();
        json.Text("key"u8, draft.Texts.Key);
        json.Text("txid"u8, draft.Id.Value);
        json.Text("hash"u8, draft.Checksum.Text);
        json.Text("checksumAlgorithm"u8, draft.Checksum.Algorithm);
        json.Text("type"u8, draft.Type);
        json.Text("mspId"u8, context.Client.MspId.Value);
        json.Text("certificate"u8, context.Client.EnrollmentId);
        json.EndObject();
        return json.Written;
    }
}
