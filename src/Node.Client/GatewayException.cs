using Grpc.Core;
using Node.Protocol;
using Node.Protocol.Wire.Peer;

namespace Node.Client;

/// <summary>A call to the gateway was refused or failed. The subclass says at which step.</summary>
/// <remarks>A peer that cannot be reached at all is a <see cref="PeerUnreachableException"/> instead.</remarks>
public class GatewayException : Exception
{
    internal GatewayException(string message, TxId transactionId, RpcException? cause)
        : base(message, cause)
    {
        TransactionId = transactionId;
        Status = cause?.StatusCode ?? StatusCode.Unknown;
        Details = cause is null ? [] : RpcFaults.DetailsOf(cause);
    }

    /// <summary>None when the call was not about one transaction.</summary>
    public TxId TransactionId { get; }

    public StatusCode Status { get; }

    /// <summary>One entry for each node that refused or failed, as far as the gateway names them.</summary>
    public IReadOnlyList<EndorserFault> Details { get; }

    /// <summary>The contract's own status, as in HTTP, when it was the contract that refused.</summary>
    public int? ContractStatus => Details.Select(detail => detail.ContractStatus).FirstOrDefault(
        status => status is not null);
}

/// <summary>The endorsers did not sign: nothing was ordered, and the same call may be tried again.</summary>
public sealed class EndorseException : GatewayException
{
    internal EndorseException(string message, TxId transactionId, RpcException? cause)
        : base(message, transactionId, cause)
    {
    }
}

/// <summary>
/// No orderer is known to have taken the transaction. Its commit status says whether one did all the same.
/// </summary>
public sealed class SubmitException : GatewayException
{
    internal SubmitException(string message, TxId transactionId, RpcException? cause)
        : base(message, transactionId, cause)
    {
    }
}

/// <summary>The transaction was sent to order, and what became of it is not known: ask for its status again.</summary>
public sealed class CommitStatusException : GatewayException
{
    internal CommitStatusException(string message, TxId transactionId, RpcException? cause)
        : base(message, transactionId, cause)
    {
    }
}

/// <summary>
/// The transaction stands on the ledger as invalid: none of its writes took effect, and none ever will.
/// </summary>
public sealed class CommitException : Exception
{
    internal CommitException(CommitStatus status)
        : base(MessageOf(status))
    {
        TransactionId = status.TransactionId;
        Code = status.Code;
        BlockNumber = status.BlockNumber;
    }

    public TxId TransactionId { get; }

    public TxValidationCode Code { get; }

    public ulong BlockNumber { get; }

    private static string MessageOf(CommitStatus status)
    {
        TxValidationCodeText text = TxValidationCodeText.Of(status.Code);
        return $"Transaction {status.TransactionId} is invalid in block {status.BlockNumber}: {text.Words} " +
            $"({status.Code}). {text.NextStep}";
    }
}
