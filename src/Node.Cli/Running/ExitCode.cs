namespace Node.Cli.Running;

/// <summary>
/// What a script learns from a command. The table in docs/cli.md says the same; numbers never change.
/// </summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>A file or a ledger is not what was recorded.</summary>
    VerificationFailed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>No node answers.</summary>
    Unreachable = 3,

    /// <summary>There is no such key, transaction, block, file or network folder.</summary>
    NotFound = 4,

    /// <summary>The contract, a policy or the validation of the transaction said no.</summary>
    Refused = 5,

    /// <summary>This machine is in the way: disk, permissions, a port in use, a missing library.</summary>
    Local = 6,

    /// <summary>A bug in this program.</summary>
    Internal = 7,

    Interrupted = 130,
}
