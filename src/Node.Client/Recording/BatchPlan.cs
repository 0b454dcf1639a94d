using System.Globalization;
using Node.Protocol;

namespace Node.Client.Recording;

/// <summary>Splits a list of drafts into transactions, in order.</summary>
/// <remarks>
/// A transaction ends before <see cref="EntriesMax"/> entries, before <see cref="BytesMax"/>, and before a key that it
/// writes already. Owned by one call.
/// </remarks>
internal sealed class BatchPlan(IReadOnlyList<RecordDraft> drafts)
{
    /// <summary>The contract's own limit.</summary>
    public const int EntriesMax = 500;

    /// <summary>The contract takes more; this is small enough to travel and to be endorsed quickly.</summary>
    public const int BytesMax = 1 << 20;

    private const char DraftMark = '#';

    /// <summary>The ids of what is committed, by index of draft.</summary>
    private readonly List<TxId> _ids = new(drafts.Count);

    /// <summary>The first draft that is in no transaction yet.</summary>
    public int Next => _ids.Count;

    public bool IsDone => Next == drafts.Count;

    /// <summary>The argument for the next transaction, and how many drafts it holds: at least one.</summary>
    /// <exception cref="ArgumentException">A draft holds text that is no Unicode, or a wrong reference.</exception>
    public (ReadOnlyMemory<byte> Argument, int Count) TakeNext()
    {
        var json = new MemoryStream();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        int count = 0;
        json.WriteByte((byte)'[');
        while (Next + count < drafts.Count && count < EntriesMax)
        {
            RecordDraft draft = drafts[Next + count];
            byte[] entry = DraftJson.Entry(draft, ParentsOf(draft, Next + count));
            if (count > 0 && (json.Length + entry.Length > BytesMax || keys.Contains(draft.Key)))
                break;

            if (count > 0)
                json.WriteByte((byte)',');
            json.Write(entry);
            keys.Add(draft.Key);
            count++;
        }

        json.WriteByte((byte)']');
        return (json.GetBuffer().AsMemory(0, (int)json.Length), count);
    }

    /// <summary>The transaction with the next drafts is committed.</summary>
    public void Committed(IEnumerable<TxId> ids) => _ids.AddRange(ids);

    private string[] ParentsOf(RecordDraft draft, int index)
    {
        string[] parents = new string[draft.Parents.Count];
        for (int i = 0; i < parents.Length; i++)
            parents[i] = Resolve(draft.Parents[i], index);
        return parents;
    }

    /// <summary>What is committed has an id; what travels in the same transaction has a place in it.</summary>
    private string Resolve(string parent, int index)
    {
        if (!parent.StartsWith(DraftMark))
            return parent;

        bool parsed = int.TryParse(parent.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int named);
        if (!parsed || named >= index)
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Draft {index} (key \"{drafts[index].Key}\") has the parent \"{parent}\", which is no draft "
                    + $"before it. Name a record id, or #0 for the first draft of the list."));
        return named < Next
            ? _ids[named].Value
            : DraftMark + (named - Next).ToString(CultureInfo.InvariantCulture);
    }
}
