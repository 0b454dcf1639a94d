using System.Globalization;
using System.Text;
using Node.Protocol;

namespace Node.Contracts.Provenance;

/// <summary>Whose records are asked for.</summary>
/// <param name="EnrollmentId">Null: all of the organisation.</param>
/// <param name="Fingerprint">Of the certificate, 64 lower-case hex digits. Null: all certificates.</param>
/// <param name="Since">By the transactions' own time; null: from the first one.</param>
internal sealed record Writer(string MspId, string? EnrollmentId, string? Fingerprint, DateTimeOffset? Since);

/// <summary>Who wrote which records, in the order of their time.</summary>
/// <remarks>
/// Composite <c>writer~record</c> (MSP id, enrolment id, fingerprint, time, transaction id) → <c>-</c> for a record of
/// its own transaction, the count of records for a batch, the ids joined by ':' for a journal's. One entry per
/// transaction, written without reading anything.
/// </remarks>
internal static class WriterIndex
{
    public const string ObjectType = "writer~record";

    private const string Alone = "-";
    private const char IdSeparator = ':';

    // Time of fixed width, so that its order is that of the keys.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private const int Parts = 5;

    /// <param name="batchCount">Records of a batch; null for a record of its own transaction.</param>
    public static void Write(IContractContext context, int? batchCount) =>
        Write(context, context.Client, batchCount?.ToString(CultureInfo.InvariantCulture) ?? Alone);

    /// <summary>For records that the transaction's sender did not write.</summary>
    public static void Write(IContractContext context, ClientIdentity writer, IReadOnlyList<TxId> records) =>
        Write(context, writer, string.Join(IdSeparator, records));

    /// <summary>A writer's entries behind a key, lazily: by certificate, each in the order of time.</summary>
    /// <param name="afterKey">Of an entry; empty to begin with the first.</param>
    public static IEnumerable<StateEntry> Entries(IContractState state, Writer writer, string afterKey)
    {
        string[] scope = Scope(writer);
        string since = writer.Since is { } time ? TimeText(time) : "";
        string at = afterKey.Length == 0 ? CompositeKey.Create(ObjectType, scope) : afterKey;
        while (FirstAfter(state, scope, at) is { } first)
        {
            string[] parts = Split(first);
            if (writer.Fingerprint is { } wanted && parts[2] != wanted)
            {
                // Leap over the other certificates of this person, and then to the next person.
                at = string.CompareOrdinal(parts[2], wanted) < 0
                    ? CompositeKey.Create(ObjectType, parts[0], parts[1], wanted)
                    : CompositeKey.Create(ObjectType, parts[0], parts[1]) + CompositeKey.UpperBound;
                continue;
            }

            string[] certificate = parts[..3];
            string prefix = CompositeKey.Create(ObjectType, certificate);
            string from = Utf8Order.Compare(at, prefix + since) > 0 ? at : prefix + since;
            foreach (StateEntry entry in state.CompositeKeysAfter(ObjectType, certificate, from))
                yield return entry;
            at = prefix + CompositeKey.UpperBound;
        }
    }

    /// <summary>The ids of the records that an entry stands for, in order.</summary>
    public static IEnumerable<TxId> RecordsOf(StateEntry entry)
    {
        string text = Split(entry.Key)[^1];
        if (!TxId.TryParse(text, out TxId transaction, out string? fault))
            throw new InvalidOperationException(fault);

        string value = Encoding.UTF8.GetString(entry.Value.Span);
        if (value == Alone)
        {
            yield return transaction;
            yield break;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            for (int index = 0; index < count; index++)
                yield return RecordIds.InBatch(transaction, index);
            yield break;
        }

        foreach (string part in value.Split(IdSeparator))
            yield return TxId.TryParse(part, out TxId id, out fault) ? id : throw new InvalidOperationException(fault);
    }

    /// <summary>True for the key of an entry of this writer.</summary>
    public static bool IsOf(Writer writer, string key) =>
        CompositeKey.TrySplit(key, out string? type, out string[]? parts)
        && type == ObjectType
        && parts.Length == Parts
        && key.StartsWith(CompositeKey.Create(ObjectType, Scope(writer)), StringComparison.Ordinal)
        && (writer.Fingerprint is null || parts[2] == writer.Fingerprint);

    private static void Write(IContractContext context, ClientIdentity writer, string records)
    {
        string key = CompositeKey.Create(
            ObjectType, Part(writer.MspId.Value), Part(writer.EnrollmentId), writer.Fingerprint.ToString(),
            TimeText(context.Timestamp), context.TxId.Value);
        context.State.Put(key, Encoding.UTF8.GetBytes(records));
    }

    private static string[] Scope(Writer writer) =>
        writer.EnrollmentId is { } id ? [Part(writer.MspId), Part(id)] : [Part(writer.MspId)];

    private static string? FirstAfter(IContractState state, string[] scope, string at)
    {
        foreach (StateEntry entry in state.CompositeKeysAfter(ObjectType, scope, at))
            return entry.Key;
        return null;
    }

    private static string[] Split(string key)
    {
        bool split = CompositeKey.TrySplit(key, out _, out string[]? parts);
        return split && parts!.Length == Parts
            ? parts
            : throw new InvalidOperationException("A writer's entry does not have the parts it was written with.");
    }

    private static string TimeText(DateTimeOffset time) =>
        time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Names from certificates may hold what no key may, or be very long: then their hash stands for
    /// them.</summary>
    private static string Part(string name)
    {
        const int BytesMax = 256;
        bool fits = CompositeKey.IsValidPart(name) && Encoding.UTF8.GetByteCount(name) <= BytesMax;
        return fits ? name : "sha256:" + Hash32.Of(Encoding.UTF8.GetBytes(name));
    }
}
