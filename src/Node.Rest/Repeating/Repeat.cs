using System.Security.Cryptography;
using System.Text;
using Node.Protocol;
using Node.Rest.Calls;
using Node.Rest.Problems;

namespace Node.Rest.Repeating;

/// <summary>A request's hold on its Idempotency-Key. Disposing gives it back; one thread.</summary>
internal sealed class Repeat : IDisposable
{
    public static readonly TextParameter Header = new(
        "Idempotency-Key", ParameterPlace.Header,
        "Any text: the same key with the same request gives the same answer and one record, for 24 hours");

    private readonly RepeatJournal _journal;
    private readonly string? _scope;

    private Repeat(RepeatJournal journal, string? scope, RepeatEntry? known)
    {
        _journal = journal;
        _scope = scope;
        Known = known;
    }

    /// <summary>The request carries no key: nothing is remembered.</summary>
    public bool IsOff => _scope is null;

    /// <summary>What an earlier request with this key came to; null for the first.</summary>
    public RepeatEntry? Known { get; }

    /// <exception cref="RequestFault">The key cannot be used, or its first request is still in progress.</exception>
    public static Repeat Enter(Call call, RepeatJournal journal)
    {
        string key = call.Get(Header);
        if (key.Length == 0)
            return new Repeat(journal, scope: null, known: null);
        if (key.Length > RestLimits.IdempotencyKeyCharsMax)
            throw Call.Wrong(
                Header, key,
                FormattableString.Invariant($"it may have {RestLimits.IdempotencyKeyCharsMax} characters"));

        string scope = Convert.ToHexStringLower(SHA256.HashData(
            Encoding.UTF8.GetBytes($"{call.Session.Identity.MspId}\n{call.Session.Identity.User}\n{key}")));
        return journal.TryEnter(scope, out RepeatEntry? known)
            ? new Repeat(journal, scope, known)
            : throw new RequestFault(new Problem(
                ProblemKind.RepeatInProgress, "The first request with this Idempotency-Key is not answered yet.")
            {
                Subject = Header.Name,
                RetryAfter = TimeSpan.FromSeconds(1),
                Next = "Wait and send it again: it will get the same answer.",
            });
    }

    /// <exception cref="RequestFault">The key was used for something else.</exception>
    public void RequireSame(Hash32 print)
    {
        if (Known is { } known && known.Print != print.ToString())
            throw new RequestFault(new Problem(
                ProblemKind.RepeatDiffers, "The Idempotency-Key belongs to a request that asked for something else.")
            {
                Subject = Header.Name,
                TransactionId = TxId.TryParse(known.Receipt.TransactionId, out TxId id, out _) ? id : default,
                Next = "Use a new Idempotency-Key for a new request; repeat a request exactly.",
            });
    }

    public void Write(RepeatEntry entry, bool isDurable)
    {
        if (_scope is not null)
            _journal.Write(entry with { Scope = _scope }, isDurable);
    }

    public void Dispose()
    {
        if (_scope is not null)
            _journal.Leave(_scope);
    }
}
