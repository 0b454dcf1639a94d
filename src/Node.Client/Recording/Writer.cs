namespace Node.Client.Recording;

/// <summary>Whose records are asked for, such as those of an identity that was revoked.</summary>
public sealed record Writer
{
    public required string MspId { get; init; }

    /// <summary>
    /// An enrolment id, or a certificate's fingerprint (64 lower-case hex digits). Empty: all of the organisation.
    /// </summary>
    public string Who { get; init; } = "";

    /// <summary>By the transactions' own time; null: from the first one.</summary>
    public DateTimeOffset? Since { get; init; }
}
