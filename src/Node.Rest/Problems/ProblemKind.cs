namespace Node.Rest.Problems;

/// <summary>One sort of problem: its code never changes its meaning. docs/rest.md lists them all.</summary>
internal sealed record ProblemKind(int Status, string Code, string Title)
{
    public static readonly ProblemKind MalformedRequest = new(400, "malformed-request", "The request cannot be read");

    public static readonly ProblemKind InvalidParameter =
        new(400, "invalid-parameter", "A parameter has a value that cannot be used");

    public static readonly ProblemKind UnknownParameter = new(400, "unknown-parameter", "There is no such parameter");

    public static readonly ProblemKind InvalidBody = new(400, "invalid-body", "The body is not what is asked for");

    public static readonly ProblemKind DigestMismatch =
        new(400, "digest-mismatch", "The content that arrived is not the content that was announced");

    public static readonly ProblemKind Refused = new(400, "refused", "The contract refused the call");

    public static readonly ProblemKind CredentialsMissing = new(401, "credentials-missing", "Nobody is named");

    public static readonly ProblemKind CredentialsWrong =
        new(401, "credentials-wrong", "The credentials are not known here");

    public static readonly ProblemKind KeyRevoked = new(403, "key-revoked", "The API key was revoked");

    public static readonly ProblemKind IdentityUnavailable =
        new(403, "identity-unavailable", "The identity cannot be used");

    public static readonly ProblemKind Forbidden = new(403, "forbidden", "This identity may not do this");

    public static readonly ProblemKind NoRoute = new(404, "no-route", "There is no such path");

    public static readonly ProblemKind RecordUnknown = new(404, "record-unknown", "There is no such record");

    public static readonly ProblemKind TransactionUnknown =
        new(404, "transaction-unknown", "There is no such transaction on the ledger");

    public static readonly ProblemKind BlockUnknown = new(404, "block-unknown", "There is no such block");

    public static readonly ProblemKind ContentMissing =
        new(404, "content-missing", "The record is there, its content is not");

    public static readonly ProblemKind NotDerived =
        new(404, "not-derived", "Neither record came of the other");

    public static readonly ProblemKind MethodNotAllowed =
        new(405, "method-not-allowed", "The path has no such method");

    public static readonly ProblemKind NotAcceptable =
        new(406, "not-acceptable", "There is no such form of the answer");

    public static readonly ProblemKind Conflict = new(409, "conflict", "The ledger says otherwise by now");

    public static readonly ProblemKind TransactionInvalid =
        new(409, "transaction-invalid", "The transaction is on the ledger as invalid");

    public static readonly ProblemKind RepeatInProgress =
        new(409, "idempotency-in-progress", "The first request with this Idempotency-Key is still in progress");

    public static readonly ProblemKind TooLarge = new(413, "too-large", "A limit of size is passed");

    public static readonly ProblemKind UnsupportedMediaType =
        new(415, "unsupported-media-type", "The body has a form that is not read here");

    public static readonly ProblemKind RepeatDiffers =
        new(422, "idempotency-key-reused", "The Idempotency-Key was used for another request");

    public static readonly ProblemKind NotVerifiable =
        new(422, "content-not-verifiable", "The content cannot be held against its checksum");

    public static readonly ProblemKind RateLimited = new(429, "rate-limited", "Too many requests");

    public static readonly ProblemKind Internal = new(500, "internal", "A bug in this program");

    public static readonly ProblemKind ContractFailed = new(500, "contract-failed", "The contract failed");

    public static readonly ProblemKind ContentAltered =
        new(502, "content-altered", "The stored content is not what was recorded");

    public static readonly ProblemKind PeerRefused =
        new(502, "peer-refused", "The peer did not carry out the call");

    public static readonly ProblemKind PeerUnreachable = new(503, "peer-unreachable", "The peer does not answer");

    public static readonly ProblemKind Overloaded = new(503, "overloaded", "The server is full");

    public static readonly ProblemKind NotOrdered =
        new(503, "not-ordered", "No orderer is known to have taken the transaction");

    public static readonly ProblemKind NotInTime = new(504, "not-in-time", "The peer did not answer in time");

    public static readonly ProblemKind OutcomeUnknown =
        new(504, "outcome-unknown", "The transaction was sent to order; its outcome is not known yet");

    public static readonly ProblemKind StorageFailed = new(507, "storage-failed", "The store cannot be used");

    /// <summary>In the order of their status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        MalformedRequest, InvalidParameter, UnknownParameter, InvalidBody, DigestMismatch, Refused,
        CredentialsMissing, CredentialsWrong, KeyRevoked, IdentityUnavailable, Forbidden,
        NoRoute, RecordUnknown, TransactionUnknown, BlockUnknown, ContentMissing, NotDerived,
        MethodNotAllowed, NotAcceptable,
        Conflict, TransactionInvalid, RepeatInProgress, TooLarge, UnsupportedMediaType, RepeatDiffers, NotVerifiable,
        RateLimited, Internal, ContractFailed, ContentAltered, PeerRefused, PeerUnreachable, Overloaded, NotOrdered,
        NotInTime, OutcomeUnknown, StorageFailed,
    ];
}
