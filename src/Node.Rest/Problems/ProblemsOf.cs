using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Node.Client;
using Node.Client.Exporting;
using Node.Client.Receipts;
using Node.Client.Recording;
using Node.Client.Storing;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Rest.Problems;

/// <summary>Turns whatever ended a request into a problem. The only place that does.</summary>
internal static class ProblemsOf
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    public static Problem Exception(Exception fault) => fault switch
    {
        RequestFault own => own.Problem,
        RecordNotFoundException missing => new Problem(ProblemKind.RecordUnknown, Sentence(missing.Message))
        {
            Subject = missing.KeyOrTransaction,
            Next = "List the keys there are: GET /api/v1/records?start=&end=",
        },
        CommitException invalid => OfInvalid(invalid),
        CommitStatusException unknown => OfUnknownOutcome(unknown),
        SubmitException submit => new Problem(ProblemKind.NotOrdered, submit.Message)
        {
            TransactionId = submit.TransactionId,
            RetryAfter = s_soon,
            Next = "Send it again with the same Idempotency-Key, or ask for the transaction first.",
        },
        ImportRefusedException refused => new Problem(ProblemKind.InvalidBody, Sentence(refused.Message))
        {
            Subject = "body",
            Next = "Nothing was recorded. Change what the detail names and send it again.",
        },
        PartlyRecordedException { InnerException: { } inner } partly => Exception(inner) with
        {
            Detail = partly.Message,
            Next = "Send it again: what is recorded already is left out.",
        },
        ReceiptRefusedException refused => new Problem(ProblemKind.PeerRefused, refused.Message)
        {
            TransactionId = refused.TransactionId,
            Next = "Do not trust that peer: hold its ledger against another one's (./hyperprov ledger verify).",
        },
        GatewayException refused => OfRefusal(refused),
        PeerUnreachableException unreachable => new Problem(ProblemKind.PeerUnreachable, unreachable.Message)
        {
            RetryAfter = s_soon,
            Next = "Start the peer (./hyperprov network status) and send it again.",
        },
        OverloadedException overloaded => new Problem(ProblemKind.Overloaded, overloaded.Message)
        {
            RetryAfter = s_soon,
            Next = "Send it again later.",
        },
        ContentMismatchException mismatch => OfMismatch(mismatch),
        ContentMissingException or LocationRefusedException or ContentEncryptedException or StoreConfigException
            or StoreUnreachableException or StorageFailedException => OfStore(fault),
        NetworkFolderException folder => new Problem(ProblemKind.IdentityUnavailable, folder.Message)
        {
            Next = "Ask the server's operator: the identity's folder is missing or cannot be read.",
        },
        BadHttpRequestException bad => OfBadRequest(bad),
        NotSupportedException unsupported => new Problem(ProblemKind.NotVerifiable, unsupported.Message)
        {
            Next = "Fetch the content from its location and check it with the program that computed the checksum.",
        },
        IOException io => new Problem(ProblemKind.MalformedRequest, $"The body ended early: {io.Message}")
        {
            Subject = "body",
            Next = "Nothing was recorded. Send the whole body again.",
        },
        _ => new Problem(ProblemKind.Internal, "The request could not be carried out because of a bug in this program.")
        {
            Next = "Report it with the instance of this answer; the server's log has the rest.",
        },
    };

    /// <summary>The server's own log should say more than the caller is told.</summary>
    public static bool IsWorthLogging(Problem problem) => problem.Kind == ProblemKind.Internal;

    private static Problem OfInvalid(CommitException invalid)
    {
        bool isConflict = invalid.Code is TxValidationCode.MvccReadConflict or TxValidationCode.PhantomReadConflict;
        return new Problem(isConflict ? ProblemKind.Conflict : ProblemKind.TransactionInvalid, invalid.Message)
        {
            TransactionId = invalid.TransactionId,
            Value = invalid.Code.ToString(),
            Next = isConflict
                ? "Read the record again, decide again, and send it with another Idempotency-Key."
                : "Nothing was written. Ask for the transaction to see its validation code.",
        };
    }

    private static Problem OfUnknownOutcome(CommitStatusException unknown) =>
        new(ProblemKind.OutcomeUnknown, unknown.Message)
        {
            TransactionId = unknown.TransactionId,
            RetryAfter = s_soon,
            Next = $"Ask for it: GET /api/v1/transactions/{unknown.TransactionId}",
        };

    private static Problem OfRefusal(GatewayException refused)
    {
        string detail = refused.Details.Count > 0 ? refused.Details[0].Reason : refused.Message;
        if (refused.ContractStatus is { } status)
            return new Problem(KindOf(status), Sentence(detail))
            {
                StatusOverride = status is >= 400 and < 500 ? status : 500,
                Next = NextOf(status),
            };

        ProblemKind kind = refused.Status switch
        {
            StatusCode.Unavailable => ProblemKind.PeerUnreachable,
            StatusCode.DeadlineExceeded => ProblemKind.NotInTime,
            StatusCode.ResourceExhausted => ProblemKind.Overloaded,
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => ProblemKind.Forbidden,
            _ => ProblemKind.PeerRefused,
        };
        return new Problem(kind, Sentence(refused.Message))
        {
            RetryAfter = kind.Status is 503 or 504 ? s_soon : null,
            Next = kind.Status is 503 or 504
                ? "Nothing was ordered. Send it again."
                : "Nothing was ordered. See what the peer says, and its log.",
        };
    }

    private static ProblemKind KindOf(int contractStatus) => contractStatus switch
    {
        403 => ProblemKind.Forbidden,
        404 => ProblemKind.RecordUnknown,
        409 => ProblemKind.Conflict,
        413 => ProblemKind.TooLarge,
        >= 400 and < 500 => ProblemKind.Refused,
        _ => ProblemKind.ContractFailed,
    };

    private static string NextOf(int contractStatus) => contractStatus switch
    {
        403 => "Ask one of those who may write the key.",
        404 => "List the keys there are: GET /api/v1/records?start=&end=",
        409 => "Read the record again and decide again.",
        413 => "Ask for pages: add limit=100, and cursor=… for the next one.",
        >= 400 and < 500 => "Change what the detail names and send it again.",
        _ => "Report it: the contract should refuse, not fail.",
    };

    private static Problem OfStore(Exception fault) => fault switch
    {
        ContentMissingException missing => new Problem(ProblemKind.ContentMissing, missing.Message)
        {
            Subject = missing.Pointer,
        },
        LocationRefusedException refused => new Problem(ProblemKind.ContentMissing, refused.Message)
        {
            Subject = refused.Location,
            Next = "Fetch it from there yourself, or start the server with a store that covers the location.",
        },
        StoreUnreachableException store => new Problem(ProblemKind.StorageFailed, store.Message)
        {
            Subject = store.Location,
            StatusOverride = StatusCodes.Status503ServiceUnavailable,
            RetryAfter = s_soon,
            Next = "Nothing was recorded. Send it again once the store answers.",
        },
        StorageFailedException storage => new Problem(ProblemKind.StorageFailed, storage.Message)
        {
            Next = "Nothing was recorded. Mend the store and send it again.",
        },
        ContentEncryptedException encrypted => new Problem(ProblemKind.NotVerifiable, encrypted.Message)
        {
            Subject = encrypted.Place,
            Next = "Get it on a machine that has a key: ./hyperprov get KEY -o FILE --decrypt-with FILE.",
        },
        _ => new Problem(ProblemKind.StorageFailed, fault.Message)
        {
            Next = "Ask the server's operator: a store of stores.yaml cannot be used.",
        },
    };

    private static Problem OfMismatch(ContentMismatchException mismatch)
    {
        ContentCheck check = mismatch.Check;
        return check.State == ContentState.Missing
            ? new Problem(ProblemKind.ContentMissing, mismatch.Message) { Subject = check.Path }
            : new Problem(ProblemKind.ContentAltered, mismatch.Message)
            {
                Subject = check.Path,
                Value = check.Found?.ToString(),
                Limit = check.Expected.ToString(),
                Next = "Do not use what arrived. Put the original content again.",
            };
    }

    private static Problem OfBadRequest(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new Problem(ProblemKind.TooLarge, Sentence(bad.Message))
        {
            Subject = "body",
            Next = "Send less, or split it.",
        },
        StatusCodes.Status408RequestTimeout => new Problem(
            ProblemKind.MalformedRequest, "The body arrived too slowly and was not waited for.")
        {
            Subject = "body",
            StatusOverride = StatusCodes.Status408RequestTimeout,
            Limit = FormattableString.Invariant($"{RestLimits.BodyBytesPerSecondMin} bytes per second"),
            Next = "Nothing was recorded. Send it again over a faster connection.",
        },
        _ => new Problem(ProblemKind.MalformedRequest, Sentence(bad.Message))
        {
            Next = "Nothing was recorded. Send a complete request.",
        },
    };

    private static string Sentence(string text)
    {
        if (text.Length == 0)
            return "No reason was given.";

        string upper = char.ToUpperInvariant(text[0]) + text[1..];
        return upper[^1] is '.' or '!' or '?' ? upper : upper + ".";
    }
}
