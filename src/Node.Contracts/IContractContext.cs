using System.Diagnostics.CodeAnalysis;
using Node.Protocol;

namespace Node.Contracts;

/// <summary>Everything a contract may know about the call it answers. Lives for one simulation.</summary>
public interface IContractContext
{
    ChannelId Channel { get; }

    TxId TxId { get; }

    /// <summary>The proposal's own time, UTC: the client's clock, which endorsers held against theirs.</summary>
    DateTimeOffset Timestamp { get; }

    /// <summary>The first argument as text; bytes that are no UTF-8 show as U+FFFD.</summary>
    string Function { get; }

    /// <summary>What follows the function, as it travelled.</summary>
    IReadOnlyList<ReadOnlyMemory<byte>> Arguments { get; }

    /// <summary>Seen by endorsers only, never recorded in the transaction.</summary>
    IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Transient { get; }

    ClientIdentity Client { get; }

    IContractState State { get; }

    /// <summary>
    /// Reads a certificate that travelled in an argument, when it is one of this channel's members: vouched for up to
    /// its organisation's root, and not revoked. Whether it was in force at some time is the caller's question.
    /// </summary>
    /// <param name="fault">Says why it is no member's, in the same words on every peer.</param>
    bool TryReadMember(
        MspId mspId,
        ReadOnlyMemory<byte> certificatePem,
        [NotNullWhen(true)] out IMember? member,
        [NotNullWhen(false)] out string? fault);

    /// <summary>Sets the one event of this transaction; a later call replaces it.</summary>
    /// <param name="name">Not empty, at most <see cref="Limits.EventNameBytesMax"/> bytes of UTF-8.</param>
    void SetEvent(string name, ReadOnlyMemory<byte> payload);
}
