using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Node.Protocol;

namespace Node.Client.Storing.Remote;

/// <summary>What an S3 server's refusals and silences mean to us.</summary>
internal static class S3Faults
{
    /// <summary>Whether an exception is one that <see cref="Translate"/> knows.</summary>
    public static bool IsKnown(Exception e, StepLimit limit) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException
            or System.Xml.XmlException
        || limit.IsReached(e);

    /// <param name="operation">A verb phrase: "add content".</param>
    public static Exception Translate(Exception e, string operation, string location, string pointer) => e switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new StorageFailedException(
            operation, location, "there is no such bucket", e),
        AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } => new ContentMissingException(location, pointer),
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } refused =>
            new StorageFailedException(
                operation, location, $"access denied ({refused.ErrorCode}: {refused.Message.TrimEnd('.')})", e),
        AmazonS3Exception { ErrorCode: "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" } => new
            StorageFailedException(operation, location, "the bytes were altered on the way to the server", e),
        AmazonServiceException { StatusCode: HttpStatusCode.InsufficientStorage } full => new StorageFailedException(
            operation, location, $"the store is full ({full.ErrorCode})", e),
        AmazonServiceException { StatusCode: >= (HttpStatusCode)400 and < (HttpStatusCode)500 } refused =>
            new StorageFailedException(operation, location, $"{refused.ErrorCode}: {refused.Message.TrimEnd('.')}", e),
        OperationCanceledException => new StoreUnreachableException(location, "no answer in time", e),
        _ => new StoreUnreachableException(location, InnermostMessage(e), e),
    };

    private static string InnermostMessage(Exception e)
    {
        Exception inner = e;
        while (inner.InnerException is { } deeper)
            inner = deeper;

        return inner.Message.TrimEnd('.');
    }
}
