namespace Node.Contracts;

/// <summary>A contract's answer.</summary>
/// <param name="Status">As in HTTP. Below 400 peers endorse it; from 400 on they do not.</param>
/// <param name="Message">Empty for success; else what is wrong, with the value, the limit and the next step.</param>
public sealed record ContractResponse(int Status, string Message, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The least status that is not endorsed.</summary>
    public const int RefusalStatusMin = 400;

    public const int Ok = 200;
    public const int BadRequest = 400;
    public const int Forbidden = 403;
    public const int NotFound = 404;
    public const int Conflict = 409;
    public const int TooLarge = 413;
    public const int Failed = 500;

    public bool IsSuccess => Status < RefusalStatusMin;

    public static ContractResponse Success(ReadOnlyMemory<byte> payload) => new(Ok, "", payload);

    public static ContractResponse Refusal(int status, string message) => new(status, message, default);
}
