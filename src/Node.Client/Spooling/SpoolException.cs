namespace Node.Client.Spooling;

public enum SpoolFaultKind
{
    /// <summary>There is no spool in that folder, or there is one already where a new one should be.</summary>
    WrongPlace,

    /// <summary>Another process adds to it.</summary>
    Busy,

    /// <summary>The journal is not what was recorded: entries are altered, missing or exchanged.</summary>
    Altered,

    /// <summary>The device's identity is missing or cannot sign.</summary>
    NoIdentity,
}

/// <summary>A spool cannot do what was asked. The message says why, and what to do.</summary>
public sealed class SpoolException : Exception
{
    internal SpoolException(SpoolFaultKind kind, string message)
        : base(message) =>
        Kind = kind;

    public SpoolFaultKind Kind { get; }
}
